"""As which client one signs in to a hub that says so, and whose tokens its API takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.errors import HubUnreachableError
from polaris.testing import ScriptedInteraction
from polaris_adapters.hub_http.auth.announced_login import LoginClient, login_client
from polaris_adapters.hub_http.auth.discovery import discover
from polaris_adapters.hub_http.auth.sign_in_settings import PUBLIC_CLIENT_ID

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth

WHERE = "/.well-known/polaris-hub"
SAID = {"issuer": "https://hub.example", "client_id": "some-client", "scopes": "openid read write"}


def _says(hub: LoginHub, login: Any) -> None:
    hub.instead[WHERE] = httpx.Response(200, json={"generation": 3, "login": login})


async def _found(made: Any) -> LoginClient:
    return await login_client(made.session, made.auth._settings)


async def test_the_hub_says_as_which_client_one_signs_in(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    _says(hub, SAID)
    found = await _found(make_auth(client_id=PUBLIC_CLIENT_ID))
    assert found == LoginClient("some-client", "openid read write")


@pytest.mark.parametrize(
    "given",
    [
        {"client_id": "my-own"},
        {"client_id": PUBLIC_CLIENT_ID, "hub_url": "https://polarishub.io/"},
    ],
)
async def test_what_the_user_set_holds_and_the_public_hub_is_not_asked(
    hub: LoginHub, make_auth: MakeAuth, given: dict[str, str]
) -> None:
    _says(hub, SAID)
    assert await _found(make_auth(**given)) == LoginClient(given["client_id"], "profile email")
    assert hub.requests == []


async def test_scopes_that_the_user_set_hold(hub: LoginHub, make_auth: MakeAuth) -> None:
    _says(hub, SAID)
    found = await _found(make_auth(client_id=PUBLIC_CLIENT_ID, scopes="openid admin"))
    assert found == LoginClient("some-client", "openid admin")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(200, text="<html>a page for everything</html>"),
        httpx.Response(200, json={"generation": 3}),
        httpx.Response(200, json={"login": "yes"}),
        httpx.Response(200, json={"login": {"client_id": 5}}),
        httpx.Response(200, json={"login": {"client_id": "two\nlines"}}),
    ],
)
async def test_a_hub_that_does_not_say_keeps_the_default(
    hub: LoginHub, make_auth: MakeAuth, answer: httpx.Response
) -> None:
    hub.instead[WHERE] = answer
    found = await _found(make_auth(client_id=PUBLIC_CLIENT_ID))
    assert found == LoginClient(PUBLIC_CLIENT_ID, "profile email")


async def test_a_hub_that_is_away_is_told_of(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.instead[WHERE] = httpx.ConnectError("away")
    with pytest.raises(HubUnreachableError):
        await _found(make_auth(client_id=PUBLIC_CLIENT_ID))


async def test_tokens_of_a_hub_that_is_its_own_login_server_are_used_as_they_are(
    hub: LoginHub, make_auth: MakeAuth, pasting: ScriptedInteraction
) -> None:
    _says(hub, SAID)
    hub.metadata["protected_resources"] = ["https://hub.example/api"]
    made = make_auth(person=pasting, client_id=PUBLIC_CLIENT_ID)
    await made.auth.sign_in()
    assert (await made.auth.token()).reveal().startswith("external-access-")
    paths = [request.url.path for request in hub.requests]
    assert "/api/auth/token" not in paths
    assert paths.count(WHERE) == 1
    made.clock.advance(600)
    await made.auth.token()
    assert [f["client_id"] for f in hub.forms("/token")] == ["some-client", "some-client"]
    assert hub.forms("/token")[-1]["scope"] == "openid read write"
    await made.auth.sign_out()
    assert {f["client_id"] for f in hub.forms("/revoke")} == {"some-client"}


@pytest.mark.parametrize(
    "metadata",
    [
        {"protected_resources": ["https://hub.example/api"],
         "token_endpoint": "https://good.example/token"},
        {"protected_resources": ["https://good.example/api"]},
        {"protected_resources": "https://hub.example/api"},
        {"protected_resources": [5]},
        {},
    ],
)  # fmt: skip
async def test_a_hub_does_not_get_tokens_that_another_server_has_given_for_itself(
    hub: LoginHub, make_auth: MakeAuth, metadata: dict[str, Any]
) -> None:
    hub.metadata |= metadata
    made = make_auth()
    server = await discover(made.session, made.auth._settings)
    assert not server.is_for("https://hub.example/api")
