"""Tokens that polaris-lib has cached (protocol section 4.4): read, never written or renewed."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from polaris.testing import ManualClock
from polaris_adapters.token_vaults import PolarisLibTokens

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


def _write(folder: Path, name: str, clock: ManualClock, **changes: Any) -> Path:
    content = {
        "access_token": f"cached-{name}",
        "refresh_token": "cached-refresh",
        "expires_at": int(clock.now().timestamp()) + 600,
    } | changes
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def foreign(tmp_path: Path) -> PolarisLibTokens:
    return PolarisLibTokens(tmp_path, "https://hub.example/api")


async def test_a_hub_token_is_used_while_it_is_good(
    hub: LoginHub,
    make_auth: MakeAuth,
    clock: ManualClock,
    tmp_path: Path,
    foreign: PolarisLibTokens,
) -> None:
    path = _write(tmp_path, "hub_auth_token", clock)
    before = path.read_bytes()
    made = make_auth(foreign=foreign)
    assert (await made.auth.token()).reveal() == "cached-hub_auth_token"
    assert (await made.auth.status()).road == "polaris-lib"
    clock.advance(601)
    assert await made.auth.current() is None
    assert path.read_bytes() == before
    assert hub.requests == []


@pytest.mark.parametrize("name", ["external_auth_token", "polaris_auth_token"])
async def test_an_external_token_is_exchanged_once(
    hub: LoginHub,
    make_auth: MakeAuth,
    clock: ManualClock,
    tmp_path: Path,
    foreign: PolarisLibTokens,
    name: str,
) -> None:
    _write(tmp_path, name, clock)
    made = make_auth(foreign=foreign, user_info_url="https://hub.example/userinfo")
    assert (await made.auth.token()).reveal() == "hub-access-1"
    assert (await made.auth.token()).reveal() == "hub-access-1"
    assert [f["subject_token"] for f in hub.forms("/api/auth/token")] == [f"cached-{name}"]
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert made.vault.saved == []


async def test_nothing_of_it_is_renewed(
    hub: LoginHub,
    make_auth: MakeAuth,
    clock: ManualClock,
    tmp_path: Path,
    foreign: PolarisLibTokens,
) -> None:
    _write(tmp_path, "external_auth_token", clock, expires_at=1)
    assert await make_auth(foreign=foreign).auth.current() is None
    assert hub.requests == []


async def test_our_own_sign_in_comes_first_and_so_does_having_signed_out(
    make_auth: MakeAuth,
    clock: ManualClock,
    tmp_path: Path,
    foreign: PolarisLibTokens,
) -> None:
    made = make_auth(foreign=foreign)
    await made.auth.sign_in()
    _write(tmp_path, "hub_auth_token", clock)
    assert (await made.auth.token()).reveal() == "hub-access-2"
    await made.auth.sign_out()
    assert await made.auth.current() is None
    assert await make_auth(vault=made.vault, foreign=foreign).auth.current() is None


async def test_signing_out_holds_though_only_polaris_lib_was_signed_in(
    make_auth: MakeAuth, clock: ManualClock, tmp_path: Path, foreign: PolarisLibTokens
) -> None:
    _write(tmp_path, "hub_auth_token", clock)
    made = make_auth(foreign=foreign)
    await made.auth.sign_out()
    assert await make_auth(vault=made.vault, foreign=foreign).auth.current() is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b'"text"', b"{}", b'{"access_token": 5}',
        b'{"access_token": ""}', b'{"access_token": "a\\nb"}', b'{"message": "saved by mistake"}',
        b"[" * 100000,
    ],
)  # fmt: skip
async def test_a_malformed_file_is_ignored_and_noted(
    make_auth: MakeAuth,
    tmp_path: Path,
    foreign: PolarisLibTokens,
    content: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "hub_auth_token.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        made = make_auth(foreign=foreign)
        assert await made.auth.current() is None
        assert await made.auth.current() is None
    assert caplog.text.count(str(path)) == 1
    assert path.read_bytes() == content


@pytest.mark.parametrize("value", ["2026-01-01T00:00:00", None, [], True, 1e300])
async def test_an_end_that_is_no_number_means_that_it_does_not_say(
    make_auth: MakeAuth,
    clock: ManualClock,
    tmp_path: Path,
    foreign: PolarisLibTokens,
    value: Any,
) -> None:
    _write(tmp_path, "hub_auth_token", clock, expires_at=value)
    assert await make_auth(foreign=foreign).auth.current() is not None
