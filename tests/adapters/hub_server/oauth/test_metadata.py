"""What the hub says of itself, and the keys of its ID tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from polaris_adapters.hub_server.oauth.signing import SigningKeys
from tests.adapters.hub_server.oauth.driving import HUB

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Hub

DAY = 86400


@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
async def test_the_metadata_are_as_the_standards_want_them(hub: Hub, name: str) -> None:
    """RFC 8414 section 2, OpenID Connect Discovery section 3: authlib validates them."""
    reply = await hub.http.get(f"{HUB}/.well-known/{name}")
    found = reply.json()
    AuthorizationServerMetadata(found).validate()
    OpenIDProviderMetadata(found).validate()
    assert found["issuer"] == HUB
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "private" not in reply.headers["cache-control"]


async def test_what_is_announced_is_there(hub: Hub) -> None:
    found = (await hub.http.get(f"{HUB}/.well-known/openid-configuration")).json()
    for name, url in found.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            posts = name.startswith(("token", "revocation", "introspection", "device"))
            reply = await hub.http.request("POST" if posts else "GET", url)
            assert reply.status_code not in (404, 405, 500), name


async def test_without_an_address_it_is_as_the_caller_sees_it(
    open_hub: Callable[..., Any],
) -> None:
    hub = await open_hub(url=None)
    path = "/.well-known/openid-configuration"
    found = await hub.http.get(f"http://127.0.0.1:8000{path}")
    assert found.json()["issuer"] == "http://127.0.0.1:8000"
    for host in ("a b", "evil.example/x", "user@evil.example", '"><script>'):
        reply = await hub.http.get(f"{HUB}{path}", headers={"host": host})
        assert reply.status_code == 400


async def _keys(hub: Hub) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await hub.http.get(f"{HUB}/oauth2/jwks.json")).json()["keys"]
    return found


async def test_only_public_parts_of_keys_are_shown(hub: Hub) -> None:
    keys = await _keys(hub)
    assert sorted(key["alg"] for key in keys) == ["ES256", "RS256"]
    for key in keys:
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"}
        assert key["use"] == "sig"
        assert key["kid"]


async def test_keys_take_turns_and_what_they_signed_stays_good(hub: Hub) -> None:
    signing = SigningKeys(hub.provider.keys, hub.clock)

    async def kid() -> str:
        token = await signing.sign({"sub": "x"}, "ES256")
        keys = KeySet.import_key_set({"keys": await _keys(hub)})
        return str(jwt.decode(token, keys, ["ES256"]).header["kid"])

    first = await kid()
    hub.clock.advance(89 * DAY)
    assert await kid() == first
    hub.clock.advance(DAY)
    assert await kid() == first  # The next one is published, and does not sign yet.
    assert len(await _keys(hub)) == 4
    hub.clock.advance(DAY + 1)
    second = await kid()
    assert second != first
    assert len(await _keys(hub)) == 4
    hub.clock.advance(2 * DAY)
    assert await kid() == second
    assert len(await _keys(hub)) == 2


async def test_a_key_that_others_may_have_is_forgotten_at_once(hub: Hub) -> None:
    signing = SigningKeys(hub.provider.keys, hub.clock)
    token = await signing.sign({"sub": "x"}, "RS256")
    assert await signing.read(token) == {"sub": "x"}
    await signing.rotate(at_once=True)
    assert await signing.read(token) is None
    assert len(await _keys(hub)) == 2
    await signing.rotate()
    assert len(await _keys(hub)) == 4
