"""Who may do what: one table, and the errors of those who may not.

docs/reference/access.md is made from the table, every route names its acts in it, and the tests
try each of its cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import attrs

from polaris.domain.accounts import Role, Scope
from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    AccessDeniedError,
    ArtifactNotFoundError,
    PolarisHubError,
    PolarisUnauthorizedError,
)
from polaris.ports.artifacts import Access
from polaris_adapters.hub_server.callers import Caller

__all__ = [
    "READ",
    "TABLE",
    "Act",
    "Rule",
    "Standing",
    "allows",
    "has_scope",
    "not_found",
    "reading",
    "refusal",
    "shown_to",
    "standing",
]


class Standing(StrEnum):
    """What a caller is to an owner's artifacts, or to the hub."""

    ANONYMOUS = "anonymous"
    STRANGER = "stranger"
    MEMBER = "member"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What a caller wants to do."""

    SIGN_IN = "sign in"
    SEE_HUB = "see what the hub is"
    READ_PUBLIC = "read what is public"
    LIST_PRIVATE = "list what is private"
    READ_PRIVATE = "read what is private"
    SEE_DELETED = "see what was deleted"
    CHANGE = "publish, write and remove objects"
    DEPOSIT = "hide test targets"
    USE_ADDRESS = "use a signed address"
    CHANGE_ACCESS = "make public or private"
    DELETE = "delete an artifact"
    RESTORE = "restore an artifact"
    OWN_ACCOUNT = "see the own account, sign out"
    OWN_PASSWORD = "change the own password"  # noqa: S105
    OWN_TOKENS = "list, make and revoke own tokens"
    SEE_OWNER = "see who an owner is"
    CREATE_ORGANIZATION = "create an organization"
    SEE_MEMBERS = "see the members of an organization"
    MANAGE_MEMBERS = "add, change and remove members"
    LEAVE = "leave an organization"
    MANAGE_ACCOUNTS = "list, add and change accounts"
    OPERATE = "read metrics"


@attrs.frozen
class Rule:
    """A row of the table.

    Attributes:
        standings: Who may.
        scope: What a token has to allow for it; None for no more than being good.
        hidden: Whether those who may not are told that there is nothing, instead of that they may
            not; then a token without the scope is treated as none.
        about: What belongs to it, for the documentation.
    """

    standings: frozenset[Standing]
    scope: Scope | None = None
    hidden: bool = False
    about: str = ""


_ALL = frozenset(Standing)
_KNOWN = _ALL - {Standing.ANONYMOUS}
_MEMBERS = _KNOWN - {Standing.STRANGER}
_OWNERS = _MEMBERS - {Standing.MEMBER}
_OPERATORS = frozenset({Standing.ADMINISTRATOR})
_READ, _WRITE, _ADMIN = Scope.READ, Scope.WRITE, Scope.ADMIN

TABLE: Mapping[Act, Rule] = {
    Act.SIGN_IN: Rule(_ALL, about="with a password, a code or a token; and revoke it"),
    Act.SEE_HUB: Rule(_ALL, about="its generation, version, health, keys and documents of its API"),
    Act.READ_PUBLIC: Rule(_ALL, about="lists, search, records, versions, objects, jobs, results"),
    Act.LIST_PRIVATE: Rule(_MEMBERS, _READ, True, "in lists, search and totals"),
    Act.READ_PRIVATE: Rule(
        _MEMBERS, _READ, True, "records, versions, objects, jobs, results; what is not committed"
    ),
    Act.SEE_DELETED: Rule(_MEMBERS, _READ, about="the tombstones of an owner"),
    Act.CHANGE: Rule(_MEMBERS, _WRITE, about="begin, upload, commit; private or, at first, public"),
    Act.DEPOSIT: Rule(_MEMBERS, _WRITE, about="nobody reads them again but the scoring"),
    Act.USE_ADDRESS: Rule(_ALL, about="read or write the object it was signed for, for minutes"),
    Act.CHANGE_ACCESS: Rule(_OWNERS, _WRITE, about="of an artifact that is there"),
    Act.DELETE: Rule(_OWNERS, _WRITE, about="a tombstone stays"),
    Act.RESTORE: Rule(_OWNERS, _WRITE, about="what was deleted, or an earlier version"),
    Act.OWN_ACCOUNT: Rule(_KNOWN, about="with any token that is good"),
    Act.OWN_PASSWORD: Rule(_KNOWN, _ADMIN, about="who knows the old one"),
    Act.OWN_TOKENS: Rule(_KNOWN, _ADMIN, about="with no more scopes than the token of the call"),
    Act.SEE_OWNER: Rule(_ALL, about="slug, type, name and age; no address, no members"),
    Act.CREATE_ORGANIZATION: Rule(_KNOWN, _ADMIN, about="its first owner is who creates it"),
    Act.SEE_MEMBERS: Rule(_MEMBERS, _READ, about="their slugs and roles"),
    Act.MANAGE_MEMBERS: Rule(_OWNERS, _ADMIN, about="the last owner stays"),
    Act.LEAVE: Rule(_MEMBERS, _ADMIN, about="the own membership; the last owner stays"),
    Act.MANAGE_ACCOUNTS: Rule(_OPERATORS, _ADMIN, about="also close them and make administrators"),
    Act.OPERATE: Rule(_OPERATORS, _READ, about="of the whole hub"),
}

# Reading is one act or another, as the access of the artifact says.
READ = (Act.READ_PUBLIC, Act.READ_PRIVATE)


def standing(caller: Caller | None, owner: str | None = None) -> Standing:
    """Return what a caller is to an owner's artifacts; without an owner, to the hub."""
    if caller is None:
        return Standing.ANONYMOUS
    if caller.is_administrator:
        return Standing.ADMINISTRATOR
    role = None if owner is None else caller.role_in(owner)
    if role is None:
        return Standing.STRANGER
    return Standing.OWNER if role is Role.OWNER else Standing.MEMBER


def reading(access: Access) -> Act:
    """Return what it is to read an artifact of this access."""
    return Act.READ_PUBLIC if access == "public" else Act.READ_PRIVATE


def allows(caller: Caller | None, act: Act, owner: str | None = None) -> bool:
    """Say whether a caller, with the token of the call, may do this to what an owner has."""
    rule = TABLE[act]
    return standing(caller, owner) in rule.standings and has_scope(caller, act)


def has_scope(caller: Caller | None, act: Act) -> bool:
    """Say whether the token of a call allows an act, whoever may do it."""
    scope = TABLE[act].scope
    return scope is None or (caller is not None and scope in caller.scopes)


def shown_to(caller: Caller | None) -> frozenset[str] | None:
    """Return the owners whose private artifacts are in a caller's lists; None for all owners."""
    if caller is None or not has_scope(caller, Act.LIST_PRIVATE):
        return frozenset()
    if caller.is_administrator:
        return None
    return frozenset(o for o in caller.all_owners if allows(caller, Act.LIST_PRIVATE, o))


def refusal(caller: Caller | None, what: str) -> PolarisHubError:
    """Return the error of a caller who may not do something.

    Args:
        caller: Who.
        what: What, to follow "Cannot".
    """
    if caller is None:
        return PolarisUnauthorizedError(
            f"Cannot {what}: the hub wants to know who you are",
            hint="Sign in first: polaris auth login, or client.login().",
        )
    return AccessDeniedError(
        f"Cannot {what}: {caller.identity.user} may not",
        hint="Ask the owner for the right to do this, or sign in as somebody who has it.",
    )


def not_found(ref: ArtifactRef) -> ArtifactNotFoundError:
    """Return the error for what is not there; the same, to the letter, for what is not shown."""
    return ArtifactNotFoundError(
        f"The hub has no {ref}",
        hint="Check owner and name; what is private is shown only to those who may see it.",
    )
