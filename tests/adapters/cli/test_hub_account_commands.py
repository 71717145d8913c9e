"""``polaris hub user``, ``org`` and ``token``."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.passwords import change_password, sign_in_with_password
from polaris.application.accounts.secrets import digest_of_secret, kind_of_secret
from polaris.bootstrap.server.accounts import opened_accounts
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.ports.credentials import CredentialKind

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Ended, Polaris


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the hub of a server is, or is made."""
    return tmp_path / "server"


@pytest.fixture
def on_hub(polaris: Polaris, folder: Path) -> Polaris:
    """Runs ``polaris hub`` on the hub of a server."""

    def run(*arguments: str) -> Ended:
        return polaris("hub", *arguments, "--data", str(folder), hub=None)

    return run


@pytest.fixture
def ada(on_hub: Polaris) -> str:
    """The temporary password of the user ``ada-l``."""
    ended = on_hub("user", "add", "ada-l", "--name", "Ada L.", "-q")
    assert (ended.code, ended.err) == (0, "")
    return ended.out.rstrip("\n")


def _in(folder: Path) -> ServerSettings:
    return ServerSettings(data=folder)


def test_adding_a_user_makes_a_hub_and_writes_the_password_alone(
    on_hub: Polaris, folder: Path
) -> None:
    ended = on_hub("user", "add", "ada-l", "--administrator", "--email", "ada@example.org")
    assert ended.code == 0
    assert "ada-l" in ended.err
    (password,) = ended.out.splitlines()

    async def signed_in(ports: AccountPorts) -> None:
        found = await sign_in_with_password(ports, "ada-l", Secret(password))
        assert found.password_is_temporary
        assert found.account.is_administrator
        assert found.account.email == "ada@example.org"

    with opened_accounts(_in(folder)) as ports:
        asyncio.run(signed_in(ports))


def test_users_are_listed_and_shown(on_hub: Polaris, ada: str) -> None:
    made = on_hub("user", "add", "bobby", "--json").data
    assert made["slug"] == "bobby"
    assert made["password"] != ada
    on_hub("org", "add", "acme", "--owner", "ada-l", "--name", "Acme Inc.")
    assert on_hub("user", "ls").out.split() == ["ada-l", "bobby"]
    assert on_hub("user", "close", "bobby").code == 0
    assert on_hub("user", "ls").out.split() == ["ada-l"]
    assert on_hub("user", "ls", "--all").out.split() == ["ada-l", "bobby"]
    table = on_hub("user", "ls", "--long", "--all").out.splitlines()
    assert table[0].split() == ["USER", "NAME", "EMAIL", "ADMINISTRATOR", "MADE", "CLOSED"]
    assert [line.split()[0] for line in table[1:]] == ["ada-l", "bobby"]
    (listed,) = on_hub("user", "ls", "--json").data
    assert listed["name"] == "Ada L."
    assert not listed["isAdministrator"]
    assert on_hub("user", "show", "ada-l", "--json").data == {
        **listed,
        "organizations": {"acme": "owner"},
    }
    shown = on_hub("user", "show", "ada-l").out
    assert "acme=owner" in shown
    assert "Ada L." in shown


def test_a_closed_account_is_reopened_with_nothing_that_it_had(
    on_hub: Polaris, ada: str, folder: Path
) -> None:
    token = on_hub("token", "new", "ada-l", "-q").out.strip()
    assert on_hub("user", "close", "ada-l", "--json").data["closedAt"]
    assert on_hub("token", "new", "ada-l").code == 2
    assert on_hub("user", "reopen", "ada-l", "--json").data["closedAt"] is None

    async def is_good(ports: AccountPorts) -> bool:
        digest = digest_of_secret(Secret(token))
        found = await ports.credentials.find(CredentialKind.PERSONAL, digest)
        assert found is not None
        return found.is_good(datetime.now(UTC))

    with opened_accounts(_in(folder)) as ports:
        assert not asyncio.run(is_good(ports))


def test_a_new_password_takes_the_place_of_the_old_one(
    on_hub: Polaris, ada: str, folder: Path
) -> None:
    chosen = Secret("correct horse battery")

    async def choose(ports: AccountPorts) -> None:
        account = await ports.accounts.find("ada-l")
        assert account is not None
        await change_password(ports, account, current=Secret(ada), new=chosen)

    async def try_all(ports: AccountPorts, new: str) -> None:
        for wrong in (Secret(ada), chosen):
            with pytest.raises(SignInError):
                await sign_in_with_password(ports, "ada-l", wrong)
        assert (await sign_in_with_password(ports, "ada-l", Secret(new))).password_is_temporary

    with opened_accounts(_in(folder)) as ports:
        asyncio.run(choose(ports))
        new = on_hub("user", "password", "ada-l").out.strip()
        asyncio.run(try_all(ports, new))


def test_administrators_are_made_and_unmade(on_hub: Polaris, ada: str) -> None:
    assert on_hub("user", "promote", "ada-l", "--json").data["isAdministrator"]
    refused = on_hub("user", "promote", "ada-l", "--undo")
    assert refused.code == 2
    assert "only administrator" in refused.err
    on_hub("user", "add", "bobby", "--administrator")
    assert on_hub("user", "promote", "ada-l", "--undo").code == 0
    assert not on_hub("user", "show", "ada-l", "--json").data["isAdministrator"]


def test_organizations_have_members_and_owners(on_hub: Polaris, ada: str) -> None:
    on_hub("user", "add", "bobby")
    assert on_hub("org", "add", "acme", "--owner", "ada-l", "--json").data["slug"] == "acme"
    assert on_hub("org", "set-role", "acme", "bobby", "member").code == 0
    assert on_hub("org", "members", "acme", "--json").data == [
        {"user": "ada-l", "role": "owner"},
        {"user": "bobby", "role": "member"},
    ]
    assert on_hub("org", "members", "acme").out.split()[2:] == ["ada-l", "owner", "bobby", "member"]
    refused = on_hub("org", "set-role", "acme", "ada-l", "none")
    assert refused.code == 2
    assert "last owner" in refused.err
    told = on_hub("org", "set-role", "acme", "bobby", "none", "--json").data
    assert told == {"organization": "acme", "user": "bobby", "role": None}
    assert on_hub("org", "ls").out.split() == ["acme"]
    assert on_hub("org", "ls", "-l").out.split()[3] == "acme"
    assert [found["type"] for found in on_hub("org", "ls", "--json").data] == ["organization"]


def test_a_token_is_written_alone_and_kept_by_its_digest(
    on_hub: Polaris, ada: str, folder: Path
) -> None:
    ended = on_hub("token", "new", "ada-l", "--name", "ci", "--scope", "read", "--days", "7")
    (token,) = ended.out.splitlines()
    assert kind_of_secret(Secret(token)) is CredentialKind.PERSONAL
    assert token not in ended.err
    (listed,) = on_hub("token", "ls", "ada-l", "--json").data
    assert listed["id"] == digest_of_secret(Secret(token))[:16]
    assert (listed["name"], listed["scopes"]) == ("ci", ["read"])
    life = datetime.fromisoformat(listed["expiresAt"]) - datetime.fromisoformat(listed["createdAt"])
    assert life == timedelta(days=7)
    for file in folder.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()
        assert not file.is_file() or ada.encode() not in file.read_bytes()


def test_tokens_are_revoked_by_their_ids_or_all_at_once(on_hub: Polaris, ada: str) -> None:
    made = [on_hub("token", "new", "ada-l", "--json", *more).data
            for more in ([], ["--no-expiry"], ["--name", "third"])]  # fmt: skip
    assert made[1]["expiresAt"] is None
    assert made[0]["scopes"] == ["read", "write"]
    assert all(one["token"].startswith("polaris_pat_") for one in made)
    ids = [one["id"] for one in made]
    assert on_hub("token", "revoke", "ada-l", ids[0]).code == 0
    listed = on_hub("token", "ls", "ada-l")
    assert [line.split()[0] for line in listed.out.splitlines()[1:]] == ids[:0:-1]
    assert "third" in listed.out
    revoked = on_hub("token", "revoke", "ada-l", "--all", "--json").data
    assert [one["id"] for one in revoked] == ids[:0:-1]
    assert on_hub("token", "ls", "ada-l", "--json").data == []
    assert len(on_hub("token", "ls", "ada-l", "--all", "--json").data) == 3


def test_what_cannot_be_done_is_refused(on_hub: Polaris, ada: str) -> None:
    expected = {
        "user add ada-l": 5,
        "user add No-Slug": 2,
        "user show nobody": 4,
        "user close nobody": 4,
        "user password nobody": 4,
        "org add ada-l --owner ada-l": 5,
        "org add acme --owner nobody": 4,
        "org add acme": 2,
        "org members ada-l": 4,
        "org set-role acme ada-l king": 2,
        "token new nobody": 4,
        "token new ada-l --days 0": 2,
        "token new ada-l --scope all": 2,
        "token revoke ada-l": 2,
        "token revoke ada-l 0123456789abcdef": 2,
        "token revoke ada-l x --all": 2,
    }
    for command, code in expected.items():
        ended = on_hub(*command.split(), "--json")
        assert (ended.code, ended.out) == (code, ""), command
        assert ended.error["message"], command
    assert on_hub("user", "ls", "--all").out.split() == ["ada-l"]
    assert on_hub("token", "ls", "ada-l", "--all", "--json").data == []


@pytest.mark.parametrize(
    "arguments", [["user", "ls"], ["org", "ls"], ["token", "new", "ada-l"]], ids=" ".join
)
def test_no_hub_is_made_by_looking_for_one(
    on_hub: Polaris, folder: Path, arguments: list[str]
) -> None:
    ended = on_hub(*arguments)
    assert ended.code == 1
    assert "no hub" in ended.err
    assert "--data" in ended.err
    assert not folder.exists()


def test_a_hub_of_another_schema_is_left_as_it_is(on_hub: Polaris, ada: str, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "catalogue.sqlite", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0003'")
        for command in ("user ls", "user add bobby"):
            ended = on_hub(*command.split())
            assert ended.code == 1
            assert "polaris hub migrate" in ended.err
        assert database.execute("SELECT * FROM alembic_version").fetchall() == [("0003",)]


@pytest.mark.slow
@pytest.mark.network
def test_an_account_command_works_on_postgresql(polaris: Polaris, postgres_url: str) -> None:
    def run(*arguments: str) -> Ended:
        return polaris("hub", *arguments, "--database", postgres_url, hub=None)

    assert "no hub" in run("user", "ls").err
    assert run("user", "add", "ada-l").code == 0
    assert run("user", "ls").out.split() == ["ada-l"]
    assert run("token", "new", "ada-l").out.startswith("polaris_pat_")
