"""What many do with accounts at once, and what is in the database then."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.external_accounts import account_for_external
from polaris.application.accounts.first_start import ensure_administrator
from polaris.application.accounts.passwords import change_password
from polaris.application.accounts.users import NewUser, create_user
from polaris.domain.secret import Secret
from polaris.errors import PolarisError, SignInError
from polaris.ports.accounts import ExternalIdentity
from polaris.testing import ManualClock, QuickPasswords
from polaris.testing.suites.at_once import at_once
from polaris_adapters.sql_catalogue import (
    Database,
    SqlAccounts,
    SqlAttempts,
    SqlCredentials,
    open_database,
)
from polaris_adapters.sql_catalogue.schema import downgrade_schema, schema_revision, upgrade_schema
from polaris_adapters.sql_catalogue.tables import SCHEMA_REVISIONS


@pytest.fixture
def database(path: Path) -> Database:
    return open_database(path)


@pytest.fixture
def ports(database: Database, clock: ManualClock) -> AccountPorts:
    return AccountPorts(
        accounts=SqlAccounts(database),
        credentials=SqlCredentials(database),
        passwords=QuickPasswords(),
        attempts=SqlAttempts(database),
        clock=clock,
    )


def test_of_many_that_start_at_once_one_makes_the_administrator(ports: AccountPorts) -> None:
    async def start(number: int) -> NewUser | None:
        return await ensure_administrator(ports)

    made = at_once(start, 4)
    assert sum(isinstance(one, NewUser) for one in made) == 1
    assert made.count(None) == 3
    assert len(asyncio.run(ports.accounts.page())) == 1


def test_of_many_who_come_with_an_identity_all_get_one_account(ports: AccountPorts) -> None:
    identity = ExternalIdentity("https://login.example", "subject")

    async def come(number: int) -> str:
        return (await account_for_external(ports, identity, proposed_slug="grace")).slug

    assert at_once(come, 4) == ["grace"] * 4
    assert len(asyncio.run(ports.accounts.page())) == 1


def test_of_many_who_use_a_temporary_password_one_chooses(ports: AccountPorts) -> None:
    made = asyncio.run(create_user(ports, "ada-l"))

    async def choose(number: int) -> str:
        new = Secret(f"{number}" * 12)
        await change_password(ports, made.account, current=made.password, new=new)
        return "chosen"

    outcomes = at_once(choose, 4)
    assert outcomes.count("chosen") == 1
    assert sum(isinstance(outcome, SignInError) for outcome in outcomes) == 3
    assert not [o for o in outcomes if isinstance(o, PolarisError) and not o.hint]


def test_credentials_are_found_by_their_indexes(database: Database, path: Path) -> None:
    asked = {
        "kind = 'a' AND digest = 'b'": "sqlite_autoindex_credentials_1",
        "account = 'a' AND kind = 'b' ORDER BY created_at DESC, digest": "ix_credentials_account",
        "family = 'f' AND revoked_at IS NULL": "ix_credentials_family",
        "client = 'c' AND revoked_at IS NULL": "ix_credentials_client",
        "expires_at < 5": "ix_credentials_expires_at",
        "used_at < 5": "ix_credentials_used_at",
        "revoked_at < 5": "ix_credentials_revoked_at",
    }
    with closing(sqlite3.connect(path)) as connection:
        for condition, index in asked.items():
            plan = connection.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM credentials WHERE {condition}"
            ).fetchall()
            text = " ".join(str(row[3]) for row in plan)
            assert index in text, condition
            assert "TEMP B-TREE" not in text


def test_the_tables_are_removed_and_made_again(
    database: Database, ports: AccountPorts, path: Path
) -> None:
    asyncio.run(create_user(ports, "ada-l"))

    def schema() -> set[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return {(name, " ".join(sql.replace('"', "").split())) for name, sql in rows}

    before = schema()
    with database.migrating() as connection:
        downgrade_schema(connection, "0003")
    assert not {name for name, _ in schema()} & {"accounts", "credentials", "hub_keys"}
    with database.migrating() as connection:
        upgrade_schema(connection)
        assert schema_revision(connection) == SCHEMA_REVISIONS[-1]
    names = {name for name, _ in before}
    assert {name for name, _ in schema()} == names
    assert asyncio.run(ports.accounts.find("ada-l")) is None
    asyncio.run(create_user(ports, "ada-l"))
