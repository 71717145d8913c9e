"""Whatever is sent, the hub answers, and browsers go nowhere that was not registered."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from polaris.application.accounts.redirects import (
    check_redirect,
    form_source,
    matching,
    with_parameters,
)
from polaris.errors import InvalidInputError
from tests.adapters.hub_server.oauth.driving import HUB

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Hub

REGISTERED = ("http://127.0.0.1/callback", "http://[::1]/callback", "https://app.example/back")
FORM = {"content-type": "application/x-www-form-urlencoded"}
ENDPOINTS = ("token", "revoke", "introspect", "device_authorization")
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.sampled_from(
    ["grant_type", "code", "client_id", "client_secret", "refresh_token", "scope", "token",
     "device_code", "subject_token", "subject_token_type", "redirect_uri", "code_verifier",
     "audience", "state", "response_type", "code_challenge", "nonce", "max_age", "prompt"]
)  # fmt: skip
values = st.one_of(
    words,
    st.sampled_from(
        ["polaris-cli", "authorization_code", "refresh_token", "read", "code", "S256", "v" * 43,
         "urn:ietf:params:oauth:grant-type:device_code", "http://127.0.0.1:1/callback", "\x00",
         "urn:ietf:params:oauth:grant-type:token-exchange", "login", "0", "-1"]
    ),
)  # fmt: skip


@SHARED
@given(body=st.binary(max_size=300), header=st.binary(max_size=60), path=st.sampled_from(ENDPOINTS))
async def test_any_bytes_are_answered_with_an_error_of_oauth(
    hub: Hub, body: bytes, header: bytes, path: str
) -> None:
    assume(not set(header) & {0, 10, 13})
    form = [(name.encode(), value.encode()) for name, value in FORM.items()]
    basic = [*form, (b"authorization", b"Basic " + header)]
    for headers in (form, basic, [(b"content-type", header)]):
        reply = await hub.http.post(f"{HUB}/oauth2/{path}", content=body, headers=headers)
        assert reply.status_code in (400, 401, 415)
        assert reply.json()["error"]
        assert reply.headers["cache-control"] == "no-store"


@SHARED
@given(pairs=st.lists(st.tuples(names, values), max_size=10), path=st.sampled_from(ENDPOINTS))
async def test_any_form_is_answered(hub: Hub, pairs: list[tuple[str, str]], path: str) -> None:
    form = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    reply = await hub.http.post(f"{HUB}/oauth2/{path}", data=form)
    assert reply.status_code in (200, 400, 401)
    if reply.status_code == 200:
        assert path in ("device_authorization", "revoke")
    else:
        assert set(reply.json()) <= {"error", "error_description"}


@SHARED
@given(pairs=st.lists(st.tuples(names, values), max_size=10), fixed=st.booleans())
async def test_any_authorization_request_stays_here_or_goes_to_the_client(
    hub: Hub, pairs: list[tuple[str, str]], fixed: bool
) -> None:
    known = [("client_id", "polaris-cli"), ("redirect_uri", "http://127.0.0.1:1/callback")]
    asked = [pair for pair in pairs if pair[0] not in dict(known)] + known if fixed else pairs
    reply = await hub.http.get(f"{HUB}/oauth2/authorize?{urlencode(asked)}")
    assert reply.status_code in (303, 400)
    if reply.status_code == 303:
        where = reply.headers["location"]
        assert where.startswith(("/sign-in?", "http://127.0.0.1:1/callback?"))


@pytest.mark.parametrize(
    "path", ["/sign-in", "/device", "/oauth2/logout", "/oauth2/consent", "/account/tokens",
             "/account/x/revoke", "/account/password", "/oauth2/external/callback"],
)  # fmt: skip
async def test_pages_answer_garbage(hub: Hub, path: str) -> None:
    for body in (b"\xff\xfe", b"a=%ff", b"csrf=%00&csrf=1", b"", b"x" * 70_000):
        reply = await hub.http.post(f"{HUB}{path}", content=body, headers=FORM)
        assert 400 <= reply.status_code < 500
    for query in ("next=%ff", "a=1&a=2", "state=%00&code=%ff", "&" * 5000):
        reply = await hub.http.get(f"{HUB}{path}?{query}")
        assert reply.status_code < 500


# -- redirects -------------------------------------------------------------------------------------

url_text = st.text(string.ascii_letters + string.digits + ":/?#[]@!$&'()*+,;=%.\\ \t-_~\x00é")


@settings(max_examples=300)
@given(text=url_text)
def test_only_registered_places_match(text: str) -> None:
    for asked in (text, f"http://127.0.0.1{text}", f"http://127.0.0.1:80{text}/callback",
                  f"https://app.example{text}", f"http://{text}@127.0.0.1/callback",
                  f"http://127.0.0.1/callback{text}"):  # fmt: skip
        if not matching(REGISTERED, asked):
            continue
        # Read by another parser, it is the same place but for its port.
        parts = urlsplit(asked)
        assert asked == asked.strip()
        assert parts.username is None
        assert not parts.fragment
        assert parts.hostname in ("127.0.0.1", "::1", "app.example")
        assert parts.path in ("/callback", "/back")
        assert parts.query == ""


@given(port=st.integers(1, 65535))
def test_any_port_of_this_machine_will_do(port: int) -> None:
    assert matching(REGISTERED, f"http://127.0.0.1:{port}/callback")
    assert matching(REGISTERED, f"http://[::1]:{port}/callback")
    assert not matching(REGISTERED, f"https://app.example:{port}/back")
    assert not matching(REGISTERED, f"http://127.0.0.1:{port}/other")
    assert not matching(["https://app.example/back"], f"http://127.0.0.1:{port}/callback")


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-1", "08x", ""])
def test_what_is_no_port_does_not_match(port: str) -> None:
    assert not matching(REGISTERED, f"http://127.0.0.1:{port}/callback")


HEADS = ["", "https://app.example/", "com.example.app:/", "http://127.0.0.1/"]


@given(text=url_text, head=st.sampled_from(HEADS))
def test_what_may_be_registered_is_one_place_for_every_reader(text: str, head: str) -> None:
    uri = head + text
    try:
        assert check_redirect(uri) == uri
    except InvalidInputError:
        return
    assert uri.isascii()
    assert not set(uri) & set('\\#"<> \t\x00')
    parts = urlsplit(uri)
    assert not parts.username
    assert parts.scheme in ("http", "https") or "." in parts.scheme
    source = form_source(uri)
    assert not set(source) & set("; ,'\"")
    assert uri.startswith(source)
    assert with_parameters(uri, [("code", "a b&c")]).endswith("code=a+b%26c")


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "data:text/html,x", "http://app.example/", "app:/x", "//x/",
            "https://user@app.example/", "https://app.example/#x", "http://localhost/x"],
)  # fmt: skip
def test_what_may_not_be_registered(uri: str) -> None:
    with pytest.raises(InvalidInputError):
        check_redirect(uri)
