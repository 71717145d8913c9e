"""Signing in by a code that the person copies from a page (protocol section 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import HubReplyError, SignInError
from polaris.testing import ScriptedInteraction
from polaris_adapters.hub_http.auth.authorization import Authorization
from polaris_adapters.hub_http.auth.discovery import LoginServer
from polaris_adapters.hub_http.auth.sign_in_settings import PUBLIC_CLIENT_ID

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


async def test_the_address_of_the_page_can_be_pasted(
    hub: LoginHub, make_auth: MakeAuth, pasting: ScriptedInteraction
) -> None:
    made = make_auth(person=pasting)
    assert (await made.auth.sign_in(auto_open_browser=False)).user.slug == "alice"
    asked = hub.forms("/token")[0]
    assert asked["redirect_uri"] == "https://hub.example/oauth2/callback"
    assert (await made.auth.status()).road == "pasted_code"


async def test_a_bare_code_can_be_pasted(hub: LoginHub, make_auth: MakeAuth) -> None:
    class Person(ScriptedInteraction):
        async def ask(self, question: str, /, *, hidden: bool = False) -> str:
            code: str = hub.authorize(str(self.events[-1].details["url"]))["code"]
            return code

    hub.metadata["device_authorization_endpoint"] = None
    made = make_auth(person=Person(answers=["yes"]))
    assert (await made.auth.sign_in()).user.slug == "alice"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("https://hub.example/oauth2/callback?code=abc&state=wrong", "state"),
        ("https://hub.example/oauth2/callback?code=abc", "state"),
        ("what is this", "no code"),
        ("a\x00b", "no code"),
        ("guessed", "invalid_grant"),
    ],
)
async def test_what_is_no_answer_to_this_sign_in_is_refused(
    hub: LoginHub, make_auth: MakeAuth, answer: str, says: str
) -> None:
    hub.metadata["device_authorization_endpoint"] = None
    made = make_auth(person=ScriptedInteraction(answers=[answer]))
    with pytest.raises(SignInError, match=says):
        await made.auth.sign_in()
    assert made.vault.saved == []


async def test_the_client_of_the_public_hub_has_no_other_redirect_than_the_hubs_page(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    async def browser(_: str) -> None:
        return None

    hub.instead["/.well-known/oauth-authorization-server"] = lambda _: httpx.Response(404)
    person = ScriptedInteraction(browser, answers=["guessed"])
    public = {
        "hub_url": "https://polarishub.io/",
        "callback_url": "https://polarishub.io/oauth2/callback",
    }
    made = make_auth(person=person, client_id=PUBLIC_CLIENT_ID, **public)
    with pytest.raises(HubReplyError, match=r"clerk\.polarishub\.io/oauth/token"):
        await made.auth.sign_in()
    page = urlsplit(made.person.opened[0])
    assert page.hostname == "clerk.polarishub.io"
    query = parse_qs(page.query)
    assert query["redirect_uri"] == ["https://polarishub.io/oauth2/callback"]
    assert query["client_id"] == [PUBLIC_CLIENT_ID]


def _request() -> Authorization:
    server = LoginServer(
        issuer="https://login.example",
        authorization_endpoint="https://login.example/a",
        token_endpoint="https://login.example/t",
        userinfo_endpoint="https://login.example/u",
    )
    return Authorization(
        server, client_id="some-client", redirect_uri="https://hub.example/cb", scope="profile"
    )


def test_a_request_takes_one_answer() -> None:
    request = _request()
    state = parse_qs(urlsplit(request.url).query)["state"]
    assert request.code({"state": state, "code": ["first"]}) == Secret("first")
    with pytest.raises(SignInError, match="answered already"):
        request.code({"state": state, "code": ["second"]})
    with pytest.raises(SignInError, match="answered already"):
        request.code_of_text("third")


def test_a_parameter_that_comes_twice_is_refused() -> None:
    """RFC 6749 section 3.1."""
    request = _request()
    state = parse_qs(urlsplit(request.url).query)["state"]
    with pytest.raises(SignInError, match="twice"):
        request.code({"state": state, "code": ["one", "two"]})
