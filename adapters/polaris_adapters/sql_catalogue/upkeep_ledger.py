"""The `RevisionLedger` over the catalogue's database.

A revision that is given up gets another text for a name, so that whoever began it can no longer
commit it, and whoever begins it anew gets a row of their own. Its objects are removed in
transactions in which no such row is there, and in which none can be made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    exists,
    not_,
    or_,
    select,
    update,
)

from polaris.application.object_tree import batches
from polaris.ports.upkeep_ledger import RevisionEntry, RevisionName, RevisionState
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds
from polaris_adapters.sql_catalogue.tables import artifacts, jobs, revisions
from polaris_adapters.sql_catalogue.upkeep_derived import hide

__all__ = ["SqlRevisionLedger"]

_MARK = "removing:"
# Owners that are asked for in one statement.
_OWNERS = 100
_JOINED = revisions.join(artifacts, artifacts.c.id == revisions.c.artifact_id)
_ENTRIES = select(
    revisions.c.id,
    artifacts.c.kind,
    artifacts.c.owner,
    artifacts.c.slug,
    revisions.c.revision,
    revisions.c.document,
    revisions.c.state,
    revisions.c.created_at,
    revisions.c.committed_at,
    (artifacts.c.current_revision_id == revisions.c.id).label("is_current"),
).select_from(_JOINED)
_IS_MARKED = revisions.c.revision.startswith(_MARK, autoescape=True)
_NEVER_COMMITTED = and_(
    revisions.c.state == "begun", revisions.c.committed_at.is_(None), not_(_IS_MARKED)
)


class SqlRevisionLedger:
    """The revisions of a catalogue; each call is one transaction, on a thread of the loop's pool.

    Args:
        database: Where the tables are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, *, after: int = 0, limit: int = 256) -> Sequence[RevisionEntry]:
        """See `RevisionLedger.page`."""
        return await asyncio.to_thread(self._page, _ENTRIES, after, limit)

    async def known(self, names: Collection[RevisionName], /) -> set[RevisionName]:
        """See `RevisionLedger.known`."""
        return await asyncio.to_thread(self._known, names) if names else set()

    async def abandoned(
        self, *, before: datetime, after: int = 0, limit: int = 256
    ) -> Sequence[RevisionEntry]:
        """See `RevisionLedger.abandoned`."""
        wanted = _ENTRIES.where(_is_abandoned(before))
        return await asyncio.to_thread(self._page, wanted, after, limit)

    async def deleted(
        self, *, before: datetime, after: int = 0, limit: int = 256
    ) -> Sequence[RevisionEntry]:
        """See `RevisionLedger.deleted`."""
        wanted = _ENTRIES.where(_is_deleted(before))
        return await asyncio.to_thread(self._page, wanted, after, limit)

    async def removing(self, *, after: int = 0, limit: int = 256) -> Sequence[RevisionEntry]:
        """See `RevisionLedger.removing`."""
        return await asyncio.to_thread(self._page, _ENTRIES.where(_IS_MARKED), after, limit)

    async def give_up(self, entry: RevisionEntry, /, *, before: datetime) -> bool:
        """See `RevisionLedger.give_up`."""
        return await asyncio.to_thread(self._give_up, entry, before)

    async def remove(self, entry: RevisionEntry, work: Callable[[], Awaitable[None]], /) -> bool:
        """See `RevisionLedger.remove`."""
        return await asyncio.to_thread(self._remove, entry, _from_a_thread(work))

    async def remove_unknown(
        self, name: RevisionName, work: Callable[[], Awaitable[None]], /
    ) -> bool:
        """See `RevisionLedger.remove_unknown`."""
        return await asyncio.to_thread(self._remove_unknown, name, _from_a_thread(work))

    async def forget(self, entry: RevisionEntry, /) -> None:
        """See `RevisionLedger.forget`."""
        await asyncio.to_thread(self._forget, entry)

    async def withdraw(self, entry: RevisionEntry, /) -> bool:
        """See `RevisionLedger.withdraw`."""
        return await asyncio.to_thread(self._withdraw, entry)

    def _page(self, wanted: Select[Any], after: int, limit: int) -> list[RevisionEntry]:
        wanted = wanted.where(revisions.c.id > after).order_by(revisions.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_entry(row) for row in connection.execute(wanted).mappings()]

    def _known(self, names: Collection[RevisionName]) -> set[RevisionName]:
        slugs: dict[tuple[str, str], set[str]] = {}
        for name in names:
            slugs.setdefault((name.kind, name.owner), set()).add(name.slug)
        columns = (artifacts.c.kind, artifacts.c.owner, artifacts.c.slug)
        wanted = select(*columns, revisions.c.revision).select_from(_JOINED)
        found: set[RevisionName] = set()
        with self._database.reading() as connection:
            for some in batches(list(slugs.items()), _OWNERS):
                # SQLite would not enter the index for tuples in a list.
                named = or_(*(_are_of(*owner, slugs) for owner, slugs in some))
                rows = connection.execute(wanted.where(named))
                found |= {RevisionName(k, o, s, r.removeprefix(_MARK)) for k, o, s, r in rows}
        return found.intersection(names)

    def _give_up(self, entry: RevisionEntry, before: datetime) -> bool:
        with self._database.writing(_lock_name(entry.name)) as connection:
            still = or_(_is_abandoned(before), _is_deleted(before))
            if not connection.execute(
                select(revisions.c.id).select_from(_JOINED).where(revisions.c.id == entry.id, still)
            ).first():
                return False
            connection.execute(delete(revisions).where(_is_marked_as(entry)))
            _hide_if_current(connection, entry.id)
            connection.execute(
                update(revisions)
                .where(revisions.c.id == entry.id)
                .values(revision=_MARK + entry.name.revision, state="begun", number=None)
            )
            return True

    def _remove(self, entry: RevisionEntry, work: Callable[[], None]) -> bool:
        with self._database.writing(_lock_name(entry.name)) as connection:
            if not connection.execute(select(revisions.c.id).where(_is_row_of(entry))).first():
                return False
            again = select(revisions.c.id).where(
                revisions.c.artifact_id == _artifact_of(entry.name),
                revisions.c.revision == entry.name.revision,
            )
            if connection.execute(again).first():
                return False
            work()
            return True

    def _remove_unknown(self, name: RevisionName, work: Callable[[], None]) -> bool:
        with self._database.writing(_lock_name(name)) as connection:
            row = select(revisions.c.id).where(
                revisions.c.artifact_id == _artifact_of(name),
                revisions.c.revision.in_([name.revision, _MARK + name.revision]),
            )
            if connection.execute(row).first():
                return False
            work()
            return True

    def _forget(self, entry: RevisionEntry) -> None:
        with self._database.writing(_lock_name(entry.name)) as connection:
            artifact = connection.execute(
                select(revisions.c.artifact_id).where(_is_row_of(entry))
            ).scalar()
            if artifact is None:
                return
            connection.execute(delete(revisions).where(_is_row_of(entry)))
            begun_anew = exists().where(
                revisions.c.artifact_id == artifact, revisions.c.revision == entry.name.revision
            )
            connection.execute(
                delete(jobs).where(
                    jobs.c.artifact_id == artifact,
                    jobs.c.revision == entry.name.revision,
                    ~begun_anew,
                )
            )
            unused = and_(
                artifacts.c.id == artifact,
                ~exists().where(revisions.c.artifact_id == artifact),
                ~exists().where(jobs.c.artifact_id == artifact),
            )
            connection.execute(delete(artifacts).where(unused))

    def _withdraw(self, entry: RevisionEntry) -> bool:
        with self._database.writing(_lock_name(entry.name)) as connection:
            done = connection.execute(
                update(revisions)
                .where(revisions.c.id == entry.id, revisions.c.state == "committed")
                .values(state="begun", number=None)
            )
            if done.rowcount == 0:
                return False
            _hide_if_current(connection, entry.id)
            return True


def _are_of(kind: str, owner: str, slugs: Collection[str]) -> ColumnElement[bool]:
    named = artifacts.c.slug.in_(sorted(slugs))
    return and_(artifacts.c.kind == kind, artifacts.c.owner == owner, named)


def _is_abandoned(before: datetime) -> ColumnElement[bool]:
    return and_(_NEVER_COMMITTED, revisions.c.created_at < to_microseconds(before))


def _is_deleted(before: datetime) -> ColumnElement[bool]:
    moment = to_microseconds(before)
    return and_(artifacts.c.deleted_at < moment, revisions.c.created_at < moment, not_(_IS_MARKED))


def _from_a_thread(work: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Return what does the work on the running loop, called from another thread."""
    loop = asyncio.get_running_loop()

    async def worked() -> None:
        await work()

    return lambda: asyncio.run_coroutine_threadsafe(worked(), loop).result()


def _is_marked_as(entry: RevisionEntry) -> ColumnElement[bool]:
    """Return the condition of a row that an earlier round left of the same revision."""
    return and_(
        revisions.c.artifact_id == _artifact_of(entry.name),
        revisions.c.revision == _MARK + entry.name.revision,
    )


def _is_row_of(entry: RevisionEntry) -> ColumnElement[bool]:
    return and_(revisions.c.id == entry.id, _IS_MARKED)


def _artifact_of(name: RevisionName) -> ColumnElement[int]:
    return (
        select(artifacts.c.id)
        .where(
            artifacts.c.kind == name.kind,
            artifacts.c.owner == name.owner,
            artifacts.c.slug == name.slug,
        )
        .scalar_subquery()
    )


def _hide_if_current(connection: Connection, revision_id: int) -> None:
    shown = select(artifacts.c.id).where(artifacts.c.current_revision_id == revision_id)
    hide(connection, connection.execute(shown).scalars().all())


def _lock_name(name: RevisionName) -> str:
    """Return what `name_of_artifact` does, also for a name that is none."""
    return f"artifact {name.kind} {name.owner}/{name.slug}"


def _entry(row: RowMapping) -> RevisionEntry:
    revision = row["revision"]
    is_marked = revision.startswith(_MARK)
    return RevisionEntry(
        id=row["id"],
        name=RevisionName(row["kind"], row["owner"], row["slug"], revision.removeprefix(_MARK)),
        document=row["document"],
        state=RevisionState.REMOVING if is_marked else RevisionState(row["state"]),
        was_committed=row["committed_at"] is not None,
        is_current=bool(row["is_current"]),
        announced_at=from_microseconds(row["created_at"]),
    )
