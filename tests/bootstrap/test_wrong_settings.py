"""Settings that a hurried user gives: wrong types, other letter case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polaris.errors import InvalidSettingsError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings


@pytest.mark.parametrize("name", ["config_file", "env_file"])
def test_a_file_that_is_no_path_is_refused(name: str) -> None:
    given: dict[str, Any] = {name: 5}
    with pytest.raises(InvalidSettingsError, match=f"{name}: must be a path, not int"):
        PolarisHubSettings(**given)


@pytest.mark.parametrize("asked", ["Trial", "trial", "TRIAL"])
def test_the_name_of_a_profile_has_any_case(tmp_path: Path, asked: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[Trial]\nhub_url = "memory://trial"\n')
    settings = PolarisHubSettings(config_file=path, profile=asked)
    assert settings.hub_url == "memory://trial"
    assert settings.profile == asked


@pytest.mark.parametrize("given", ["file:///data/hub", {"hub_url": "memory://x"}])
def test_a_client_made_of_something_else_says_how_to_make_it(given: Any) -> None:
    with pytest.raises(InvalidSettingsError, match=r"must be PolarisHubSettings, not (str|dict)"):
        PolarisHubClient(given)


def test_an_address_that_follows_from_another_names_it() -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        PolarisHubSettings(hub_url="http://")
    assert "is not an http(s) URL, derived from hub_url" in str(caught.value)
