"""Whose tokens are, on a hub that keeps accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.accounts import Membership, Role, Scope
from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind
from polaris.testing import InMemoryAccounts
from polaris_adapters.hub_server.account_callers import AccountCallers

World = Any


async def test_a_token_tells_the_account_its_roles_and_its_scopes(world: World) -> None:
    token = await world.token("bobby", scopes=frozenset({"read", "openid"}))
    caller = await world.callers.find(token)
    assert caller is not None
    assert (caller.identity.user.slug, caller.identity.user.type) == ("bobby", "user")
    assert (caller.account_id, caller.is_administrator) == ("id-of-bobby", False)
    assert caller.scopes == {Scope.READ}
    assert dict(caller.roles) == {"acme": Role.MEMBER}
    assert caller.all_owners == {"acme", "bobby"}
    assert caller.role_in("bobby") is Role.OWNER
    assert caller.role_in("elsewhere") is None
    assert caller.credential.digest == digest_of_secret(token)
    assert token.reveal() not in repr(caller)


async def test_access_tokens_are_good_too(world: World) -> None:
    token = await world.token("alice", kind=CredentialKind.ACCESS)
    assert (await world.callers.find(token)).role_in("acme") is Role.OWNER


@pytest.mark.parametrize("kind", sorted(set(CredentialKind) - {"personal", "access"}))
async def test_a_credential_for_another_purpose_is_no_token(
    world: World, kind: CredentialKind
) -> None:
    assert await world.callers.find(await world.token("alice", kind=kind)) is None


@pytest.mark.parametrize("text", ["", "x", "polaris_pat_", "polaris_pat_" + "0" * 49, "\udcff"])
async def test_what_is_no_token_is_nobodys(world: World, text: str) -> None:
    assert await world.callers.find(Secret(text)) is None
    await world.callers.forget(Secret(text))


async def test_a_token_that_was_never_given_out_is_nobodys(world: World) -> None:
    assert await world.callers.find(new_secret(CredentialKind.PERSONAL)) is None


async def test_a_token_ends(world: World) -> None:
    token = await world.token("alice", days=1)
    assert await world.callers.find(token) is not None
    world.clock.advance(timedelta(days=1).total_seconds())
    assert await world.callers.find(token) is None


async def test_signing_out_ends_the_whole_sign_in(world: World) -> None:
    access = await world.token("alice", kind=CredentialKind.ACCESS, family="one")
    refresh = await world.token("alice", kind=CredentialKind.REFRESH, family="one")
    other = await world.token("alice", kind=CredentialKind.ACCESS, family="two")
    await world.callers.forget(access)
    assert await world.callers.find(access) is None
    kept = await world.credentials.find(CredentialKind.REFRESH, digest_of_secret(refresh))
    assert not kept.is_good(world.clock.now())
    assert await world.callers.find(other) is not None


async def test_a_token_that_is_revoked_by_another_process_is_good_no_more(world: World) -> None:
    token = world.tokens["owner"]
    assert await world.callers.find(token) is not None
    await world.credentials.revoke(now=world.clock.now(), account="id-of-alice")
    assert await world.callers.find(token) is None


async def test_tokens_of_a_closed_account_are_good_no_more(world: World) -> None:
    await world.close("alice")
    assert await world.callers.find(world.tokens["owner"]) is None
    assert await world.callers.of_name("alice") is None


async def test_nobody_belongs_to_a_closed_organization(world: World) -> None:
    await world.close("acme")
    assert (await world.callers.find(world.tokens["owner"])).role_in("acme") is None


async def test_an_organization_cannot_call(world: World) -> None:
    assert await world.callers.find(await world.token("acme")) is None
    assert await world.callers.of_name("acme") is None


async def test_what_changes_elsewhere_is_known_after_a_moment(world: World) -> None:
    token = world.tokens["owner"]
    assert (await world.callers.find(token)).role_in("acme") is Role.OWNER
    await world.accounts.set_role("acme", "alice", None)
    world.clock.advance(4.9)
    assert (await world.callers.find(token)).role_in("acme") is Role.OWNER
    world.clock.advance(0.2)
    assert (await world.callers.find(token)).role_in("acme") is None


async def test_what_changes_here_is_known_at_once(world: World) -> None:
    token = world.tokens["owner"]
    assert await world.callers.find(token) is not None
    await world.close("alice")
    world.callers.refresh()
    assert await world.callers.find(token) is None


async def _role(callers: AccountCallers) -> Role | None:
    caller = await callers.of_name("alice")
    assert caller is not None
    return caller.role_in("acme")


async def test_nothing_need_be_remembered(world: World) -> None:
    callers = AccountCallers(world.accounts, world.credentials, world.clock, seconds=0)
    assert await _role(callers) is Role.OWNER
    await world.accounts.set_role("acme", "alice", None)
    assert await _role(callers) is None


@attrs.define
class _Counting(InMemoryAccounts):
    """Counts the questions, and lets something happen while one is answered."""

    asked: int = 0
    meanwhile: Any = None

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    async def memberships(self, user: str, /) -> list[Membership]:
        self.asked += 1
        found = await super().memberships(user)
        if self.meanwhile is not None:
            await self.meanwhile()
        return found


async def _counting(world: World, **given: Any) -> tuple[_Counting, AccountCallers]:
    accounts = _Counting()
    for slug in ("alice", "bobby", "mallory"):
        await accounts.add(await world.accounts.find(slug))
    await accounts.add(await world.accounts.find("acme"))
    await accounts.set_role("acme", "alice", Role.OWNER)
    return accounts, AccountCallers(accounts, world.credentials, world.clock, **given)


async def test_accounts_are_remembered_and_not_too_many(world: World) -> None:
    accounts, callers = await _counting(world, most=2)
    for _ in range(3):
        assert await callers.of_name("alice") is not None
    assert accounts.asked == 1
    for name in ("bobby", "mallory", "alice"):
        assert await callers.of_name(name) is not None
    assert accounts.asked == 4


async def test_what_was_read_before_a_change_is_not_remembered_after_it(world: World) -> None:
    accounts, callers = await _counting(world)

    async def change() -> None:
        accounts.meanwhile = None
        await accounts.set_role("acme", "alice", None)
        callers.refresh()

    accounts.meanwhile = change
    assert await _role(callers) is Role.OWNER
    assert await _role(callers) is None
