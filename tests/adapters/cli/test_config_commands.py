"""``polaris config`` and ``polaris version``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polaris.domain.artifact import library_version

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris


def test_the_settings_are_shown(polaris: Polaris, hub_url: str) -> None:
    lines = polaris("config", "show").out.splitlines()
    fields = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}
    assert fields["hub_url"] == hub_url
    assert polaris("config", "show", "--json").data["hub_url"] == hub_url


def test_origins_are_shown(
    polaris: Polaris, hub_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POLARIS_CACHE_DIR", str(tmp_path))
    heading, *lines = polaris("config", "show", "--origin").out.splitlines()
    assert heading.split() == ["SETTING", "VALUE", "ORIGIN"]
    assert any(line.split() == ["hub_url", hub_url, "argument"] for line in lines)
    data = polaris("config", "show", "--origin", "--json").data
    assert data["cache_dir"]["value"] == str(tmp_path)
    assert "POLARIS_CACHE_DIR" in data["cache_dir"]["origin"]


@pytest.mark.parametrize("options", [[], ["--json"], ["--origin"], ["--origin", "--json"]])
def test_secrets_are_masked(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.setenv("POLARIS_USERNAME", "somebody")
    monkeypatch.setenv("POLARIS_PASSWORD", "open-sesame")
    ended = polaris("config", "show", *options)
    assert ended.code == 0
    assert "somebody" in ended.out
    assert "open-sesame" not in ended.out + ended.err


def test_a_profile_is_read(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[lab]\nhub_url = "file:///lab/hub"\n')
    monkeypatch.setenv("POLARIS_CONFIG_FILE", str(file))
    ended = polaris("config", "show", "--profile", "lab", "--json", hub=None)
    assert ended.data["hub_url"] == "file:///lab/hub"


def test_bad_settings_end_with_2_and_name_their_origin(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARIS_DEFAULT_TIMEOUT", "soon")
    ended = polaris("config", "show")
    assert (ended.code, ended.out) == (2, "")
    assert "POLARIS_DEFAULT_TIMEOUT" in ended.err
    assert "Code: invalid_settings" in ended.err


def test_the_version_is_shown(polaris: Polaris) -> None:
    expected = f"polaris-hub {library_version()}\n"
    assert polaris("version").out == expected
    assert polaris("--version", hub=None).out == expected
    assert polaris("version", "--json").data["polaris-hub"] == library_version()
