"""``polaris hub client``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polaris.application.accounts.oauth_clients import Client, Clients
from polaris.application.accounts.secrets import digest_of_secret
from polaris.bootstrap.server.accounts import opened_accounts
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.secret import Secret

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Ended, Polaris

BACK = "https://app.example/back"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "server"


@pytest.fixture
def client(polaris: Polaris, folder: Path) -> Polaris:
    """Runs ``polaris hub client`` on the hub of a server."""
    polaris("hub", "user", "add", "ada-l", "-q", "--data", str(folder), hub=None)

    def run(*arguments: str) -> Ended:
        return polaris("hub", "client", *arguments, "--data", str(folder), hub=None)

    return run


def _kept(folder: Path, id: str) -> Client | None:
    with opened_accounts(ServerSettings(data=folder)) as ports:
        return asyncio.run(Clients(ports.credentials).find(id))


def test_adding_a_client_writes_its_secret_alone(client: Polaris, folder: Path) -> None:
    ended = client("add", "our-app", "--name", "Our App", "--redirect", BACK)
    assert ended.code == 0
    assert "our-app" in ended.err
    (secret,) = ended.out.splitlines()
    found = _kept(folder, "our-app")
    assert found is not None
    assert found.secret_digest == digest_of_secret(Secret(secret))
    assert found.redirect_uris == (BACK,)
    assert found.scopes == {"openid", "profile", "email", "offline_access", "read"}
    assert found.grants == {"authorization_code", "refresh_token"}


def test_a_public_client_has_no_secret(client: Polaris, folder: Path) -> None:
    redirect = "http://127.0.0.1/back"
    ended = client("add", "our-tool", "--name", "Our tool", "--redirect", redirect, "--public",
                   "--device", "--scope", "read", "--json")  # fmt: skip
    told = json.loads(ended.out)
    assert told["isPublic"]
    assert "secret" not in told
    assert told["scopes"] == ["read"]
    assert "urn:ietf:params:oauth:grant-type:device_code" in told["grants"]


def test_a_client_that_guards_resources(client: Polaris, folder: Path) -> None:
    told = json.loads(client("add", "our-api", "--name", "Our API", "--introspect", "--json").out)
    assert told["mayIntrospect"]
    assert told["grants"] == []
    assert told["secret"].startswith("polaris_cs_")


def test_listing_and_removing(client: Polaris, folder: Path) -> None:
    client("add", "our-app", "--name", "Our App", "--redirect", BACK)
    listed = json.loads(client("ls", "--json").out)
    assert [c["id"] for c in listed] == ["polaris-cli", "agQP2xVM6JqMHvGc", "our-app"]
    assert "Our App" in client("ls").out
    assert client("rm", "our-app").code == 0
    assert _kept(folder, "our-app") is None
    assert len(json.loads(client("ls", "--json").out)) == 2
    again = client("add", "our-app", "--name", "Our App", "--redirect", BACK)
    assert again.code != 0
    assert "or was" in again.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "polaris-cli", "--name", "x", "--redirect", BACK),
        ("add", "our app", "--name", "x", "--redirect", BACK),
        ("add", "our-app", "--name", "x", "--redirect", "http://app.example/"),
        ("add", "our-app", "--name", "x", "--redirect", BACK, "--scope", "everything"),
        ("add", "our-app", "--name", " ", "--redirect", BACK),
        ("rm", "polaris-cli"),
        ("rm", "nobody"),
    ],
)
def test_what_cannot_be_is_told(client: Polaris, arguments: tuple[str, ...]) -> None:
    ended = client(*arguments)
    assert ended.code == 2
    assert "Hint" in ended.err or "Error" in ended.err
    assert "Traceback" not in ended.err
