"""``polaris doctor``: what it shows, and with what it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Polaris = Callable[..., Any]


def test_a_hub_that_is_well(published: Polaris) -> None:
    ended = published("doctor")
    assert ended.code == 0, ended.err
    assert "ok    database" in ended.out
    assert "ok    objects" in ended.out
    assert ended.out.splitlines()[-1].startswith("All is well: file:///")
    assert ended.err == ""


def test_it_is_read_without_colour_in_80_columns(published: Polaris) -> None:
    lines = published("doctor").out.splitlines()
    assert "\x1b" not in "".join(lines)
    # The last line has the URL of the hub, which is not broken.
    assert max(len(line) for line in lines[:-1]) <= 80
    assert all(line == line.rstrip() for line in lines)


def test_programs_get_json(published: Polaris) -> None:
    told = published("doctor", "--json").data
    assert (told["outcome"], told["exitCode"]) == ("good", 0)
    assert told["hub"].startswith("file:///")
    assert told["settings"]["hub_url"]["origin"] == "argument"
    checks = [finding["check"] for finding in told["findings"]]
    assert checks == [
        "cache", "packages", "folder", "space", "database", "hidden targets", "sign-in",
        "catalogue", "objects",
    ]  # fmt: skip
    assert set(told["findings"][0]) == {
        "check", "outcome", "message", "hint", "code", "details",
    }  # fmt: skip


def test_a_hub_that_is_not_there_yet_is_not_made(polaris: Polaris, tmp_path: Path) -> None:
    assert polaris("doctor").code == 0
    assert not (tmp_path / "hub").exists()


def test_a_damaged_hub_ends_with_1(published: Polaris, tmp_path: Path) -> None:
    (tmp_path / "hub" / "catalogue.sqlite").write_bytes(b"damaged" * 1000)
    ended = published("doctor")
    assert ended.code == 1
    assert "FAIL  database" in ended.out
    assert "-> Restore it from a backup" in ended.out
    assert "1 failed, 0 to look at" in ended.out


def test_a_hub_without_a_network_ends_with_7(polaris: Polaris) -> None:
    ended = polaris("doctor", "--json", hub="https://no-such-host.invalid")
    assert ended.code == 7
    assert ended.data["findings"][-1]["check"] == "name"
    assert ended.data["findings"][-1]["code"] == "hub_unreachable"


def test_settings_that_are_wrong_are_a_finding(polaris: Polaris) -> None:
    ended = polaris("doctor", hub="nonsense")
    assert ended.code == 1
    assert "FAIL  settings" in ended.out
    assert "https://nonsense" in ended.out


def test_certificates_that_cannot_be_read_are_a_finding(
    polaris: Polaris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    monkeypatch.setenv("POLARIS_CA_BUNDLE", str(tmp_path / "empty.pem"))
    ended = polaris("doctor", hub="https://no-such-host.invalid")
    assert ended.code == 1
    assert "ca_bundle" in ended.out


def test_a_transport_that_nobody_has(polaris: Polaris) -> None:
    ended = polaris("doctor", hub="gopher://hub.example")
    assert ended.code == 1
    assert "gopher" in ended.out


def test_no_secret_is_shown(polaris: Polaris, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "PASSWORD"):
        monkeypatch.setenv(f"POLARIS_{name}", "sekret")
    url = "https://me:sekret@no-such-host.invalid/?key=sekret"
    for more in ((), ("--json",), ("--debug",)):
        ended = polaris("doctor", *more, hub=url)
        assert "sekret" not in ended.out + ended.err
        assert "***" in ended.out


def test_settings_that_were_set_are_shown_with_their_origin(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARIS_MAX_ATTEMPTS", "3")
    lines = [line.split() for line in polaris("doctor").out.splitlines()]
    place = lines.index(["max_attempts", "3"])
    assert lines[place + 1] == ["(environment", "POLARIS_MAX_ATTEMPTS)"]
