"""The `RowCheck` over the catalogue's database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import attrs
from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Select,
    Table,
    and_,
    delete,
    exists,
    literal,
    or_,
    select,
    text,
    tuple_,
)

from polaris.ports.upkeep import RowFault
from polaris_adapters.sql_catalogue.accounts_tables import accounts, credentials
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.tables import artifacts, jobs, metadata, revisions
from polaris_adapters.sql_catalogue.upkeep_derived import (
    hide,
    mislisted,
    rebuild_derived,
    unfindable,
)

__all__ = ["SqlRowCheck"]

_NAMED = (artifacts.c.kind, artifacts.c.owner, artifacts.c.slug)
_REMOVE = "the row is removed"


@attrs.frozen
class _Check:
    """One rule, and what is done where it is broken.

    Attributes:
        code: What is found.
        message: In words.
        find: Returns the query of the rows that break it: keys, whose values name the row.
        fix: Mends rows, given by these values; None if nobody can.
        remedy: What that does, in words.
        severity: See `RowFault`.
    """

    code: str
    message: str
    table: str
    find: Callable[[Connection], Select[Any]]
    fix: Callable[[Connection, Sequence[Sequence[Any]]], None] | None = None
    remedy: str | None = None
    severity: Literal["error", "warning"] = "error"

    def broken(self, connection: Connection) -> list[tuple[RowFault, Sequence[Any]]]:
        """Return what breaks it, each with the values of its row."""
        return [
            (
                RowFault(
                    self.code,
                    f"{self.table} {'/'.join(str(value) for value in row)}",
                    self.message,
                    self.severity,
                    self.remedy,
                ),
                tuple(row),
            )
            for row in connection.execute(self.find(connection))
        ]


class SqlRowCheck:
    """Compares the rows of a catalogue with each other.

    Args:
        database: Where the tables are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def faults(self) -> Sequence[RowFault]:
        """See `RowCheck.faults`."""
        return await asyncio.to_thread(self._faults)

    async def repair(self) -> Sequence[RowFault]:
        """See `RowCheck.repair`."""
        return await asyncio.to_thread(self._repair)

    def _faults(self) -> list[RowFault]:
        with self._database.reading() as connection:
            found = [fault for check in _CHECKS for fault, _ in check.broken(connection)]
            return [*found, *_stray_words(connection)]

    def _repair(self) -> list[RowFault]:
        done: list[RowFault] = []
        with self._database.writing() as connection:
            # In the order of the list: what one removes, a later one may have referred to.
            for check in _CHECKS:
                if check.fix is None:
                    continue
                broken = check.broken(connection)
                if broken:
                    check.fix(connection, [row for _, row in broken])
                    done += [fault for fault, _ in broken]
            strays = _stray_words(connection)
            if strays:
                rebuild_derived(connection)
                done += strays
        return done


def _dangling() -> Iterator[_Check]:
    """Yield a rule for each reference: the row that it names is there."""
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            yield _Check(
                "dangling-row",
                f"The row of {key.column.table.name} that it refers to is not there",
                table.name,
                _finding_dangling(table, key),
                _removing(table),
                _REMOVE,
            )


def _finding_dangling(table: Table, key: ForeignKey) -> Callable[[Connection], Select[Any]]:
    parent = key.column.table.alias()
    is_there = exists(select(1).where(parent.c[key.column.name] == key.parent))
    wanted = select(*table.primary_key.columns).where(key.parent.is_not(None), ~is_there)
    return lambda _: wanted


def _removing(table: Table) -> Callable[[Connection, Sequence[Sequence[Any]]], None]:
    def remove(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            named = zip(table.primary_key.columns, row, strict=True)
            connection.execute(delete(table).where(*(column == value for column, value in named)))

    return remove


def _artifacts_where(condition: ColumnElement[bool]) -> Callable[[Connection], Select[Any]]:
    return lambda _: select(*_NAMED).where(condition)


def _ids(connection: Connection, rows: Iterable[Sequence[Any]]) -> list[int]:
    found = []
    for row in rows:
        named = zip(_NAMED, row, strict=True)
        wanted = select(artifacts.c.id).where(*(column == value for column, value in named))
        found.append(connection.execute(wanted).scalar_one())
    return found


def _hide(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    hide(connection, _ids(connection, rows))


def _list_anew(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    rebuild_derived(connection, _ids(connection, rows))


def _remove_artifacts(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    for artifact_id in _ids(connection, rows):
        hide(connection, [artifact_id])
        connection.execute(delete(artifacts).where(artifacts.c.id == artifact_id))


_CURRENT_IS_THERE = exists(
    select(1).where(
        revisions.c.id == artifacts.c.current_revision_id,
        revisions.c.artifact_id == artifacts.c.id,
        revisions.c.state == "committed",
    )
)
_JOB_HAS_REVISION = exists(
    select(1).where(
        revisions.c.artifact_id == jobs.c.artifact_id,
        or_(
            revisions.c.revision == jobs.c.revision,
            revisions.c.revision == literal("removing:") + jobs.c.revision,
        ),
    )
)
_OTHER = artifacts.alias()


def _is_there(kind: Any, owner: Any, slug: Any) -> ColumnElement[bool]:
    named = tuple_(_OTHER.c.kind, _OTHER.c.owner, _OTHER.c.slug) == tuple_(kind, owner, slug)
    return exists(select(1).where(named, _OTHER.c.access.is_not(None)))


_SUBJECT = (artifacts.c.subject_kind, artifacts.c.subject_owner, artifacts.c.subject_slug)
_RESULTS = (jobs.c.results_kind, jobs.c.results_owner, jobs.c.results_slug)

_CHECKS = (
    *_dangling(),
    _Check(
        "current-revision-missing",
        "The revision that readers are to see is not there, or was never committed",
        "artifacts",
        _artifacts_where(and_(artifacts.c.current_revision_id.is_not(None), ~_CURRENT_IS_THERE)),
        _hide,
        "the artifact is hidden until it is published again",
    ),
    _Check(
        "job-without-revision",
        "The revision that is to be scored is not there",
        "jobs",
        lambda _: select(jobs.c.id).where(~_JOB_HAS_REVISION),
        _removing(jobs),
        _REMOVE,
    ),
    _Check(
        "artifact-without-revisions",
        "Nothing was ever announced for the artifact",
        "artifacts",
        _artifacts_where(
            and_(
                ~exists(select(1).where(revisions.c.artifact_id == artifacts.c.id)),
                ~exists(select(1).where(jobs.c.artifact_id == artifacts.c.id)),
            )
        ),
        _remove_artifacts,
        _REMOVE,
    ),
    _Check(
        "listing-out-of-step",
        "The artifact is listed as something else than its revision says",
        "artifacts",
        lambda _: select(*_NAMED).where(artifacts.c.id.in_(mislisted())),
        _list_anew,
        "it is listed anew",
    ),
    _Check(
        "search-out-of-step",
        "The artifact is not found by its words, or is found and must not be",
        "artifacts",
        lambda connection: select(*_NAMED).where(artifacts.c.id.in_(unfindable(connection))),
        _list_anew,
        "its words are written anew",
    ),
    _Check(
        "credential-without-account",
        "The account that the credential opens is not there",
        "credentials",
        lambda _: select(credentials.c.kind, credentials.c.digest).where(
            credentials.c.account.is_not(None),
            ~exists(select(1).where(accounts.c.id == credentials.c.account)),
        ),
        _removing(credentials),
        _REMOVE,
    ),
    _Check(
        "subject-missing",
        "What the artifact is about is not on the hub; it may have been deleted",
        "artifacts",
        _artifacts_where(
            and_(
                artifacts.c.access.is_not(None),
                artifacts.c.subject_slug.is_not(None),
                ~_is_there(*_SUBJECT),
            )
        ),
        severity="warning",
    ),
    _Check(
        "results-missing",
        "The results of the job are not on the hub; they may have been deleted",
        "jobs",
        lambda _: select(jobs.c.id).where(jobs.c.results_slug.is_not(None), ~_is_there(*_RESULTS)),
        severity="warning",
    ),
)


def _stray_words(connection: Connection) -> list[RowFault]:
    """Return the rows of the index of words that belong to no artifact; SQLite only."""
    if connection.dialect.name != "sqlite":
        return []
    strays = connection.execute(
        text(
            "SELECT rowid FROM artifact_words "
            "WHERE rowid NOT IN (SELECT place FROM artifacts WHERE place IS NOT NULL)"
        )
    )
    return [
        RowFault(
            "search-out-of-step",
            f"artifact_words {row.rowid}",
            "The index of words has words of no artifact",
            remedy="the index is built anew",
        )
        for row in strays
    ]
