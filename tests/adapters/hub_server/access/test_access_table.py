"""The table itself, said once more by hand: a change of it has to be meant."""

from __future__ import annotations

import pytest

from polaris.domain.accounts import Role, Scope
from polaris.domain.identity import HubOwner
from polaris.ports.auth import Identity
from polaris_adapters.hub_server import Caller
from polaris_adapters.hub_server.access import (
    TABLE,
    Act,
    Standing,
    allows,
    shown_to,
    standing,
)

# Who may, in the order of the standings: anonymous, stranger, member, owner, administrator.
EXPECTED = """
SIGN_IN             a s m o A  -
SEE_HUB             a s m o A  -
READ_PUBLIC         a s m o A  -
LIST_PRIVATE        . . m o A  read
READ_PRIVATE        . . m o A  read
SEE_DELETED         . . m o A  read
CHANGE              . . m o A  write
DEPOSIT             . . m o A  write
USE_ADDRESS         a s m o A  -
CHANGE_ACCESS       . . . o A  write
DELETE              . . . o A  write
RESTORE             . . . o A  write
OWN_ACCOUNT         . s m o A  -
OWN_PASSWORD        . s m o A  admin
OWN_TOKENS          . s m o A  admin
SEE_OWNER           a s m o A  -
CREATE_ORGANIZATION . s m o A  admin
SEE_MEMBERS         . . m o A  read
MANAGE_MEMBERS      . . . o A  admin
LEAVE               . . m o A  admin
MANAGE_ACCOUNTS     . . . . A  admin
OPERATE             . . . . A  read
"""


def _caller(**given: object) -> Caller:
    return Caller(Identity(HubOwner("alice", type="user")), **given)  # type: ignore[arg-type]


def test_the_table_says_what_it_says() -> None:
    lines = []
    for act, rule in TABLE.items():
        letters = zip("asmoA", Standing, strict=True)
        cells = " ".join(letter if who in rule.standings else "." for letter, who in letters)
        lines.append(f"{act.name:<19} {cells}  {rule.scope or '-'}")
    assert lines == EXPECTED.strip().splitlines()


def test_only_what_tells_of_artifacts_is_hidden() -> None:
    assert {act for act, rule in TABLE.items() if rule.hidden} == {
        Act.LIST_PRIVATE,
        Act.READ_PRIVATE,
    }


def test_what_somebody_is() -> None:
    roles = {"acme": Role.OWNER, "umbrella": Role.MEMBER}
    caller = _caller(roles=roles)
    assert standing(None, "acme") is Standing.ANONYMOUS
    assert standing(caller, "acme") is Standing.OWNER
    assert standing(caller, "alice") is Standing.OWNER
    assert standing(caller, "umbrella") is Standing.MEMBER
    assert standing(caller, "elsewhere") is Standing.STRANGER
    assert standing(caller) is Standing.STRANGER
    assert standing(_caller(is_administrator=True), "elsewhere") is Standing.ADMINISTRATOR


def test_owners_that_are_given_are_owned() -> None:
    caller = _caller(owners={"acme"}, roles={"acme": Role.MEMBER})
    assert standing(caller, "acme") is Standing.OWNER
    assert caller.scopes == frozenset(Scope)


@pytest.mark.parametrize("scope", Scope)
def test_no_scope_includes_another(scope: Scope) -> None:
    caller = _caller(scopes={scope}, is_administrator=True)
    allowed = {act for act in Act if allows(caller, act)}
    assert allowed == {act for act, rule in TABLE.items() if rule.scope in (None, scope)}


def test_whose_private_artifacts_are_listed() -> None:
    roles = {"umbrella": Role.MEMBER}
    assert shown_to(None) == frozenset()
    shown = shown_to(_caller(roles=roles, owners={"acme"}))
    assert shown == frozenset({"alice", "umbrella", "acme"})
    assert shown_to(_caller(roles=roles, scopes={Scope.WRITE})) == frozenset()
    assert shown_to(_caller(is_administrator=True)) is None
    assert shown_to(_caller(is_administrator=True, scopes={Scope.ADMIN})) == frozenset()
