"""The sign-ins of released clients, as they were recorded: ours sends the same, field by field."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.ports.tokens import SignIn, SignIns, StoredToken, TokenKey
from polaris.testing import ScriptedInteraction
from polaris_adapters.hub_http.auth.sign_in_settings import PUBLIC_CLIENT_ID

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth

EXTERNAL = "https://hub.example/ext/oauth"
LOGIN = {
    "authorize_url": f"{EXTERNAL}/authorize",
    "token_fetch_url": f"{EXTERNAL}/token",
    "user_info_url": f"{EXTERNAL}/userinfo",
    "client_id": PUBLIC_CLIENT_ID,
    # Given, and not derived, so that it is a page and not this machine.
    "callback_url": "https://hub.example/oauth2/callback?shown",
}
# They differ from sign-in to sign-in, or name the place of the recording.
CHANGING = {"code", "code_verifier", "redirect_uri"}

# By transcript: the login provider's token at its beginning, and for how many hours it is good.
RENEWALS = {
    "0.13.0_refresh": ("ext.1", -1),
    "0.13.0_exchange_upload_model": ("ext.1", 1),
    "head_submit_benchmark_predictions": ("ext.2", 1),
}

Form = list[tuple[str, str]]
Replay = Callable[[str], list[tuple[str, Form]]]


@pytest.fixture
def replayed(hub: LoginHub, vectors: Path) -> Replay:
    """Returns a function that lets the hub answer as recorded, and gives the recorded forms."""

    def replay(name: str) -> list[tuple[str, Form]]:
        hub.instead["/.well-known/oauth-authorization-server"] = lambda _: httpx.Response(404)
        path = vectors / "transcripts" / f"{name}.json"
        forms = []
        for exchange in json.loads(path.read_bytes()):
            asked, answered = exchange["request"], exchange["response"]
            reply = httpx.Response(answered["status"], json=answered["body"])
            hub.instead.setdefault(asked["path"], lambda _, reply=reply: reply)
            if _signs_in(exchange):
                forms.append((asked["path"], _stable(asked["body"])))
        return forms

    return replay


def _signs_in(exchange: dict[str, Any]) -> bool:
    """Say whether a token was asked for by which somebody signs in, and not one for storage."""
    asked = exchange["request"]
    return asked["path"].endswith("/token") and "resource=" not in asked["body"]


def _stable(body: str) -> Form:
    return [(k, "…" if k in CHANGING else v) for k, v in parse_qsl(body, strict_parsing=True)]


def _sent(hub: LoginHub) -> list[tuple[str, Form]]:
    posts = [request for request in hub.requests if request.method == "POST"]
    return [(request.url.path, _stable(request.content.decode())) for request in posts]


@pytest.mark.parametrize(
    ("name", "generation"),
    [("0.13.0_login", "auto"), ("0.13.0_login_overwrite", "g2"), ("0.6.0_login", "g1")],
)
async def test_signing_in_by_a_pasted_code_sends_what_was_recorded(
    hub: LoginHub, make_auth: MakeAuth, replayed: Replay, name: str, generation: str
) -> None:
    recorded = replayed(name)
    hub.instead.setdefault("/ext/oauth/userinfo", httpx.Response(200, json={"email": "a@b.c"}))
    person = ScriptedInteraction(answers=["CODE123"])
    made = make_auth(person=person, generation=generation, **LOGIN)
    identity = await made.auth.sign_in(overwrite=True, auto_open_browser=False)
    assert _sent(hub) == recorded
    assert identity.email == "a@b.c"
    expected = "ext.2" if generation == "g1" else "hub.jwt.1"
    assert (await made.auth.token()).reveal() == expected
    asked = next(request for request in hub.requests if request.url.path == "/ext/oauth/userinfo")
    assert asked.headers["authorization"] == "Bearer ext.2"


async def test_a_password_sends_what_was_recorded(
    hub: LoginHub, make_auth: MakeAuth, replayed: Replay
) -> None:
    recorded = replayed("0.13.0_password_upload_model")
    made = make_auth(username="alice", password=Secret("s3cret word"), **LOGIN)
    assert (await made.auth.token()).reveal() == "hub.jwt.1"
    assert _sent(hub) == recorded


@pytest.mark.parametrize("name", RENEWALS)
async def test_renewing_sends_what_was_recorded(
    hub: LoginHub, make_auth: MakeAuth, replayed: Replay, name: str
) -> None:
    recorded = replayed(name)
    made = make_auth(**LOGIN)
    now = made.clock.now()
    hub_token = StoredToken(
        access=Secret("hub.jwt.0"),
        issued_at=now - timedelta(hours=2),
        expires_at=now - timedelta(hours=1),
        issuer="https://hub.example/api/auth/token",
    )
    access, hours = RENEWALS[name]
    external = StoredToken(
        access=Secret(access),
        refresh=Secret("ref.1"),
        issued_at=now - timedelta(hours=2),
        expires_at=now + timedelta(hours=hours),
        issuer=f"{EXTERNAL}/token",
    )
    kept = SignIn(
        account="alice",
        road="browser",
        external=external,
        hub=hub_token,
        audience=made.session.api_url,
    )
    key = TokenKey("https://hub.example/", PUBLIC_CLIENT_ID)
    await made.vault.save(key, SignIns().with_active(kept))
    assert (await made.auth.token()).reveal() == "hub.jwt.1"
    assert _sent(hub) == recorded


def test_every_recorded_sign_in_is_replayed(vectors: Path) -> None:
    here = {
        "0.13.0_login",
        "0.13.0_login_overwrite",
        "0.6.0_login",
        "0.13.0_password_upload_model",
        *RENEWALS,
    }
    paths = (vectors / "transcripts").glob("*.json")
    found = {path.stem: json.loads(path.read_bytes()) for path in paths}
    assert {name for name, said in found.items() if any(map(_signs_in, said))} == here
