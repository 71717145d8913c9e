"""Settings of a server: where they come from, and what they may not be."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.errors import InvalidSettingsError

KEYS = {"storage_access_key": "key", "storage_secret_key": "s3cr3t"}


def _problems(**given: Any) -> list[str]:
    with pytest.raises(InvalidSettingsError) as raised:
        ServerSettings(**given)
    return [problem.path for problem in raised.value.problems]


def test_what_nobody_sets_is_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServerSettings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.is_local
    assert settings.hosts == ("localhost", "127.0.0.1", "::1")
    assert settings.data.is_relative_to(Path.home())
    assert (settings.database, settings.storage) == (None, None)
    assert settings.metrics == "token"
    assert settings.jobs
    assert settings.released


def test_arguments_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "server.toml"
    file.write_text("[default]\nport = 1\nworkers = 1\ngrace = 1\n[big]\ngrace = 5\njobs = false\n")
    monkeypatch.setenv("POLARIS_SERVER_CONFIG_FILE", str(file))
    monkeypatch.setenv("POLARIS_SERVER_PROFILE", "big")
    monkeypatch.setenv("POLARIS_SERVER_PORT", "2")
    monkeypatch.setenv("POLARIS_SERVER_WORKERS", "2")
    found = ServerSettings(port=3)
    assert (found.port, found.workers, found.grace, found.jobs) == (3, 2, 5.0, False)


def test_clients_know_nothing_of_a_servers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARIS_SERVER_PROFILE", "elsewhere")
    monkeypatch.setenv("POLARIS_SERVER_TOKEN", "a token")
    assert PolarisHubSettings().profile == "default"
    assert PolarisHubSettings().token is None
    with pytest.raises(InvalidSettingsError, match="elsewhere"):
        ServerSettings()


def test_an_env_file_has_settings_too(tmp_path: Path) -> None:
    file = tmp_path / "server.env"
    file.write_text("POLARIS_SERVER_DATABASE=postgresql://hub:s3cr3t@db/hub\nPOLARIS_TOKEN=x\n")
    found = ServerSettings(env_file=file)
    assert found.database == "postgresql://hub:s3cr3t@db/hub"


def test_secrets_are_shown_nowhere() -> None:
    settings = ServerSettings(
        database="postgresql://hub:s3cr3t@db/hub",
        metrics_token="s3cr3t",
        oidc_issuer="https://login.example",
        oidc_client_id="hub",
        oidc_client_secret="s3cr3t",
        storage="s3://bucket/x",
        **KEYS,
    )
    assert "s3cr3t" not in repr(settings)
    again = pickle.loads(pickle.dumps(settings))
    assert again == settings
    assert again.metrics_token.reveal() == "s3cr3t"


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"port": 70000}, ["port"]),
        ({"port": "-1"}, ["port"]),
        ({"port": True}, ["port"]),
        ({"workers": 0}, ["workers"]),
        ({"jobs": "perhaps"}, ["jobs"]),
        ({"database": "mysql://hub@db/hub"}, ["database"]),
        ({"storage": "s3:///nothing"}, ["storage"]),
        ({"storage": "gs://bucket"}, ["storage"]),
        ({"storage": "s3://bucket?x=1"}, ["storage"]),
        ({"url": "hub.example.org"}, ["url"]),
        ({"url": "https://user@hub.example.org"}, ["url"]),
        ({"url": "https://hub.example.org?x=1"}, ["url"]),
        ({"metrics": "some"}, ["metrics"]),
        ({"log_format": "xml"}, ["log_format"]),
        ({"allowed_hosts": 3}, ["allowed_hosts"]),
        ({"allowed_hosts": "[1]"}, ["allowed_hosts"]),
        ({"tls_key": "/no/such/file"}, ["tls_key"]),
        ({"storage_secret_key": "x"}, ["storage_access_key"]),
        ({"oidc_issuer": "https://login.example"}, ["oidc_client_id"]),
        ({"passwords": False}, ["passwords"]),
        ({"prot": 1}, ["prot"]),
        ({"port": "x", "workers": "y"}, ["port", "workers"]),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], paths: list[str]) -> None:
    assert _problems(**given) == paths


def test_a_database_that_is_refused_is_not_quoted() -> None:
    with pytest.raises(InvalidSettingsError) as raised:
        ServerSettings(database="mysql://hub:s3cr3t@db/hub")
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "hub.example.org", ""])
def test_other_machines_need_tls_and_names(host: str, tmp_path: Path) -> None:
    assert _problems(host=host) == ["host", "allowed_hosts"]
    assert _problems(host=host, insecure_http=True) == ["allowed_hosts"]
    assert _problems(host=host, url="https://hub.example.org") == ["host"]
    for given in ({"insecure_http": True}, {"forwarded_allow_ips": "10.0.0.1, 10.0.0.2"}):
        found = ServerSettings(host=host, url="https://hub.example.org/", **given)
        assert found.hosts == ("hub.example.org",)
    pem = tmp_path / "x.pem"
    pem.touch()
    found = ServerSettings(
        host=host, allowed_hosts="a.org,*.b.org", tls_key=pem, tls_certificate=pem
    )
    assert found.hosts == ("a.org", "*.b.org")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "[::1]"])
def test_this_machine_needs_neither(host: str) -> None:
    assert ServerSettings(host=host).is_local


def test_lists_are_read_from_texts() -> None:
    assert ServerSettings(allowed_hosts='["a.org", "b.org"]').allowed_hosts == ("a.org", "b.org")
    assert ServerSettings(allowed_hosts=" a.org ,, b.org").allowed_hosts == ("a.org", "b.org")


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example.org", "10.0.0.256", "::1/200"])
def test_proxies_are_addresses_or_networks(text: str) -> None:
    assert _problems(forwarded_allow_ips=["10.0.0.2", text]) == ["forwarded_allow_ips"]


@pytest.mark.parametrize("text", ["*", "127.0.0.1", "::1", "10.0.0.0/8", "2001:db8::/32"])
def test_proxies_that_can_be(text: str) -> None:
    assert ServerSettings(forwarded_allow_ips=text).forwarded_allow_ips == (text,)
