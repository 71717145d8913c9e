"""Who may do what: one table, and the errors of those who may not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    AccessDeniedError,
    ArtifactNotFoundError,
    PolarisHubError,
    PolarisUnauthorizedError,
)
from polaris.ports.artifacts import Access
from polaris_adapters.hub_server.callers import Caller

__all__ = ["ALLOWED", "Act", "Standing", "allows", "not_found", "reading", "refusal", "standing"]


class Standing(StrEnum):
    """What a caller is to an owner's artifacts."""

    ANONYMOUS = "anonymous"
    STRANGER = "stranger"
    OWNER = "owner"


class Act(StrEnum):
    """What a caller wants to do; reading includes listing, objects and jobs."""

    READ_PUBLIC = "read what is public"
    READ_PRIVATE = "read what is private"
    CHANGE = "publish, write, remove or hide"
    ACCOUNT = "look at the own account, or sign out"


_A, _S, _O = Standing.ANONYMOUS, Standing.STRANGER, Standing.OWNER

ALLOWED: Mapping[Act, frozenset[Standing]] = {
    Act.READ_PUBLIC: frozenset({_A, _S, _O}),
    Act.READ_PRIVATE: frozenset({_O}),
    Act.CHANGE: frozenset({_O}),
    Act.ACCOUNT: frozenset({_S, _O}),
}


def standing(caller: Caller | None, owner: str) -> Standing:
    """Return what a caller is to an owner's artifacts."""
    if caller is None:
        return Standing.ANONYMOUS
    return Standing.OWNER if caller.acts_for(owner) else Standing.STRANGER


def reading(access: Access) -> Act:
    """Return what it is to read an artifact of this access."""
    return Act.READ_PUBLIC if access == "public" else Act.READ_PRIVATE


def allows(caller: Caller | None, act: Act, owner: str) -> bool:
    """Say whether a caller may do this to an owner's artifacts."""
    return standing(caller, owner) in ALLOWED[act]


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
