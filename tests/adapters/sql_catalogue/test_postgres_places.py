"""URLs of PostgreSQL databases, and failures that need no server."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from polaris.errors import (
    HubBusyError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidInputError,
    MissingExtraError,
    PolarisError,
    PolarisHubError,
)
from polaris.testing.fakes.manual_clock import ManualClock
from polaris_adapters.sql_catalogue import open_catalogue, open_database, open_jobs
from polaris_adapters.sql_catalogue.postgres_failures import postgres_failure
from polaris_adapters.sql_catalogue.postgres_place import PostgresPlace

SECRET = "correct-horse"  # The word that no text may show.


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "PostgreSQL"])
def test_each_spelling_of_the_scheme_is_understood(scheme: str) -> None:
    place = PostgresPlace.parse(f"{scheme}://ann:p%40ss@db.example:6543/hub?sslmode=verify-full")
    found = {name: place.parameters[name] for name in ("user", "password", "host", "port")}
    assert found == {"user": "ann", "password": "p@ss", "host": "db.example", "port": "6543"}
    assert place.parameters["sslmode"] == "verify-full"
    assert str(place) == "The PostgreSQL database hub on db.example, port 6543"


def test_what_the_url_says_goes_before_our_own_choice() -> None:
    ours = PostgresPlace.parse("postgresql:///hub")
    theirs = PostgresPlace.parse("postgresql:///hub?connect_timeout=3&application_name=ann")
    names = ("connect_timeout", "application_name")
    assert [ours.parameters[name] for name in names] == ["10", "polaris"]
    assert [theirs.parameters[name] for name in names] == ["3", "ann"]


def test_several_hosts_and_sockets_are_understood() -> None:
    hosts = PostgresPlace.parse("postgresql://one:1,two:2/hub?target_session_attrs=read-write")
    assert (hosts.parameters["host"], hosts.parameters["port"]) == ("one,two", "1,2")
    socket = PostgresPlace.parse("postgresql:///hub?host=/run/postgresql")
    assert str(socket) == "The PostgreSQL database hub on /run/postgresql"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@host/hub?no_such_parameter=1",
        f"postgresql://ann:{SECRET}%zz@host/hub",
        f"postgresql://ann:{SECRET}@[::1/hub",
        f"postgresql://ann:{SECRET}@host:port/hub",
        # What is special in a URL has to be encoded in a password.
        f"postgresql://ann:x@{SECRET}@host/hub",
        f"postgresql://ann:x/{SECRET}@host/hub",
        f"postgresql://ann:x@y/{SECRET}@host/hub",
        f"mysql://ann:{SECRET}@host/hub",
        f"postgresql+psycopg2://ann:{SECRET}@host/hub",
        f"sqlite://{SECRET}",
    ],
)
def test_a_url_that_is_not_understood_is_not_shown(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        open_database(url)
    assert caught.value.hint
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_no_path_is_no_database() -> None:
    for where in ("", "sqlite:///"):
        with pytest.raises(InvalidInputError, match="no path"):
            open_database(where)


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_path_is_a_sqlite_file(tmp_path: Path, prefix: str) -> None:
    open_database(f"{prefix}{tmp_path / 'hub.sqlite'}").close()
    assert (tmp_path / "hub.sqlite").exists()


def test_the_password_is_in_no_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"postgresql://ann:{SECRET}@/hub?host={tmp_path}&password={SECRET}"
    database = open_database(url, prepare=False)
    with pytest.raises(HubUnreachableError) as caught, database.reading():
        pass
    assert SECRET not in f"{database} {database!r} {vars(database)}"
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in caplog.text


def test_a_server_that_is_not_there_may_be_there_later(tmp_path: Path, clock: ManualClock) -> None:
    for work in (open_catalogue, open_jobs):
        with pytest.raises(HubUnreachableError, match="cannot be reached") as caught:
            work(f"postgresql:///hub?host={tmp_path}", clock)
        assert caught.value.retryable
        assert not caught.value.may_have_arrived
        assert "server runs" in caught.value.hint


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError) as caught:
        open_database("postgresql:///hub")
    assert caught.value.extra == "postgresql"


def _failure(origin: Exception, *, committing: bool = False) -> PolarisError:
    error = DBAPIError("SELECT 1", None, origin)
    return postgres_failure(error, "The database", committing=committing)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("40001", HubBusyError),  # serialization_failure
        ("40P01", HubBusyError),  # deadlock_detected
        ("55P03", HubBusyError),  # lock_not_available
        ("57014", HubBusyError),  # query_canceled
        ("57P01", HubUnavailableError),  # admin_shutdown
        ("57P03", HubUnavailableError),  # cannot_connect_now
        ("25P03", HubUnavailableError),  # idle_in_transaction_session_timeout
        ("53300", HubUnavailableError),  # too_many_connections
        ("53200", HubUnavailableError),  # out_of_memory
        ("53100", PolarisHubError),  # disk_full
        ("25006", PolarisHubError),  # read_only_sql_transaction
        ("28P01", PolarisHubError),  # invalid_password
        ("3D000", PolarisHubError),  # invalid_catalog_name
        ("42501", PolarisHubError),  # insufficient_privilege
        ("42P01", PolarisHubError),  # undefined_table
        ("42601", PolarisHubError),  # syntax_error
        ("XX001", PolarisHubError),  # data_corrupted
        ("22001", InvalidInputError),  # string_data_right_truncation
        ("22021", InvalidInputError),  # character_not_in_repertoire
    ],
)
def test_what_the_server_says_is_one_error_with_a_hint(state: str, kind: type[Exception]) -> None:
    error = _failure(psycopg.errors.lookup(state)("what the server says"))
    assert type(error) is kind
    assert error.retryable == (kind in (HubBusyError, HubUnavailableError))
    assert "what the server says" in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('FATAL: password authentication failed for user "ann"', PolarisHubError),
        ("fe_sendauth: no password supplied", PolarisHubError),
        ('FATAL: no pg_hba.conf entry for host "::1"', PolarisHubError),
        ('FATAL: role "ann" does not exist', PolarisHubError),
        ('FATAL: database "hub" does not exist', PolarisHubError),
        ("FATAL: sorry, too many clients already", HubUnavailableError),
        ("FATAL: remaining connection slots are reserved", HubUnavailableError),
        ("FATAL: the database system is starting up", HubUnavailableError),
        ("SSL error: certificate verify failed", PolarisHubError),
        ("server does not support SSL, but SSL was required", PolarisHubError),
        ("connection refused", HubUnreachableError),
        ("FATAL: Passwort-Authentifizierung fehlgeschlagen", HubUnreachableError),
    ],
)
def test_a_connection_that_is_refused_says_why(words: str, kind: type[Exception]) -> None:
    error = _failure(psycopg.OperationalError(words))
    assert type(error) is kind
    assert words in error.message
    assert error.hint


def test_a_connection_that_breaks_at_the_commit_leaves_it_open() -> None:
    error = _failure(psycopg.OperationalError("the connection is lost"), committing=True)
    assert isinstance(error, HubUnreachableError)
    assert error.may_have_arrived
    assert "not known" in error.message
