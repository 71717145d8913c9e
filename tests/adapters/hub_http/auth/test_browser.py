"""Signing in by the browser: RFC 6749 section 4.1, RFC 7636, RFC 8252, RFC 9207."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from polaris.errors import SignInError
from polaris.testing import ScriptedInteraction

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth

pytestmark = pytest.mark.network

Visit = Callable[[str], Awaitable[httpx.Response]]


async def _get(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        return await client.request(method, url, headers=headers)


def _address(answer: Mapping[str, str], **changes: str | None) -> str:
    values = {name: answer[name] for name in ("code", "state", "iss")} | changes
    return f"{answer['to']}?{urlencode({k: v for k, v in values.items() if v is not None})}"


class Browser:
    """Opens pages at once, and follows them to the redirect."""

    def __init__(
        self, hub: LoginHub, *, also: Callable[[dict[str, str]], Awaitable[None]] | None = None
    ):
        self.hub, self.also = hub, also
        self.changes: dict[str, str | None] = {}
        self.pages: list[httpx.Response] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def __call__(self, url: str) -> None:
        self.tasks.append(asyncio.create_task(self._visit(url)))

    async def _visit(self, url: str) -> None:
        answer = self.hub.authorize(url)
        if self.also is not None:
            await self.also(answer)
        self.pages.append(await _get(_address(answer, **self.changes)))


async def test_the_browser_brings_the_code_and_the_page_says_that_it_can_be_closed(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    browser = Browser(hub)
    made = make_auth(person=ScriptedInteraction(browser))
    identity = await made.auth.sign_in()
    assert identity.user.slug == "alice"
    await asyncio.gather(*browser.tasks)
    assert (page := browser.pages[0]).status_code == 200
    assert "close this window" in page.text
    assert "no-store" in page.headers["cache-control"]
    redirect = urlsplit(hub.forms("/token")[0]["redirect_uri"])
    assert (redirect.hostname, redirect.path) == ("127.0.0.1", "/callback")
    road = next(event for event in made.person.events if event.kind == "road")
    assert road.details["road"] == "browser"
    assert road.details["why"]


async def test_every_sign_in_has_a_state_a_verifier_and_a_port_of_its_own(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth(person=ScriptedInteraction(Browser(hub)))
    for _ in range(3):
        await made.auth.sign_in(overwrite=True)
    asked = [parse_qs(urlsplit(url).query) for url in made.person.opened]
    assert len({query["state"][0] for query in asked}) == 3
    verifiers = {form["code_verifier"] for form in hub.forms("/token")}
    assert len(verifiers) == 3
    assert all(len(verifier) >= 43 for verifier in verifiers)


async def test_what_does_not_belong_to_the_sign_in_is_refused_and_does_no_harm(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    refused: dict[str, int] = {}

    async def attack(answer: dict[str, str]) -> None:
        right = _address(answer)
        port = urlsplit(right).port
        attempts: dict[str, tuple[str, str, dict[str, str]]] = {
            "wrong state": (_address(answer, state="other"), "GET", {}),
            "no state": (_address(answer, state=None), "GET", {}),
            "state twice": (right + f"&state={answer['state']}", "GET", {}),
            "other path": (right.replace("/callback", "/elsewhere"), "GET", {}),
            "other host": (right, "GET", {"host": f"evil.example:{port}"}),
            "other port": (right, "GET", {"host": "127.0.0.1:1"}),
            "post": (right, "POST", {}),
            "icon": (f"http://127.0.0.1:{port}/favicon.ico", "GET", {}),
        }
        for name, (url, method, headers) in attempts.items():
            refused[name] = (await _get(url, method, **headers)).status_code

    made = make_auth(person=ScriptedInteraction(Browser(hub, also=attack)))
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert refused == {
        "wrong state": 400,
        "no state": 400,
        "state twice": 400,
        "other path": 404,
        "other host": 400,
        "other port": 400,
        "post": 405,
        "icon": 404,
    }


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"iss": "https://evil.example/"}, "evil.example"),
        ({"iss": None}, "does not say which server"),
        ({"code": ""}, "no code"),
        ({"code": None, "error": "access_denied", "error_description": "No."}, "declined"),
        ({"code": None, "error": "server_error"}, "failed"),
        ({"code": None, "error": "invalid_scope"}, "scope"),
        ({"code": "another-code"}, "invalid_grant"),
    ],
)
async def test_a_redirect_that_is_wrong_ends_the_sign_in(
    hub: LoginHub, make_auth: MakeAuth, changes: dict[str, str | None], says: str
) -> None:
    browser = Browser(hub)
    browser.changes = changes
    made = make_auth(person=ScriptedInteraction(browser))
    with pytest.raises(SignInError, match=says) as caught:
        await made.auth.sign_in()
    assert caught.value.code == "sign_in"
    assert made.vault.saved == []
    assert await made.auth.current() is None


async def test_an_issuer_that_is_not_known_is_compared_by_its_origin(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.instead["/.well-known/oauth-authorization-server"] = httpx.Response(404)
    urls = {
        name: f"https://hub.example/{path}"
        for name, path in (
            ("authorize_url", "authorize"),
            ("token_fetch_url", "token"),
            ("user_info_url", "userinfo"),
        )
    }
    browser = Browser(hub)
    made = make_auth(person=ScriptedInteraction(browser), **urls)
    assert (await made.auth.sign_in()).user.slug == "alice"
    browser.changes = {"iss": "https://evil.example"}
    with pytest.raises(SignInError, match=r"evil\.example"):
        await made.auth.sign_in(overwrite=True)


async def test_a_redirect_is_taken_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    statuses: list[int] = []

    class Twice(Browser):
        async def _visit(self, url: str) -> None:
            address = _address(self.hub.authorize(url))
            replies = await asyncio.gather(_get(address), _get(address), return_exceptions=True)
            statuses.extend(r.status_code for r in replies if isinstance(r, httpx.Response))

    browser = Twice(hub)
    made = make_auth(person=ScriptedInteraction(browser))
    assert (await made.auth.sign_in()).user.slug == "alice"
    await asyncio.gather(*browser.tasks)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 410}
    assert len(hub.forms("/token")) == 1


async def test_nobody_is_waited_for_for_ever(make_auth: MakeAuth) -> None:
    async def nothing(_: str) -> None:
        return None

    made = make_auth(person=ScriptedInteraction(nothing), patience=0.01)
    with pytest.raises(SignInError, match="No answer came"):
        await made.auth.sign_in()


async def test_an_interrupted_sign_in_leaves_nothing_behind(make_auth: MakeAuth) -> None:
    waiting = asyncio.Event()

    async def opened(_: str) -> None:
        waiting.set()

    made = make_auth(person=ScriptedInteraction(opened))
    task = asyncio.create_task(made.auth.sign_in())
    await waiting.wait()
    await asyncio.sleep(0)
    redirect = parse_qs(urlsplit(made.person.opened[0]).query)["redirect_uri"][0]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made.vault.saved == []
    assert await made.auth.current() is None
    with pytest.raises(httpx.ConnectError):
        await _get(redirect)


async def test_two_sign_ins_at_once_open_one_page(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = make_auth(person=ScriptedInteraction(Browser(hub)))
    first, second = await asyncio.gather(made.auth.sign_in(), made.auth.sign_in())
    assert first == second
    assert len(made.person.opened) == 1


async def test_the_callback_of_the_settings_is_listened_on(
    hub: LoginHub, make_auth: MakeAuth, unused_tcp_port: int
) -> None:
    uri = f"http://localhost:{unused_tcp_port}/back/here"
    made = make_auth(person=ScriptedInteraction(Browser(hub)), callback_url=uri)
    await made.auth.sign_in()
    assert hub.forms("/token")[0]["redirect_uri"] == uri


async def test_a_port_that_is_taken_is_said_before_a_page_is_opened(
    make_auth: MakeAuth, hub: LoginHub
) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = make_auth(
        person=ScriptedInteraction(Browser(hub)), callback_url=f"http://127.0.0.1:{port}/cb"
    )
    with pytest.raises(SignInError, match=str(port)):
        await made.auth.sign_in()
    assert made.person.opened == []
    server.close()
    await server.wait_closed()


async def test_a_server_without_s256_is_refused(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.metadata["code_challenge_methods_supported"] = ["plain"]
    made = make_auth(person=ScriptedInteraction(Browser(hub)))
    with pytest.raises(SignInError, match="S256"):
        await made.auth.sign_in()
    assert made.person.opened == []


@pytest.mark.parametrize(
    "error",
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
        "unsupported_grant_type", "invalid_scope", "of_tomorrow",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [400, 401])
async def test_every_error_of_a_token_endpoint_is_told_in_our_words(
    hub: LoginHub, make_auth: MakeAuth, error: str, status: int
) -> None:
    """RFC 6749 section 5.2."""
    hub.instead["/token"] = httpx.Response(
        status, json={"error": error, "error_description": "because\x1b[31m"}
    )
    made = make_auth(person=ScriptedInteraction(Browser(hub)))
    with pytest.raises(SignInError, match=error) as caught:
        await made.auth.sign_in()
    assert caught.value.hint
    assert "because" in caught.value.message
    assert "\x1b" not in str(caught.value)
    assert len(hub.forms("/token")) == 1
