"""Settings: where they come from, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from polaris.bootstrap.settings import settings_with_origins
from polaris.errors import InvalidSettingsError
from polaris.hub.settings import PolarisHubSettings

PROFILES = """
[default]
hub_url = "https://default.example/"
scopes = "from-default"

[work]
hub_url = "file:///srv/hub"
default_timeout = [1, 2]
"""


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(PROFILES)
    return path


def test_the_defaults_are_those_of_the_public_hub() -> None:
    settings = PolarisHubSettings()
    assert settings.hub_url == "https://polarishub.io/"
    assert settings.api_url == "https://polarishub.io/api"
    assert settings.hub_token_url == "https://polarishub.io/api/auth/token"
    assert settings.callback_url == "https://polarishub.io/oauth2/callback"
    assert settings.scopes == "profile email"
    assert settings.default_timeout == (10, 200)
    assert settings.username is None
    assert settings.password is None


def test_every_setting_of_the_protocol_has_its_variable_and_default(vectors: Path) -> None:
    names = {field.name for field in attrs.fields(PolarisHubSettings)}
    settings = PolarisHubSettings()
    for entry in json.loads((vectors / "settings.json").read_text()):
        name = entry["env"].removeprefix("POLARIS_").lower()
        assert name in names
        if "urljoin" not in str(entry["default"]):
            actual = getattr(settings, name)
            expected = entry["default"]
            assert (list(actual) if isinstance(actual, tuple) else actual) == expected


@pytest.mark.parametrize(
    "name", [f.name for f in attrs.fields(PolarisHubSettings) if f.name != "config_file"]
)
def test_every_setting_is_read_from_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    values = {
        "default_timeout": "[3, 4]",
        "profile": "default",
        "ca_bundle": str(tmp_path / "file"),
        "env_file": str(tmp_path / "file"),
        "cache_dir": str(tmp_path),
        "identity_token_file": str(tmp_path / "file"),
        "token_store": "memory",
        "max_attempts": "2",
        "total_timeout": "7.5",
        "generation": "g2",
    }
    text = values.get(name, "https://set.example/here" if name.endswith("url") else "set")
    monkeypatch.setenv(f"POLARIS_{name.upper()}", text)
    settings, origins = settings_with_origins()
    assert origins[name] == f"environment POLARIS_{name.upper()}"
    value = getattr(settings, name)
    shown = value.reveal() if name in ("password", "token") else value
    assert (json.loads(text) if name == "default_timeout" else text) == (
        list(shown) if isinstance(shown, tuple) else str(shown)
    )


def test_arguments_win_over_the_environment_over_the_env_file_over_the_profile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profiles: Path
) -> None:
    env_file = tmp_path / "env"
    env_file.write_text("POLARIS_SCOPES=env-file\nPOLARIS_CLIENT_ID='env-file'\nOTHER=1\n")
    monkeypatch.setenv("POLARIS_CLIENT_ID", "environment")
    monkeypatch.setenv("POLARIS_USERNAME", "environment")
    settings, origins = settings_with_origins(
        config_file=profiles, profile="work", env_file=env_file, username="argument"
    )
    assert settings.hub_url == "file:///srv/hub"
    assert settings.default_timeout == (1, 2)
    assert settings.scopes == "env-file"
    assert settings.client_id == "environment"
    assert settings.username == "argument"
    assert origins["hub_url"] == f"profile work in {profiles}"
    assert origins["scopes"] == f"env file {env_file}"
    assert origins["client_id"] == "environment POLARIS_CLIENT_ID"
    assert origins["username"] == "argument"
    assert origins["user_info_url"] == "default"


def test_a_profile_takes_from_the_default_profile_what_it_does_not_set(profiles: Path) -> None:
    assert PolarisHubSettings(config_file=profiles, profile="work").scopes == "from-default"
    assert PolarisHubSettings(config_file=profiles).hub_url == "https://default.example/"


def test_the_profile_file_is_found_in_the_users_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "polaris").mkdir()
    (tmp_path / "polaris" / "config.toml").write_text(PROFILES)
    monkeypatch.setenv("POLARIS_PROFILE", "work")
    assert PolarisHubSettings().hub_url == "file:///srv/hub"


def test_the_working_directorys_env_file_is_not_read_unless_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("POLARIS_SCOPES=planted\n")
    assert PolarisHubSettings().scopes == "profile email"
    assert PolarisHubSettings(env_file=".env").scopes == "planted"


def test_empty_variables_count_as_unset_and_names_have_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLARIS_SCOPES", "")
    monkeypatch.setenv("polaris_client_id", "lower")
    settings = PolarisHubSettings()
    assert settings.scopes == "profile email"
    assert settings.client_id == "lower"


def test_settings_are_read_when_they_are_made_and_not_at_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLARIS_HUB_URL", "memory://first")
    first = PolarisHubSettings()
    monkeypatch.setenv("POLARIS_HUB_URL", "memory://second")
    assert (first.hub_url, PolarisHubSettings().hub_url) == ("memory://first", "memory://second")


def test_a_password_is_not_shown() -> None:
    settings = PolarisHubSettings(username="ada", password="hunter2")
    assert "hunter2" not in repr(settings) + str(settings) + str(attrs.asdict(settings))
    assert settings.password is not None
    assert settings.password.reveal() == "hunter2"


def test_urls_of_the_hub_follow_the_hub_url_unless_given() -> None:
    settings = PolarisHubSettings(
        hub_url="http://localhost:8000/sub/", api_url="http://a.example/x"
    )
    assert settings.api_url == "http://a.example/x"
    assert settings.hub_token_url == "http://localhost:8000/api/auth/token"
    assert PolarisHubSettings(hub_url="file:///hub").api_url is None


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        PolarisHubSettings().hub_url = "memory://x"  # type: ignore[misc]


def test_a_setting_can_be_replaced_in_a_copy() -> None:
    settings = PolarisHubSettings(hub_url="memory://x", username="ada")
    assert attrs.evolve(settings, username="grace").username == "grace"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"hub_url": "/srv/hub"}, "file:///srv/hub"),
        ({"hub_url": "polarishub.io"}, "https://polarishub.io"),
        ({"hub_ur": "memory://x"}, "Did you mean hub_url"),
        ({"api_url": "ftp://x"}, "api_url"),
        ({"api_url": "http://host:port/"}, "api_url"),
        ({"default_timeout": "soon"}, "default_timeout"),
        ({"default_timeout": (0, 1)}, "default_timeout"),
        ({"default_timeout": [1, 2, 3]}, "default_timeout"),
        ({"ca_bundle": "/no/such/file.pem"}, "/no/such/file.pem"),
        ({"scopes": 3}, "scopes"),
        ({"config_file": "/no/such/file.toml"}, "/no/such/file.toml"),
        ({"env_file": "/no/such/env"}, "/no/such/env"),
        ({"profile": "nobody"}, "nobody"),
    ],
)
def test_what_breaks_a_rule_is_one_clear_error(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        PolarisHubSettings(**given)
    assert told in str(caught.value)
    assert caught.value.code == "invalid_settings"


def test_all_problems_are_reported_together_each_with_its_origin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLARIS_API_URL", "nowhere")
    with pytest.raises(InvalidSettingsError) as caught:
        PolarisHubSettings(default_timeout="soon", hub_url="nowhere")
    found = {problem.path: problem.message for problem in caught.value.problems}
    assert set(found) == {"api_url", "default_timeout", "hub_url"}
    assert "POLARIS_API_URL" in found["api_url"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[default\n", "TOML"),
        ("hub_url = 'memory://x'\n", "outside of any profile"),
        ("[default]\nhub_ulr = 'memory://x'\n", "Did you mean hub_url"),
        ("[default]\napi_url = 'x'\n", "profile default"),
        (b"\xff\xfe", "Cannot read"),
    ],
)
def test_a_damaged_profile_file_is_one_clear_error(
    content: str | bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidSettingsError, match=told) as caught:
        PolarisHubSettings(config_file=path)
    assert str(path) in str(caught.value)


def test_a_profile_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text("[default]\n")
    with pytest.raises(InvalidSettingsError, match=r"\.toml"):
        PolarisHubSettings(config_file=tmp_path / "settings.ini")


def test_an_unknown_profile_names_those_there_are(profiles: Path) -> None:
    with pytest.raises(InvalidSettingsError, match="default, work"):
        PolarisHubSettings(config_file=profiles, profile="play")


@pytest.mark.parametrize("text", ["false", "0", "off", "No"])
def test_verification_of_certificates_can_be_turned_off(text: str) -> None:
    assert PolarisHubSettings(ca_bundle=text).ca_bundle is False
    assert PolarisHubSettings(ca_bundle=False).ca_bundle is False


def test_dynaconf_is_loaded_only_for_a_profile_file(profiles: Path) -> None:
    code = """
import sys
from polaris.hub.settings import PolarisHubSettings
PolarisHubSettings()
print("dynaconf" in sys.modules)
PolarisHubSettings(config_file=sys.argv[1])
print("dynaconf" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(profiles)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
