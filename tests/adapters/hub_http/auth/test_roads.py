"""Which road is taken in which surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.ports.interaction import Surroundings
from polaris_adapters.hub_http.auth.discovery import LoginServer
from polaris_adapters.hub_http.auth.roads import choose
from polaris_adapters.hub_http.auth.sign_in_settings import PUBLIC_CLIENT_ID, PUBLIC_LOGIN
from polaris_adapters.hub_http.auth.workload import GivenIdentity

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import MakeAuth

HERE, THERE = "http://127.0.0.1:8765/cb", "https://login.example/shows-code"
IDENTITY = GivenIdentity("POLARIS_ID_TOKEN", Secret("a.b.c"))


def _server(*, codes: bool, public: bool = False) -> LoginServer:
    return LoginServer(
        authorization_endpoint=f"{PUBLIC_LOGIN if public else 'https://login.example/'}authorize",
        token_endpoint="https://login.example/t",
        userinfo_endpoint="https://login.example/u",
        device_authorization_endpoint="https://login.example/d" if codes else None,
    )


@pytest.mark.parametrize(
    ("browser", "prompt", "codes", "given", "expected"),
    [
        # A browser, and a login server that sends it back.
        (True, True, True, {}, "browser"),
        (True, False, False, {}, "browser"),
        (True, True, True, {"callback_url": HERE}, "browser"),
        # A browser, and a page that shows the code.
        (True, True, True, {"client_id": PUBLIC_CLIENT_ID, "public": True}, "pasted_code"),
        (True, True, False, {"callback_url": THERE}, "pasted_code"),
        (True, False, True, {"callback_url": THERE}, "device"),
        (True, False, False, {"client_id": PUBLIC_CLIENT_ID, "public": True}, None),
        # The client of the public hub at another login server.
        (True, True, True, {"client_id": PUBLIC_CLIENT_ID}, "browser"),
        (True, True, True, {"public": True}, "browser"),
        # None.
        (False, True, True, {}, "device"),
        (False, False, True, {}, "device"),
        (False, True, False, {}, "pasted_code"),
        (False, False, False, {}, None),
        # The identity of a job comes first.
        (True, True, True, {"identity": IDENTITY}, "workload"),
        (False, False, False, {"identity": IDENTITY}, "workload"),
        # Opening a browser was declined.
        (True, True, True, {"open_browser": False}, "device"),
        (True, True, False, {"open_browser": False}, "pasted_code"),
    ],
)
def test_the_best_road_that_is_open_is_taken(
    make_auth: MakeAuth,
    browser: bool,
    prompt: bool,
    codes: bool,
    given: dict[str, Any],
    expected: str | None,
) -> None:
    given = dict(given)
    identity, open_browser = given.pop("identity", None), given.pop("open_browser", True)
    server = _server(codes=codes, public=given.pop("public", False))
    settings = make_auth(**given).auth._settings
    around = Surroundings(browser, prompt, "the test says so")
    if expected is None:
        with pytest.raises(SignInError) as caught:
            choose(settings, around, server, identity, open_browser=open_browser)
        assert "POLARIS_TOKEN" in caught.value.hint
        return
    found = choose(settings, around, server, identity, open_browser=open_browser)
    assert found.road == expected
    assert found.why
    assert found.event.details["road"] == expected
    assert found.why in found.event.message
