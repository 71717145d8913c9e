"""Signing in without anybody: a token, a password, the identity of a job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import (
    HubReplyError,
    HubUnavailableError,
    InvalidSettingsError,
    PolarisUnauthorizedError,
    SignInError,
)
from polaris.testing.suites.at_once import at_once
from polaris_adapters.hub_http.auth import SignInSettings
from polaris_adapters.hub_http.call import Call

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth

PASSWORD = {"username": "alice", "password": Secret("s3cret word")}
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


async def test_a_token_of_the_settings_goes_along_as_it_is(
    hub: LoginHub, make_auth: MakeAuth, jwt: Callable[..., str]
) -> None:
    token = jwt({"username": "bot", "email": "bot@example.org"})
    made = make_auth(token=Secret(token))
    hub.instead["/api/v1/dataset"] = httpx.Response(200, json={})
    await made.session.send(Call("GET", "v1/dataset", "list"))
    assert hub.requests[-1].headers["authorization"] == f"Bearer {token}"
    identity = await made.auth.sign_in()
    assert identity.user.slug == "bot-user"
    assert made.vault.saved == []
    assert "/userinfo" not in [request.url.path for request in hub.requests]


async def test_a_token_that_the_hub_refuses_is_not_tried_again(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.instead["/api/v1/dataset"] = lambda _: httpx.Response(401)
    made = make_auth(token=Secret("opaque"))
    reply = await made.session.send_raw(Call("GET", "v1/dataset", "list"))
    assert reply.status_code == 401
    assert len(hub.requests) == 1
    with pytest.raises(HubReplyError, match="who signed in"):
        await made.auth.sign_in()


async def test_a_token_that_has_ended_is_told_of(
    make_auth: MakeAuth, jwt: Callable[..., str]
) -> None:
    ended = jwt({"username": "alice", "exp": 1_600_000_000})
    with pytest.raises(SignInError, match="has ended") as caught:
        await make_auth(token=Secret(ended)).auth.sign_in()
    assert "POLARIS_TOKEN" in caught.value.hint
    assert ended not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("value", ["", "  ", "two words\nand lines", "b\u00e9arer", "a\x00b"])
def test_what_cannot_be_a_token_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        SignInSettings.of({}, token=Secret(value))
    assert "POLARIS_TOKEN" in caught.value.hint
    assert not value.strip() or value not in f"{caught.value!r} {caught.value}"


async def test_user_info_of_the_hub_itself_is_asked_with_the_hubs_token(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth(token=Secret("opaque"), user_info_url="https://hub.example/userinfo")
    assert (await made.auth.sign_in()).email == "alice@example.org"
    assert hub.requests[-1].headers["authorization"] == "Bearer opaque"


async def test_a_password_gives_a_token_at_the_first_call(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth(**PASSWORD)
    token = await made.auth.current()
    assert token == await made.auth.current()
    assert [form["grant_type"] for form in hub.forms("/api/auth/token")] == ["password"]
    assert hub.requests[0].content == (
        b"grant_type=password&username=alice&password=s3cret+word&client_id=None"
    )
    made.clock.advance(590)
    assert await made.auth.current() != token
    identity = await made.auth.sign_in()
    assert identity.user.slug == "alice"
    assert made.vault.saved == []
    assert (await made.auth.status()).kept_in == "the settings"


def test_threads_sign_in_by_a_password_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = make_auth(**PASSWORD)

    async def call(_: int) -> set[str]:
        found = await asyncio.gather(*(made.auth.token() for _ in range(10)))
        return {token.reveal() for token in found}

    assert at_once(call, 5) == [{"hub-access-1"}] * 5
    assert len(hub.forms("/api/auth/token")) == 1


async def test_a_token_by_password_is_good_while_the_server_is_away(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth(**PASSWORD)
    await made.auth.token()
    made.clock.advance(545)
    hub.instead["/api/auth/token"] = lambda _: httpx.Response(503)
    hub.requests.clear()
    for _ in range(5):
        assert (await made.auth.token()).reveal() == "hub-access-1"
    assert len(hub.requests) == 3  # the tries of one call
    made.clock.advance(60)
    with pytest.raises(HubUnavailableError):
        await made.auth.token()


async def test_a_token_by_password_that_is_refused_is_replaced(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth(**PASSWORD)
    hub.instead["/api/v1/dataset"] = lambda request: httpx.Response(
        401 if request.headers["authorization"] == "Bearer hub-access-1" else 200, json={}
    )
    with pytest.raises(PolarisUnauthorizedError):  # It came a moment ago: another is no better.
        await made.session.send(Call("GET", "v1/dataset", "list"))
    made.clock.advance(100)
    await made.session.send(Call("GET", "v1/dataset", "list"))
    assert len(hub.forms("/api/auth/token")) == 2


async def test_a_wrong_password_is_told_and_not_shown(make_auth: MakeAuth) -> None:
    made = make_auth(username="alice", password=Secret("wr0ng-secret"))
    with pytest.raises(SignInError, match="invalid_grant") as caught:
        await made.auth.sign_in()
    assert "wr0ng-secret" not in f"{caught.value!r} {caught.value}"


async def test_a_user_name_alone_signs_nobody_in(make_auth: MakeAuth) -> None:
    assert await make_auth(username="alice").auth.current() is None


async def test_an_identity_file_is_read_anew_for_every_token(
    hub: LoginHub, make_auth: MakeAuth, tmp_path: Path, jwt: Callable[..., str]
) -> None:
    file = tmp_path / "token"
    first, second = jwt({"sub": "repo:acme/first"}), jwt({"sub": "repo:acme/second"})
    file.write_text(first + "\n")
    made = make_auth(identity_token_file=file)
    assert (await made.auth.sign_in()).user.slug == "repo-acme-first"
    file.write_text(second)
    made.clock.advance(590)
    await made.auth.current()
    sent = hub.forms("/api/auth/token")
    assert [form["subject_token"] for form in sent] == [first, second]
    assert {form["subject_token_type"] for form in sent} == {ID_TOKEN}
    assert sent[0]["audience"] == "https://hub.example/"
    assert made.vault.saved == []


@pytest.mark.parametrize("content", [None, b"", b"   ", b"\xff\xfe", b"two words\nand lines"])
async def test_a_file_without_a_token_is_told_of(
    make_auth: MakeAuth, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SignInError, match="token") as caught:
        await make_auth(identity_token_file=file).auth.sign_in()
    assert caught.value.hint


async def test_gitlab_gives_its_token_by_a_variable(
    hub: LoginHub, make_auth: MakeAuth, jwt: Callable[..., str]
) -> None:
    made = make_auth(environment={"POLARIS_ID_TOKEN": jwt({"sub": "project_path:acme/x"})})
    assert (await made.auth.sign_in()).user.slug == "project-path-acme-x"
    road = next(event for event in made.person.events if event.kind == "road")
    assert road.details["road"] == "workload"
    assert "POLARIS_ID_TOKEN" in str(road.details["why"])


async def test_github_is_asked_for_a_token_for_this_hub(
    hub: LoginHub, make_auth: MakeAuth, jwt: Callable[..., str]
) -> None:
    given = jwt({"sub": "repo:acme/x:ref:main"})
    hub.instead["/runner"] = httpx.Response(200, json={"value": given})
    environment = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://runner.example/runner?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret",
    }
    made = make_auth(environment=environment)
    await made.auth.sign_in()
    asked = next(request for request in hub.requests if request.url.path == "/runner")
    assert asked.headers["authorization"] == "Bearer runner-secret"
    assert dict(asked.url.params) == {"api-version": "2", "audience": "https://hub.example/"}
    assert hub.forms("/api/auth/token")[0]["subject_token"] == given
    made.clock.advance(590)
    assert await made.auth.current() is not None
    assert len(hub.forms("/api/auth/token")) == 2


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(403, text="no permission"),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"value": None}),
        httpx.Response(200, text="<html>"),
    ],
)
async def test_a_job_without_the_permission_is_told_which(
    hub: LoginHub, make_auth: MakeAuth, reply: httpx.Response
) -> None:
    hub.instead["/runner"] = reply
    environment = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://runner.example/runner",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret",
    }
    with pytest.raises(SignInError) as caught:
        await make_auth(environment=environment).auth.sign_in()
    assert "id-token: write" in caught.value.hint
    assert "runner-secret" not in f"{caught.value!r} {caught.value}"


async def test_without_any_road_each_that_could_be_opened_is_named(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.metadata["device_authorization_endpoint"] = None
    with pytest.raises(SignInError) as caught:
        await make_auth().auth.sign_in()
    for name in ("POLARIS_TOKEN", "POLARIS_PASSWORD", "POLARIS_IDENTITY_TOKEN_FILE"):
        assert name in caught.value.hint
