"""Signing in by an OpenID provider elsewhere (OpenID Connect Core section 3.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

from polaris.domain.secret import Secret
from polaris.errors import HubUnreachableError
from polaris.ports.accounts import ExternalIdentity
from polaris.testing import ManualClock
from polaris_adapters.hub_server.oauth import ExternalProvider, Fetched
from tests.adapters.hub_server.oauth.driving import HUB

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Browser, Hub

ISSUER = "https://login.example"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


@attrs.define
class FakeProvider:
    """An OpenID provider behind the port of calls.

    Attributes:
        claims: Further claims of its ID tokens; None takes one away.
        metadata: Further metadata.
        answers: By path, what is answered in place of the usual.
        key: What it signs with, and how.
        calls: What it was asked.
    """

    clock: ManualClock
    claims: dict[str, Any] = attrs.field(factory=dict)
    metadata: dict[str, Any] = attrs.field(factory=dict)
    info: dict[str, Any] = attrs.field(factory=dict)
    answers: dict[str, Any] = attrs.field(factory=dict)
    key: Any = KEY
    alg: str = "RS256"
    calls: list[tuple[str, str, dict[str, str], dict[str, str]]] = attrs.field(factory=list)
    asked: dict[str, str] = attrs.field(factory=dict)

    async def __call__(
        self,
        method: str,
        url: str,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Fetched:
        self.calls.append((method, url, dict(headers or {}), dict(form or {})))
        path = urlsplit(url).path
        planned = self.answers.get(path)
        if isinstance(planned, Exception):
            raise planned
        if planned is not None:
            assert isinstance(planned, Fetched)
            return planned
        answers: dict[str, Callable[[], Any]] = {
            "/.well-known/openid-configuration": self._metadata,
            "/token": self._tokens,
            "/keys": lambda: {"keys": [KEY.as_dict(private=False), {"kty": "oct", "k": "x"}]},
            "/me": lambda: {"sub": "user-1", "email": "eve@pharma.example"} | self.info,
        }
        return Fetched(200, json.dumps(answers[path]()).encode())

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/me",
            "authorization_response_iss_parameter_supported": True,
        } | self.metadata

    def _tokens(self) -> dict[str, Any]:
        form = self.calls[-1][3]
        assert create_s256_code_challenge(form["code_verifier"]) == self.asked["code_challenge"]
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER, "sub": "user-1", "aud": "hub", "iat": now, "exp": now + 60,
            "nonce": self.asked["nonce"], "preferred_username": "Eve Example",
            "email": "eve@pharma.example", "email_verified": True,
        } | self.claims  # fmt: skip
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.alg, "kid": "k1"}
        token = jwt.encode(header, said, self.key, [self.alg])
        return {"access_token": "at", "token_type": "Bearer", "id_token": token}


Opened = tuple[Any, FakeProvider]


@pytest.fixture
async def opened(open_hub: Callable[..., Any], clock: ManualClock) -> Any:
    fake = FakeProvider(clock)
    external = ExternalProvider(
        issuer=ISSUER, client_id="hub", client_secret=Secret("s3 cret"), creates_accounts=True,
        name="Example Pharma",
    )  # fmt: skip
    return await open_hub(fetch=fake, external=external), fake


async def _there(hub: Hub, fake: FakeProvider, path: str = "/sign-in") -> str:
    """Go to the provider, and return the state."""
    await hub.browser.open(path)
    link = hub.browser.text.partition('href="/oauth2/external')[2].partition('"')[0]
    await hub.browser.open(f"/oauth2/external{link.replace('&amp;', '&')}")
    assert hub.browser.left is not None, hub.browser.text
    asked = parse_qs(urlsplit(hub.browser.left).query)
    fake.asked = {name: found[0] for name, found in asked.items()}
    return fake.asked["state"]


async def _back(browser: Browser, state: str, **changes: str | None) -> None:
    given = {"code": "c0de", "state": state, "iss": ISSUER, **changes}
    sent = {name: value for name, value in given.items() if value is not None}
    await browser.open("/oauth2/external/callback", params=sent)


async def _changed(hub: Hub, **changes: Any) -> None:
    settings = hub.provider.settings
    assert settings.external is not None
    external = attrs.evolve(settings.external, **changes)
    object.__setattr__(hub.provider, "settings", attrs.evolve(settings, external=external))


async def test_somebody_new_gets_an_account_and_later_the_same_one(opened: Opened) -> None:
    hub, fake = opened
    state = await _there(hub, fake)
    assert hub.browser.left.startswith(f"{ISSUER}/auth?")
    assert fake.asked["redirect_uri"] == f"{HUB}/oauth2/external/callback"
    assert fake.asked["code_challenge_method"] == "S256"
    await _back(hub.browser, state)
    assert "Your account" in hub.browser.text
    [token_call] = [call for call in fake.calls if call[1].endswith("/token")]
    basic = base64.b64encode(b"hub:s3+cret").decode()
    assert token_call[2]["authorization"] == f"Basic {basic}"
    found = await hub.provider.accounts.find("eve-example")
    assert found is not None
    assert found.email == "eve@pharma.example"
    fake.claims = {"preferred_username": "somebody-else"}
    hub.browser = hub.new_browser()
    await _back(hub.browser, await _there(hub, fake))
    assert "eve-example" in hub.browser.text


async def test_a_sign_in_for_a_program_goes_on_where_it_was(opened: Opened) -> None:
    hub, fake = opened
    state = await _there(hub, fake, hub.authorize_url())
    await _back(hub.browser, state)
    assert "<h1>Allow" in hub.browser.text
    await hub.browser.send(decision="allow")
    assert (await hub.redeem(hub.browser.answer["code"])).status_code == 200


async def test_only_accounts_that_are_linked_where_none_are_made(opened: Opened) -> None:
    hub, fake = opened
    await _changed(hub, creates_accounts=False)
    await _back(hub.browser, await _there(hub, fake))
    assert (hub.browser.status, "no account" in hub.browser.text) == (403, True)
    await hub.provider.accounts.link_external(hub.alice.id, ExternalIdentity(ISSUER, "user-1"))
    await _back(hub.browser, await _there(hub, fake))
    assert "alice" in hub.browser.text
    await hub.provider.accounts.change(attrs.evolve(hub.alice, closed_at=hub.clock.now()))
    hub.browser = hub.new_browser()
    await _back(hub.browser, await _there(hub, fake))
    assert (hub.browser.status, "closed" in hub.browser.text) == (403, True)


@pytest.mark.parametrize(
    ("claims", "may"),
    [
        ({}, True),
        ({"email": "eve@PHARMA.example"}, True),
        ({"email": "eve@evil.example"}, False),
        ({"email": "eve@sub.pharma.example"}, False),
        ({"email": "pharma.example"}, False),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({"email_verified": None}, False),
    ],
)
async def test_only_verified_addresses_of_some_domains(
    opened: Opened, claims: dict[str, Any], may: bool
) -> None:
    hub, fake = opened
    await _changed(hub, email_domains={"pharma.example"})
    fake.claims = claims
    await _back(hub.browser, await _there(hub, fake))
    assert (hub.browser.status == 200) is may


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["hub", "another"]},
        {"aud": ["hub", "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"exp": "later"},
        {"iat": None},
        {"iat": 1},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    opened: Opened, claims: dict[str, Any]
) -> None:
    """OpenID Connect Core section 3.1.3.7."""
    hub, fake = opened
    fake.claims = claims
    await _back(hub.browser, await _there(hub, fake))
    assert (hub.browser.status, "Your account" in hub.browser.text) == (502, False)


@pytest.mark.parametrize("how", ["another key", "the public key", "the secret", "none"])
async def test_an_id_token_that_others_have_signed_is_refused(opened: Opened, how: str) -> None:
    hub, fake = opened
    if how == "another key":
        fake.key = OTHER_KEY
        await _back(hub.browser, await _there(hub, fake))
        assert hub.browser.status == 502
        return
    state = await _there(hub, fake)
    now = int(hub.clock.now().timestamp())
    header = {"alg": "none" if how == "none" else "HS256", "kid": "k1"}
    claims = {"iss": ISSUER, "sub": "user-1", "aud": "hub", "iat": now, "exp": now + 60,
              "nonce": fake.asked["nonce"]}  # fmt: skip
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    secret = KEY.as_pem(private=False) if how == "the public key" else b"s3 cret"
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    token = f"{signed}.{'' if how == 'none' else _encoded(signature)}"
    fake.answers["/token"] = Fetched(200, json.dumps({"id_token": token}).encode())
    await _back(hub.browser, state)
    assert hub.browser.status == 502


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "guessed"},
        {"state": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"code": None},
    ],
)
async def test_an_answer_that_does_not_belong_here_is_refused(
    opened: Opened, changes: dict[str, str | None]
) -> None:
    hub, fake = opened
    state = await _there(hub, fake)
    await _back(hub.browser, **{"state": state, **changes})  # type: ignore[arg-type]
    assert hub.browser.status == 400
    assert not [call for call in fake.calls if call[1].endswith("/token")]


async def test_an_answer_is_taken_once_in_the_browser_that_asked_and_in_time(
    opened: Opened,
) -> None:
    hub, fake = opened
    state = await _there(hub, fake)
    stranger = hub.new_browser()
    await stranger.open("/sign-in")
    await _back(stranger, state)
    assert stranger.status == 400
    await _back(hub.browser, state)
    assert hub.browser.status == 200
    await _back(hub.browser, state)
    assert hub.browser.status == 400
    late = await _there(hub, fake, "/sign-in?again=1")
    hub.clock.advance(601)
    await _back(hub.browser, late)
    assert hub.browser.status == 400


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", HubUnreachableError("away")),
        ("/.well-known/openid-configuration", Fetched(500, b"oops")),
        ("/.well-known/openid-configuration", Fetched(200, b"[1]")),
        ("/.well-known/openid-configuration", Fetched(200, b"<html>")),
    ],
)
async def test_a_provider_that_does_not_answer_is_told_on_a_page(
    opened: Opened, path: str, answer: Any
) -> None:
    hub, fake = opened
    fake.answers[path] = answer
    await hub.browser.open("/oauth2/external")
    assert (hub.browser.status, hub.browser.left) == (502, None)
    assert "were not signed in" in hub.browser.text


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": f"{ISSUER}/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://login.example/auth"},
        {"token_endpoint": "https://login.example\\@evil.example/"},
        {"token_endpoint": None},
        {"jwks_uri": 5},
        {"userinfo_endpoint": "file:///etc/passwd"},
    ],
)
async def test_metadata_that_cannot_be_are_refused(
    opened: Opened, metadata: dict[str, Any]
) -> None:
    hub, fake = opened
    fake.metadata = metadata
    await hub.browser.open("/oauth2/external")
    assert (hub.browser.status, hub.browser.left) == (502, None)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/token", Fetched(400, b'{"error": "invalid_grant"}')),
        ("/token", Fetched(200, b"{}")),
        ("/token", Fetched(200, b'{"id_token": "a.b.c"}')),
        ("/keys", Fetched(200, b'{"keys": "none"}')),
        ("/keys", Fetched(200, b'{"keys": [{"kty": "RSA"}]}')),
        ("/me", Fetched(401, b"{}")),
        ("/token", HubUnreachableError("away")),
    ],
)
async def test_a_provider_that_fails_on_the_way_back_is_told_on_a_page(
    opened: Opened, path: str, answer: Any
) -> None:
    hub, fake = opened
    state = await _there(hub, fake)
    fake.answers[path] = answer
    await _back(hub.browser, state)
    assert hub.browser.status == 502


async def test_declining_is_told(opened: Opened) -> None:
    hub, fake = opened
    state = await _there(hub, fake)
    await _back(hub.browser, state, error="access_denied", code=None)
    assert (hub.browser.status, "declined" in hub.browser.text) == (403, True)
    await _back(hub.browser, await _there(hub, fake), error="<script>", code=None)
    assert "<script" not in hub.browser.text


async def test_the_user_info_of_somebody_else_is_not_believed(opened: Opened) -> None:
    """OpenID Connect Core section 5.3.2."""
    hub, fake = opened
    fake.claims = {"preferred_username": None, "email": None, "email_verified": None}
    fake.info = {"sub": "user-2", "preferred_username": "alice-2", "name": "Not Eve"}
    await _back(hub.browser, await _there(hub, fake))
    assert "Not Eve" not in hub.browser.text
    assert await hub.provider.accounts.find("alice-2") is None


async def test_a_hub_without_such_a_provider_has_no_such_pages(hub: Hub) -> None:
    for path in ("/oauth2/external", "/oauth2/external/callback?state=x"):
        await hub.browser.open(path)
        assert hub.browser.status == 404
