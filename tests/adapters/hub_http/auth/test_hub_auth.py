"""`HubAuth` as an `AuthPort`: the suites, accounts, damaged and full vaults, what is shown."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import DamagedFileError, PolarisError, PolarisUnauthorizedError, StorageError
from polaris.testing import AccountsSuite, SignOutSuite
from polaris_adapters.hub_http.auth import HubAuth
from polaris_adapters.hub_http.call import Call

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


class TestHubAuth(SignOutSuite):
    @pytest.fixture
    def auth(self, make_auth: MakeAuth) -> HubAuth:
        found = make_auth().auth
        assert isinstance(found, HubAuth)
        return found


class TestHubAuthAccounts(AccountsSuite):
    @pytest.fixture
    def accounts(self, make_auth: MakeAuth) -> HubAuth:
        found = make_auth().auth
        assert isinstance(found, HubAuth)
        return found


async def test_signing_in_twice_asks_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = make_auth()
    first = await made.auth.sign_in()
    count = len(hub.requests)
    assert await made.auth.sign_in() == first
    assert await make_auth(vault=made.vault).auth.sign_in() == first
    assert len(hub.requests) == count
    await made.auth.sign_in(overwrite=True)
    assert len(hub.requests) > count


async def test_one_can_be_several_and_switch(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = make_auth()
    await made.auth.sign_in()
    hub.user = "other-user"
    await made.auth.sign_in(overwrite=True)
    assert (await made.auth.status()).accounts == ("alice", "other-user")
    assert await made.auth.switch() == "alice"
    assert (await made.auth.identity()).user.slug == "alice"
    other = make_auth(vault=made.vault)
    assert (await other.auth.identity()).user.slug == "alice"
    await other.auth.sign_out()
    with pytest.raises(PolarisUnauthorizedError):
        await other.auth.identity()
    assert await other.auth.switch("other-user") == "other-user"
    assert (await other.auth.identity()).user.slug == "other-user"


async def test_two_sign_ins_at_once_both_succeed(hub: LoginHub, make_auth: MakeAuth) -> None:
    first = make_auth()
    others = [first, *(make_auth(vault=first.vault) for _ in range(3))]
    found = await asyncio.gather(*(made.auth.sign_in() for made in others))
    assert {identity.user.slug for identity in found} == {"alice"}
    again = make_auth(vault=first.vault)
    assert await again.auth.token()
    assert (await again.auth.status()).accounts == ("alice",)


async def test_a_damaged_vault_is_an_error_until_the_next_sign_in(
    make_auth: MakeAuth,
) -> None:
    made = make_auth()
    made.vault.is_damaged = True
    with pytest.raises(DamagedFileError) as caught:
        await made.auth.current()
    assert caught.value.hint
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert any("cannot be read" in event.message for event in made.person.events)
    assert await make_auth(vault=made.vault).auth.current() is not None


async def test_a_vault_that_keeps_nothing_is_found_out_before_anybody_is_asked(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()
    made.vault.is_full = True
    with pytest.raises(StorageError):
        await made.auth.sign_in()
    assert hub.requests == []
    assert made.person.events == []


async def test_a_fresh_token_is_not_thrown_away_when_the_vault_fails_at_the_end(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()

    def fills(request: httpx.Request) -> httpx.Response:
        made.vault.is_full = True
        found = hub._user_info(request)
        assert isinstance(found, httpx.Response)
        return found

    hub.instead["/userinfo"] = fills
    with pytest.raises(StorageError, match="until this process ends"):
        await made.auth.sign_in()
    assert (await made.auth.token()).reveal() == "hub-access-2"


async def test_a_user_info_that_is_away_is_stood_in_for_by_the_token(
    hub: LoginHub, make_auth: MakeAuth, jwt: Callable[..., str]
) -> None:
    hub.instead["/userinfo"] = lambda _: httpx.Response(500)
    hub.instead["/api/auth/token"] = httpx.Response(
        200, json={"access_token": jwt({"sub": "user_2abc", "email": "carol@example.org"})}
    )
    identity = await make_auth().auth.sign_in()
    assert identity.user.slug == "carol"
    assert identity.user.external_id == "user_2abc"


async def test_a_hub_without_protection_is_warned_of(make_auth: MakeAuth) -> None:
    made = make_auth(api_url="http://hub.example/api")
    await made.auth.sign_in()
    assert "not https" in made.person.events[0].message
    assert "not https" not in repr(await _events(make_auth(api_url="http://127.0.0.1/api")))


async def _events(made: Any) -> Any:
    await made.auth.sign_in()
    return made.person.events


@pytest.mark.parametrize(
    ("claims", "slug"),
    [
        ({"username": "Some_User"}, "some-user"),
        ({"username": "bob"}, "bob-user"),
        ({"username": 5, "email": "dana.scully@x.org"}, "dana-scully"),
        ({"username": "\u4e2d\u6587", "sub": "user_1"}, "user-1"),
        ({"username": "x" * 200}, "x" * 64),
        ({"preferred_username": "-a--b-"}, "a-b-user"),
    ],
)
async def test_every_user_gets_a_slug(
    hub: LoginHub, make_auth: MakeAuth, claims: dict[str, Any], slug: str
) -> None:
    hub.instead["/userinfo"] = httpx.Response(200, json=claims)
    assert (await make_auth().auth.sign_in()).user.slug == slug


async def test_no_secret_is_shown_anywhere(
    hub: LoginHub,
    make_auth: MakeAuth,
    secrets_of: Callable[[LoginHub], list[Secret]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        made = make_auth(environment={"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret"})
        await made.auth.sign_in()
        made.clock.advance(590)
        await made.auth.token()
        hub.instead["/api/v1/dataset"] = lambda _: httpx.Response(401)
        hub.live.clear()
        shown: list[str] = []
        made.clock.advance(700)
        for call in (made.auth.token(), made.session.send(Call("GET", "v1/dataset", "list"))):
            with pytest.raises(PolarisError) as caught:
                await call
            shown += [repr(caught.value), "".join(traceback.format_exception(caught.value))]
        await made.auth.sign_out()
    shown += [repr(made), repr(vars(made.auth)), repr(made.vault.saved), caplog.text]
    shown += [repr(event) for event in made.person.events]
    text = "\n".join(shown)
    leaked = [secret.reveal() for secret in secrets_of(hub) if secret.reveal() in text]
    assert leaked == []
    assert "device-code-secret" not in text
    assert "runner-secret" not in text
