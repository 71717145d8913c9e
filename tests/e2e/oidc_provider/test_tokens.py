"""Refresh with rotation, and revocation, against the certified provider."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.ports.interaction import SignInEvent
from polaris.testing import ScriptedInteraction
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.token_vaults import FileTokenVault

if TYPE_CHECKING:
    from tests.e2e.oidc_provider.conftest import MakeAuth, Provider, Visitor

REFRESHED = "success refresh_token"

WORKER = """
import asyncio, json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from polaris.application.retry import RetryPolicy
from polaris.testing import ManualClock, ScriptedInteraction
from polaris_adapters.hub_http.auth import HubAuth, SignInSettings
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.token_vaults import FileTokenVault

given = json.loads(sys.argv[1])
clock = ManualClock(datetime.fromisoformat(given.pop("now")))
vault = FileTokenVault(Path(given.pop("folder")))
settings = SignInSettings(**given)
options = parse_options({"trust_env": False}, {"default_timeout": (10, 20), "ca_bundle": False})
session = HttpSession(settings.api_url, options, clock, RetryPolicy())
auth = HubAuth(session, settings, vault, ScriptedInteraction(), environment={})

async def main():
    found = await asyncio.gather(*(auth.token() for _ in range(50)))
    await session.aclose()
    return sorted({token.reveal() for token in found})

print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(asyncio.run(main())))
"""


class Person(ScriptedInteraction):
    def __init__(self, visitor: Visitor) -> None:
        super().__init__()
        self.visitor = visitor

    async def tell(self, event: SignInEvent, /) -> None:
        if event.kind == "device_code":
            await self.visitor.visit(str(event.details["verification_uri_complete"]))


async def test_fifty_callers_renew_once_and_again_and_again(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider
) -> None:
    made = make_auth(Person(visitor))
    await made.auth.sign_in()
    before, seen = provider.counts().get(REFRESHED, 0), set()
    for turn in range(3):
        made.clock.advance(3590)
        found = await asyncio.gather(*(made.auth.token() for _ in range(50)))
        assert len({token.reveal() for token in found}) == 1
        seen.add(found[0].reveal())
        assert provider.counts()[REFRESHED] == before + turn + 1
    assert len(seen) == 3


def _worker(python: str, given: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", WORKER, json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_four_processes_with_fifty_callers_each_renew_once(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider, tmp_path: Path, python: str
) -> None:
    vault = FileTokenVault(tmp_path / "sign-ins")
    made = make_auth(Person(visitor), vault=vault)
    await made.auth.sign_in()
    made.clock.advance(3590)
    before = provider.counts()
    given = attrs.asdict(made.auth._settings) | {
        "folder": str(tmp_path / "sign-ins"),
        "now": made.clock.now().isoformat(),
    }
    workers = [_worker(python, given) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    ended = [await asyncio.to_thread(worker.communicate, timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, ended
    found = [json.loads(out) for out, _ in ended]
    assert found == [found[0]] * 4
    assert len(found[0]) == 1
    after = provider.counts()
    assert after[REFRESHED] == before.get(REFRESHED, 0) + 1
    assert after.get("error invalid_grant") == before.get("error invalid_grant")
    # The token that all of them hold is good, and so is the refresh token that was kept.
    made.clock.advance(3590)
    assert (await make_auth(vault=vault, clock=made.clock).auth.token()).reveal()


async def test_a_refresh_token_that_was_used_twice_ends_the_sign_in(
    make_auth: MakeAuth, visitor: Visitor
) -> None:
    """RFC 9700 section 4.14.2."""
    made = make_auth(Person(visitor))
    await made.auth.sign_in()
    old = made.vault.saved[-1].current.external
    made.clock.advance(3590)
    await made.auth.token()
    with pytest.raises(Refusal, match="invalid_grant"):
        await made.auth._obtaining.requests.by_refresh(old, at_hub=False, scope="", key="k")
    made.clock.advance(3601)
    with pytest.raises(SignInError, match="invalid_grant") as caught:
        await made.auth.token()
    assert "polaris auth login" in caught.value.hint


async def _is_active(provider: Provider, token: Secret) -> bool:
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        reply = await client.get(
            f"{provider.issuer}/me", headers={"authorization": f"Bearer {token.reveal()}"}
        )
    return reply.status_code == 200


async def test_signing_out_takes_the_tokens_back(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider
) -> None:
    made = make_auth(Person(visitor))
    await made.auth.sign_in()
    token = made.vault.saved[-1].current.external
    assert await _is_active(provider, token.access)
    await made.auth.sign_out()
    assert not await _is_active(provider, token.access)
    with pytest.raises(Refusal, match="invalid_grant"):
        await made.auth._obtaining.requests.by_refresh(token, at_hub=False, scope="", key="k")
    assert await made.auth.current() is None


@pytest.mark.parametrize(
    ("client_id", "fields", "error"),
    [
        ("polaris", {"grant_type": "refresh_token"}, "invalid_request"),
        ("nobody-knows", {"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_client"),
        ("polaris", {"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ("polaris", {"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_the_errors_of_the_provider_are_told_in_our_words(
    make_auth: MakeAuth,
    provider: Provider,
    client_id: str,
    fields: dict[str, str],
    error: str,
) -> None:
    """RFC 6749 section 5.2."""
    requests = make_auth(client_id=client_id).auth._obtaining.requests
    with pytest.raises(Refusal) as caught:
        await requests._ask(f"{provider.issuer}/token", client_id, "try it", fields)
    assert caught.value.error == error
    told = caught.value.as_error("try it")
    assert told.hint
    assert error in told.message


async def test_a_scope_that_was_not_granted_is_refused(
    make_auth: MakeAuth, visitor: Visitor
) -> None:
    made = make_auth(Person(visitor), scopes="openid offline_access")
    await made.auth.sign_in()
    token = made.vault.saved[-1].current.external
    with pytest.raises(Refusal, match="invalid_scope"):
        await made.auth._obtaining.requests.by_refresh(
            token, at_hub=False, scope="openid email", key="k"
        )


async def test_not_even_debug_logs_hold_a_secret(
    make_auth: MakeAuth, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = make_auth(Person(visitor))
    await made.auth.sign_in()
    made.clock.advance(3590)
    await made.auth.token()
    await made.auth.sign_out()
    tokens = [saved.current.external for saved in made.vault.saved if saved.current is not None]
    secrets = {token.access.reveal() for token in tokens}
    secrets |= {token.refresh.reveal() for token in tokens if token.refresh is not None}
    assert len(secrets) == 4
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert caplog.text
