"""Finding the login server: RFC 8414, OpenID Connect Discovery, the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.errors import HubReplyError, HubUnreachableError, SignInError
from polaris_adapters.hub_http.auth.discovery import LoginServer, discover

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


async def _found(made: Any) -> LoginServer:
    return await discover(made.session, made.auth._settings)


async def test_the_hub_is_asked_first(hub: LoginHub, make_auth: MakeAuth) -> None:
    server = await _found(make_auth())
    assert server.token_endpoint == "https://hub.example/token"
    assert server.device_authorization_endpoint == "https://hub.example/device"
    assert server.names_issuer
    assert [request.url.path for request in hub.requests] == [OAUTH]


async def test_openid_configuration_will_do(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.instead[OPENID] = hub._describe(httpx.Request("GET", "https://hub.example/"))
    hub.instead[OAUTH] = httpx.Response(200, text="<html>a page for everything</html>")
    server = await _found(make_auth())
    assert server.revocation_endpoint == "https://hub.example/revoke"


async def test_without_metadata_the_settings_hold(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.instead[OAUTH] = lambda _: httpx.Response(503)
    server = await _found(make_auth(token_fetch_url="https://login.example/t"))
    assert server.token_endpoint == "https://login.example/t"
    assert server.device_authorization_endpoint is None
    assert {request.url.host for request in hub.requests} == {"hub.example", "login.example"}


async def test_the_public_login_is_for_the_public_hub(make_auth: MakeAuth) -> None:
    server = await _found(make_auth(hub_url="https://polarishub.io/"))
    assert server.token_endpoint == "https://clerk.polarishub.io/oauth/token"
    assert server.authorization_endpoint == "https://clerk.polarishub.io/oauth/authorize"


async def test_no_other_hub_gets_a_token_of_the_public_login(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.instead[OAUTH] = lambda _: httpx.Response(404)
    with pytest.raises(SignInError, match="does not say where one signs in") as caught:
        await make_auth().auth.sign_in()
    assert "POLARIS_TOKEN" in caught.value.hint
    assert {request.url.host for request in hub.requests} == {"hub.example"}


async def test_a_hub_that_is_away_is_told_of_at_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.instead[OAUTH] = httpx.ConnectError("away")
    with pytest.raises(HubUnreachableError):
        await make_auth().auth.sign_in()
    assert {request.url.path for request in hub.requests} == {OAUTH}
    assert len(hub.requests) == 3


async def test_what_the_user_set_wins(make_auth: MakeAuth) -> None:
    server = await _found(make_auth(token_fetch_url="https://login.example/t"))
    assert server.token_endpoint == "https://login.example/t"
    assert server.authorization_endpoint == "https://hub.example/authorize"


@pytest.mark.parametrize("issuer", ["https://evil.example/", None, 5, "https://hub.example/x"])
async def test_metadata_of_another_issuer_are_ignored(
    hub: LoginHub, make_auth: MakeAuth, issuer: Any
) -> None:
    """RFC 8414 section 3.3."""
    hub.metadata["issuer"] = issuer
    with pytest.raises(SignInError):
        await _found(make_auth())


@pytest.mark.parametrize(
    "address", ["http://hub.example/token", "file:///etc/passwd", "https://u:p@hub.example/", 7, ""]
)
async def test_addresses_that_must_not_be_followed_are_refused(
    hub: LoginHub, make_auth: MakeAuth, address: Any
) -> None:
    hub.metadata["token_endpoint"] = address
    with pytest.raises(HubReplyError, match="token_endpoint"):
        await _found(make_auth())


async def test_a_hub_below_a_path_is_asked_where_the_rfc_says(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    """RFC 8414 section 3.1 puts the path behind the well-known part."""
    with pytest.raises(SignInError):
        await _found(make_auth(hub_url="https://hub.example/sub/"))
    paths = [request.url.path for request in hub.requests]
    assert paths[:2] == [f"{OAUTH}/sub", f"/sub{OPENID}"]
