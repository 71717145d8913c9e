"""A hub with a login server, in the process, and sign-ins to it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from polaris.application.retry import RetryPolicy
from polaris.domain.secret import Secret
from polaris.testing import InMemoryTokenVault, ManualClock, ScriptedInteraction
from polaris_adapters.hub_http.auth import HubAuth, SignInSettings
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession

HUB = "https://hub.example"
_CODE = "authorization_code"
_REFRESH = "refresh_token"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def _refused(error: str, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "error_description": f"about {error}"})


@attrs.define
class LoginHub:
    """Answers as an OAuth server and a hub do; rotates refresh tokens and punishes their reuse.

    Attributes:
        requests: What it was asked, in order.
        instead: By path, what is answered in place of the usual; a list is used up from its front.
        lifetime: Seconds for which tokens are good.
        exchanges: Whether it gives tokens of its own for those of the login server.
        device_replies: Errors that a question for a device code gets before the token.
        dead: Refresh tokens that have been used.
        live: Those that are good.
    """

    lifetime: int = 600
    exchanges: bool = True
    metadata: dict[str, Any] = attrs.field(factory=dict)
    requests: list[httpx.Request] = attrs.field(factory=list)
    instead: dict[str, Any] = attrs.field(factory=dict)
    device_replies: list[str] = attrs.field(factory=list)
    challenges: dict[str, str] = attrs.field(factory=dict)
    dead: set[str] = attrs.field(factory=set)
    live: set[str] = attrs.field(factory=set)
    user: str = "alice"
    _numbers: Any = attrs.field(factory=lambda: itertools.count(1), init=False)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path
        planned = self.instead.get(path)
        if isinstance(planned, list):
            planned = planned.pop(0) if planned else None
        if isinstance(planned, Exception):
            raise planned
        if callable(planned):
            planned = planned(request)
        if planned is not None:
            assert isinstance(planned, httpx.Response)
            return planned
        answers: dict[str, Callable[[httpx.Request], httpx.Response]] = {
            "/.well-known/oauth-authorization-server": self._describe,
            "/token": self._token,
            "/device": self._device,
            "/api/auth/token": self._hub_token,
            "/userinfo": self._user_info,
            "/revoke": lambda _: httpx.Response(200),
        }
        answer = answers.get(path)
        return (
            httpx.Response(404, text="<html>nothing</html>") if answer is None else answer(request)
        )

    def form(self, request: httpx.Request) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}

    def forms(self, path: str) -> list[dict[str, str]]:
        """The forms that were sent to a path."""
        return [self.form(r) for r in self.requests if r.url.path == path]

    def authorize(self, url: str) -> dict[str, str]:
        """Let a user agree to the page of a URL, and return what the redirect carries."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{next(self._numbers)}"
        self.challenges[code] = asked["code_challenge"]
        return {
            "code": code,
            "state": asked["state"],
            "iss": f"{HUB}/",
            "to": asked["redirect_uri"],
        }

    def _describe(self, _: httpx.Request) -> httpx.Response:
        body = {
            "issuer": f"{HUB}/",
            "authorization_endpoint": f"{HUB}/authorize",
            "token_endpoint": f"{HUB}/token",
            "userinfo_endpoint": f"{HUB}/userinfo",
            "device_authorization_endpoint": f"{HUB}/device",
            "revocation_endpoint": f"{HUB}/revoke",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        } | self.metadata
        return httpx.Response(200, json={k: v for k, v in body.items() if v is not None})

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = self.form(request)
        if form["client_id"] != "some-client":
            return _refused("invalid_client", 401)
        if form["grant_type"] == _CODE:
            expected = self.challenges.pop(form["code"], None)
            if expected != create_s256_code_challenge(form["code_verifier"]):
                return _refused("invalid_grant")
        elif form["grant_type"] == _REFRESH:
            token = form["refresh_token"]
            if token not in self.live:
                self.live.clear()  # Reuse: RFC 9700 section 4.14.2.
                return _refused("invalid_grant")
            self.live.discard(token)
            self.dead.add(token)
        elif form["grant_type"] == _DEVICE:
            if self.device_replies:
                return _refused(self.device_replies.pop(0))
        else:
            return _refused("unsupported_grant_type")
        return self._given("external")

    def _given(self, kind: str) -> httpx.Response:
        number = next(self._numbers)
        body: dict[str, Any] = {
            "access_token": f"{kind}-access-{number}",
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }
        if kind == "external":
            body["refresh_token"] = f"{kind}-refresh-{number}"
            self.live.add(body["refresh_token"])
        return httpx.Response(200, json=body)

    def _device(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200,
            json={
                "device_code": "device-code-secret",
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{HUB}/enter",
                "verification_uri_complete": f"{HUB}/enter?user_code=WDJB-MJHT",
                "expires_in": 300,
                "interval": 5,
            },
        )

    def _hub_token(self, request: httpx.Request) -> httpx.Response:
        form = self.form(request)
        if not self.exchanges:
            return httpx.Response(404, text="nothing here")
        if form["grant_type"] == "password":
            right = (form["username"], form["password"]) == ("alice", "s3cret word")
            return self._given("hub") if right else _refused("invalid_grant")
        if form["grant_type"] != _EXCHANGE:
            return _refused("unsupported_grant_type")
        return self._given("hub")

    def _user_info(self, _: httpx.Request) -> httpx.Response:
        body = {"username": self.user, "email": f"{self.user}@example.org", "user_id": "user_1"}
        return httpx.Response(200, json=body)


@attrs.frozen
class Made:
    """A sign-in that a test works with."""

    auth: HubAuth
    session: HttpSession
    vault: Any
    person: ScriptedInteraction
    clock: ManualClock


MakeAuth = Callable[..., Made]


@pytest.fixture
def hub() -> LoginHub:
    return LoginHub()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make_auth(hub: LoginHub, clock: ManualClock) -> Callable[..., Made]:
    """Returns a function that makes a `HubAuth` of the hub."""

    def make(
        *,
        person: ScriptedInteraction | None = None,
        vault: Any = None,
        environment: Mapping[str, str] | None = None,
        foreign: Any = None,
        patience: float = 20.0,
        **given: Any,
    ) -> Made:
        login = "https://clerk.polarishub.io/oauth"
        defaults: dict[str, Any] = {
            "hub_url": f"{HUB}/",
            "api_url": f"{HUB}/api",
            "hub_token_url": f"{HUB}/api/auth/token",
            "authorize_url": f"{login}/authorize",
            "token_fetch_url": f"{login}/token",
            "user_info_url": f"{login}/userinfo",
            "callback_url": f"{HUB}/oauth2/callback",
            "scopes": "profile email",
            "client_id": "some-client",
        }
        http = {"default_timeout": (10, 200), "ca_bundle": None}
        options = parse_options({"transport": httpx.MockTransport(hub)}, http)
        settings = SignInSettings(**{**defaults, **given})
        retry = RetryPolicy(attempts=3, total=120)
        session = HttpSession(settings.api_url, options, clock, retry)
        person = person or ScriptedInteraction()
        vault = vault or InMemoryTokenVault()
        auth = HubAuth(
            session,
            settings,
            vault,
            person,
            environment=environment or {},
            foreign=foreign,
            patience=patience,
        )
        session.bearer = auth
        return Made(auth, session, vault, person, clock)

    return make


@pytest.fixture
def pasting(hub: LoginHub) -> ScriptedInteraction:
    """A person who opens the page by hand, and pastes the address that it leads to."""

    class Person(ScriptedInteraction):
        async def ask(self, question: str, /, *, hidden: bool = False) -> str:
            self.questions.append(question)
            page = [event.details["url"] for event in self.events if event.kind == "browser"][-1]
            answer = hub.authorize(str(page))
            query = "&".join(f"{name}={answer[name]}" for name in ("code", "state", "iss"))
            return f"{answer['to']}?{query}"

    hub.metadata["device_authorization_endpoint"] = None
    return Person(answers=["yes"])


@pytest.fixture
def secrets_of() -> Callable[[LoginHub], list[Secret]]:
    """Returns a function that finds the tokens which a hub has given."""

    def find(hub: LoginHub) -> list[Secret]:
        found = [*hub.live, *hub.dead]
        found += [f"{kind}-access-{n}" for kind in ("external", "hub") for n in range(1, 6)]
        return [Secret(value) for value in found]

    return find


@pytest.fixture
def jwt() -> Callable[[Mapping[str, Any]], str]:
    """Returns a function that makes a token with claims, which nobody has signed."""
    from authlib.common.encoding import to_unicode, urlsafe_b64encode

    def part(value: Mapping[str, Any]) -> str:
        return str(to_unicode(urlsafe_b64encode(json.dumps(value).encode())))

    return lambda claims: f"{part({'alg': 'none'})}.{part(claims)}.c2ln"
