"""The pages: forged forms, fixed sessions, frames, and places that nobody registered."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from polaris.ports.credentials import CredentialKind
from polaris_adapters.hub_server import pages
from tests.adapters.hub_server.oauth.driving import APP, HUB, LOOPBACK, PASSWORD, WEB

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Browser, Hub

PAGES = ["/", "/sign-in", "/account", "/account/password", "/device", "/oauth2/logout",
         "/oauth2/authorize", "/oauth2/external", "/oauth2/callback?code=x"]  # fmt: skip


def _cookie(browser: Browser, name: str) -> str | None:
    return browser.http.cookies.get(f"__Host-polaris-{name}")


@pytest.mark.parametrize("signed_in", [False, True])
async def test_every_page_has_its_headers(hub: Hub, signed_in: bool) -> None:
    if signed_in:
        await hub.browser.sign_in()
    for path in PAGES:
        reply = await hub.browser.open(path)
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "base-uri 'none'" in policy
        assert "form-action 'self'" in policy
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "no-store"
        assert "<script" not in reply.text
        assert " style=" not in reply.text


async def test_cookies_are_for_this_hub_and_no_script(hub: Hub) -> None:
    await hub.browser.open("/sign-in")
    reply = await hub.browser.http.post(f"{HUB}/sign-in", data={
        "csrf": _csrf(hub.browser), "username": "alice", "password": PASSWORD,
    })  # fmt: skip
    set_cookie = reply.headers["set-cookie"]
    assert set_cookie.startswith("__Host-polaris-session=")
    attributes = {part.strip().lower() for part in set_cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= attributes
    assert not [part for part in attributes if part.startswith("domain")]


async def test_without_https_cookies_work_on_this_machine(open_hub: Callable[..., Any]) -> None:
    hub = await open_hub(url="http://127.0.0.1:8000")
    reply = await hub.http.get("http://127.0.0.1:8000/sign-in")
    assert reply.headers["set-cookie"].startswith("polaris-browser-8000=")
    assert "secure" not in reply.headers["set-cookie"].lower()


def _csrf(browser: Browser) -> str:
    return browser.text.partition('name="csrf" value="')[2].partition('"')[0]


async def _forms(hub: Hub) -> list[tuple[str, dict[str, str]]]:
    query = hub.authorize_url().partition("?")[2]
    return [
        ("/account/tokens", {"name": "x", "scope_read": "1", "days": "30"}),
        ("/account/sessions/revoke", {"id": "0" * 16}),
        ("/account/programs/revoke", {"id": "0" * 16}),
        ("/account/password", {"current": PASSWORD, "new": "n" * 12, "again": "n" * 12}),
        ("/oauth2/consent", {"request": query, "decision": "allow"}),
        ("/oauth2/logout", {}),
        ("/device", {"user_code": "BCDF-GHJK"}),
        ("/sign-in", {"username": "alice", "password": PASSWORD}),
    ]


@pytest.mark.parametrize("forged", ["", "0" * 64, "of another browser", "of another session"])
async def test_forms_of_others_do_nothing(hub: Hub, forged: str) -> None:
    other = hub.new_browser()
    await other.open("/sign-in")
    proof = {"of another browser": _csrf(other)}.get(forged, forged)
    if forged == "of another session":
        await hub.browser.open("/sign-in")
        proof = _csrf(hub.browser)
    await hub.browser.sign_in()
    session = _cookie(hub.browser, "session")
    for path, form in await _forms(hub):
        await hub.browser.post(path, {**form, "csrf": proof})
        assert hub.browser.status == 403, path
        assert hub.browser.left is None
        assert _cookie(hub.browser, "session") == session
    personal = await hub.provider.credentials.of_kind(CredentialKind.PERSONAL)
    assert personal == []
    await hub.browser.open("/account")
    assert "Your account" in hub.browser.text


async def test_forms_from_other_sites_do_nothing_even_with_the_proof(hub: Hub) -> None:
    await hub.browser.sign_in()
    await hub.browser.open("/account")
    form = {"csrf": _csrf(hub.browser), "name": "x", "scope_read": "1", "days": "30"}
    await hub.browser.post("/account/tokens", form, headers={"sec-fetch-site": "cross-site"})
    assert hub.browser.status == 403
    await hub.browser.post("/account/tokens", form, headers={"sec-fetch-site": "same-origin"})
    assert hub.browser.status == 200


async def test_nobody_is_signed_in_as_somebody_else_by_a_forged_form(hub: Hub) -> None:
    """Login CSRF: a form without the proof of this browser."""
    await hub.browser.post("/sign-in", {"username": "alice", "password": PASSWORD})
    assert hub.browser.status == 403
    assert _cookie(hub.browser, "session") is None


async def test_signing_in_begins_a_new_session_and_ends_the_old_one(hub: Hub) -> None:
    """Session fixation: what was there before is worth nothing afterwards."""
    name = "__Host-polaris-session"
    hub.browser.http.cookies.set(name, "planted-by-somebody", domain="hub.example")
    await hub.browser.sign_in()
    values = [c.value for c in hub.browser.http.cookies.jar if c.name == name]
    assert all(
        str(value).startswith("polaris_bs_") for value in values if value != "planted-by-somebody"
    )
    first = await _fresh_session(hub)
    second = await _fresh_session(hub)
    assert first != second
    thief = hub.new_browser()
    thief.http.cookies.set(name, first, domain="hub.example")
    await thief.open("/account")
    assert "<h1>Sign in</h1>" in thief.text


async def _fresh_session(hub: Hub) -> str:
    browser = hub.browser
    browser.http.cookies.delete("__Host-polaris-session", domain="hub.example")
    await browser.sign_in()
    first = _cookie(browser, "session")
    await browser.sign_in()
    assert first is not None
    return first


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "/account@evil.example",
        "/%2f/evil.example", "javascript:alert(1)", "/accountx", "/account\r\nx: y", "",
        "/oauth2/token", "/account/../../x",
    ],
)  # fmt: skip
async def test_nobody_is_sent_elsewhere_after_signing_in(hub: Hub, place: str) -> None:
    await hub.browser.open(f"/sign-in?{urlencode({'next': place})}")
    await hub.browser.send(username="alice", password=PASSWORD)
    assert hub.browser.left is None
    assert hub.browser.page is not None
    assert str(hub.browser.page.request.url).startswith(f"{HUB}/account")
    await hub.browser.open(f"/sign-in?{urlencode({'next': place})}")
    assert str(hub.browser.page.request.url).startswith(f"{HUB}/account")


async def test_nobody_is_sent_elsewhere_after_signing_out(hub: Hub) -> None:
    await hub.register(logout_uris=["https://app.example/bye"])
    for asked, leaves in (
        ({"client_id": APP, "post_logout_redirect_uri": "https://app.example/bye"}, True),
        ({"client_id": APP, "post_logout_redirect_uri": "https://evil.example/"}, False),
        ({"post_logout_redirect_uri": "https://app.example/bye"}, False),
    ):
        await hub.browser.sign_in()
        await hub.browser.open(f"/oauth2/logout?{urlencode({**asked, 'state': 's'})}")
        await hub.browser.send()
        assert hub.browser.left == ("https://app.example/bye?state=s" if leaves else None)
        await hub.browser.open("/account")
        assert "<h1>Sign in</h1>" in hub.browser.text


async def test_signing_out_is_asked_for_and_ends_the_session_at_the_hub(hub: Hub) -> None:
    await hub.browser.sign_in()
    kept = _cookie(hub.browser, "session")
    await hub.browser.open("/oauth2/logout")
    await hub.browser.open("/account")
    assert "Your account" in hub.browser.text
    await hub.browser.open("/oauth2/logout")
    await hub.browser.send()
    assert "signed out" in hub.browser.text
    thief = hub.new_browser()
    thief.http.cookies.set("__Host-polaris-session", kept or "", domain="hub.example")
    await thief.open("/account")
    assert "<h1>Sign in</h1>" in thief.text


async def test_forms_may_lead_to_the_client_alone(hub: Hub) -> None:
    """Browsers hold form-action against redirects after a form."""
    await hub.browser.open(hub.authorize_url())
    assert hub.browser.page is not None
    assert "form-action 'self' http://127.0.0.1:45678" in _policy(hub.browser)
    await hub.browser.send(username="alice", password=PASSWORD)
    assert "form-action 'self' http://127.0.0.1:45678" in _policy(hub.browser)
    forged = "/oauth2/authorize?" + urlencode({"client_id": "polaris-cli",
                                               "redirect_uri": "https://evil.example"})  # fmt: skip
    await hub.browser.open(f"/sign-in?again=1&next={quote(forged)}")
    assert "evil" not in _policy(hub.browser)


def _policy(browser: Browser) -> str:
    assert browser.page is not None
    return browser.page.headers["content-security-policy"]


async def test_what_is_shown_is_text(hub: Hub) -> None:
    evil = '"><script>alert(1)</script>'
    await hub.register(name=f"App {evil}")
    await hub.browser.open(f"/sign-in?{urlencode({'login_hint': evil})}")
    assert "<script" not in hub.browser.text
    await hub.browser.open(hub.authorize_url(client_id=APP, redirect_uri=WEB))
    await hub.browser.send(username="alice", password=PASSWORD)
    assert "&lt;script" in hub.browser.text
    assert "<script" not in hub.browser.text
    for path in ("/device", "/account"):
        await hub.browser.open(f"{path}?{urlencode({'user_code': evil, 'done': evil})}")
        assert "<script" not in hub.browser.text


async def test_programs_on_the_users_machine_are_asked_for_each_time(hub: Hub) -> None:
    """RFC 8252 section 8.6; of a client with a secret, an answer is remembered."""
    await hub.browser.sign_in()
    await hub.register()
    for redirect, client, is_asked in ((LOOPBACK, "polaris-cli", True), (WEB, APP, False)):
        asked = {"client_id": client, "redirect_uri": redirect}
        await hub.code(**asked)
        await hub.browser.open(hub.authorize_url(**asked, prompt="none"))
        assert (hub.browser.answer.get("error") == "consent_required") is is_asked
        await hub.browser.open(hub.authorize_url(**asked))
        assert (hub.browser.left is None) is is_asked
    await hub.browser.open(hub.authorize_url(client_id=APP, redirect_uri=WEB, scope="admin"))
    assert hub.browser.left is None  # more than was allowed
    await hub.browser.open(hub.authorize_url(client_id=APP, redirect_uri=WEB, prompt="consent"))
    assert hub.browser.left is None


async def test_signing_in_again_can_be_asked_for(hub: Hub) -> None:
    """OpenID Connect Core section 3.1.2.1: prompt=login and max_age."""
    await hub.browser.sign_in()
    for changes in ({"prompt": "login"}, {"max_age": "100"}, {"prompt": "select_account"}):
        hub.clock.advance(101)
        await hub.browser.open(hub.authorize_url(**changes))
        assert "<h1>Sign in</h1>" in hub.browser.text
        await hub.browser.send(username="alice", password=PASSWORD)
        await hub.browser.send(decision="allow")
        assert "code" in hub.browser.answer
    hub.clock.advance(1)
    await hub.browser.open(hub.authorize_url(max_age="0", prompt="none"))
    assert hub.browser.answer["error"] == "login_required"
    await hub.browser.open(hub.authorize_url(max_age="100"))
    assert "<h1>Allow" in hub.browser.text


async def test_a_hint_of_somebody_else_makes_people_sign_in(hub: Hub) -> None:
    token = (await hub.tokens())["id_token"]
    await hub.add_user("bobby")
    await hub.browser.open(hub.authorize_url(id_token_hint=token, prompt="none"))
    assert hub.browser.answer["error"] == "consent_required"
    await hub.browser.sign_in("bobby")
    await hub.browser.open(hub.authorize_url(id_token_hint=token, prompt="none"))
    assert hub.browser.answer["error"] == "login_required"


@pytest.mark.parametrize("hint", ["of somebody else", "no token"])
async def test_a_hint_asks_once(hub: Hub, hint: str) -> None:
    """Whoever signs in after it goes on; the client sees by the ID token who that was."""
    token = (await hub.tokens())["id_token"] if hint == "of somebody else" else hint
    await hub.add_user("bobby")
    await hub.browser.sign_in("bobby")
    await hub.browser.open(hub.authorize_url(id_token_hint=token))
    assert "<h1>Sign in</h1>" in hub.browser.text
    await hub.browser.send(username="bobby", password=PASSWORD)
    assert "<h1>Allow" in hub.browser.text


async def test_authorization_by_post_is_the_same(hub: Hub) -> None:
    await hub.browser.sign_in()
    query = hub.authorize_url().partition("?")[2]
    await hub.browser.post("/oauth2/authorize", dict(parse_qsl(query)))
    assert "<h1>Allow" in hub.browser.text


def test_the_style_keeps_to_the_contrast_of_wcag() -> None:
    """WCAG 2.2 section 1.4.3: 4.5 to 1 for text, in both colour schemes."""
    text = (Path(pages.__path__[0]) / "style.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for ink, ground in (("ink", "sheet"), ("ink", "ground"), ("quiet", "sheet"),
                            ("act", "sheet"), ("act-ink", "act"), ("act-ink", "act-over"),
                            ("bad", "bad-ground"), ("good", "good-ground"),
                            ("ink", "note-ground"), ("quiet", "ground")):  # fmt: skip
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert _contrast(colours["field"], colours["sheet"]) >= 3


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
