"""The `ArtifactHistory` over a SQL database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    RowMapping,
    and_,
    bindparam,
    or_,
    select,
    tuple_,
    update,
)

from polaris.application.artifact_conditions import (
    check_expected,
    check_length,
    no_artifact,
    no_version,
)
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_history import ArtifactVersion, Tombstone, TombstonePage, VersionPage
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.clock import Clock
from polaris_adapters.sql_catalogue.cursors import no_cursor, opaque, parsed
from polaris_adapters.sql_catalogue.database import Database, name_of_artifact
from polaris_adapters.sql_catalogue.listing import read_artifact
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds
from polaris_adapters.sql_catalogue.publishing import show
from polaris_adapters.sql_catalogue.rows import (
    CURRENT,
    IS_NAMED,
    RECORD_COLUMNS,
    is_artifact,
    record_of,
    ref_columns,
)
from polaris_adapters.sql_catalogue.searching import forget_words
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = ["SqlHistory"]

_ALL = artifacts.join(revisions, revisions.c.artifact_id == artifacts.c.id)
_TOMBSTONE = (
    artifacts.c.id,
    artifacts.c.kind,
    artifacts.c.owner,
    artifacts.c.slug,
    artifacts.c.deleted_at,
    artifacts.c.deleted_by,
    revisions.c.revision,
    revisions.c.number,
    revisions.c.access,
)
_VERSIONS = (
    select(
        revisions.c.number,
        revisions.c.revision,
        revisions.c.access,
        revisions.c.committed_at,
    )
    .select_from(_ALL)
    .where(IS_NAMED, revisions.c.number.is_not(None))
    .order_by(revisions.c.number.desc())
    .limit(bindparam("most", type_=Integer))
)
# By the artifact's own row: the way to a revision's access leads through its document, and a long
# one would be felt.
_VISIBLE = select(artifacts.c.id).where(IS_NAMED, artifacts.c.access.is_not(None))


class SqlHistory:
    """Earlier revisions and tombstones of a hub, in the database of its catalogue.

    Each call is one transaction, on a thread of the running loop's pool.

    Args:
        database: Where the tables are; whoever opened it closes it.
        clock: Tells when something was deleted.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def versions(
        self, ref: ArtifactRef, /, *, limit: int = 100, cursor: str | None = None
    ) -> VersionPage:
        """See `ArtifactHistory.versions`."""
        before = None if cursor is None else _fields(cursor, "versions", [int])[0]
        return await asyncio.to_thread(self._versions, ref, check_length(limit), before)

    async def get_version(self, ref: ArtifactRef, version: int | str, /) -> ArtifactRecord:
        """See `ArtifactHistory.get_version`."""
        return await asyncio.to_thread(self._get_version, ref, version)

    async def delete(
        self,
        ref: ArtifactRef,
        /,
        *,
        expected_revision: str | None = None,
        by: str | None = None,
    ) -> Tombstone:
        """See `ArtifactHistory.delete`."""
        return await asyncio.to_thread(self._delete, ref, expected_revision, by)

    async def restore(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactHistory.restore`."""
        return await asyncio.to_thread(self._restore, ref)

    async def find_tombstone(self, ref: ArtifactRef, /) -> Tombstone | None:
        """See `ArtifactHistory.find_tombstone`."""
        return await asyncio.to_thread(self._find_tombstone, ref)

    async def tombstones(
        self, owner: str, /, *, limit: int = 100, cursor: str | None = None
    ) -> TombstonePage:
        """See `ArtifactHistory.tombstones`."""
        after = None if cursor is None else _fields(cursor, "tombstones", [int, str, str])
        if cursor is not None and after is not None:
            try:
                # Not every database takes every character.
                ArtifactRef(ArtifactKind(after[1]), owner, after[2])
            except ValueError as cause:
                raise no_cursor(cursor) from cause
        return await asyncio.to_thread(self._tombstones, owner, check_length(limit), after)

    def _versions(self, ref: ArtifactRef, limit: int, before: int | None) -> VersionPage:
        wanted = _VERSIONS
        if before is not None:
            wanted = wanted.where(revisions.c.number < before)
        with self._database.reading() as connection:
            # In this order, so that as much is asked for what is not there.
            rows = connection.execute(wanted, {**ref_columns(ref), "most": limit + 1}).all()
            _require_visible(connection, ref)
        found = tuple(
            ArtifactVersion(
                ref, row.number, row.revision, row.access, from_microseconds(row.committed_at)
            )
            for row in rows[:limit]
        )
        more = len(rows) > limit
        return VersionPage(found, opaque(["versions", found[-1].number]) if more else None)

    def _get_version(self, ref: ArtifactRef, version: int | str) -> ArtifactRecord:
        is_known = 1 <= version < 2**31 if isinstance(version, int) else _is_revision(version)
        if not is_known:
            raise no_version(ref, version)
        column = revisions.c.number if isinstance(version, int) else revisions.c.revision
        wanted = select(*RECORD_COLUMNS).select_from(_ALL)
        wanted = wanted.where(
            is_artifact(ref),
            artifacts.c.access.is_not(None),
            revisions.c.number.is_not(None),
            column == version,
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        if row is None:
            raise no_version(ref, version)
        return record_of(row)

    def _delete(self, ref: ArtifactRef, expected: str | None, by: str | None) -> Tombstone:
        with self._database.writing(name_of_artifact(ref)) as connection:
            row = _row(connection, ref)
            check_expected(ref, expected, row["revision"])
            if row["deleted_at"] is not None:
                return _tombstone(row)
            forget_words(connection, row["id"])
            values: dict[str, Any] = {
                "deleted_at": to_microseconds(self._clock.now()),
                "deleted_by": by,
            }
            connection.execute(
                update(artifacts).where(artifacts.c.id == row["id"]).values(access=None, **values)
            )
            return _tombstone({**row, **values})

    def _restore(self, ref: ArtifactRef) -> ArtifactRecord:
        with self._database.writing(name_of_artifact(ref)) as connection:
            row = _row(connection, ref)
            if row["deleted_at"] is not None:
                connection.execute(
                    update(artifacts)
                    .where(artifacts.c.id == row["id"])
                    .values(deleted_at=None, deleted_by=None)
                )
                current = select(*RECORD_COLUMNS).select_from(CURRENT).where(is_artifact(ref))
                record = record_of(connection.execute(current).mappings().one())
                show(connection, row["id"], record)
            return read_artifact(connection, ref)

    def _find_tombstone(self, ref: ArtifactRef) -> Tombstone | None:
        wanted = select(*_TOMBSTONE).select_from(CURRENT)
        wanted = wanted.where(is_artifact(ref), artifacts.c.deleted_at.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _tombstone(row)

    def _tombstones(self, owner: str, limit: int, after: Sequence[Any] | None) -> TombstonePage:
        deleted_at, name = artifacts.c.deleted_at, (artifacts.c.kind, artifacts.c.slug)
        wanted = (
            select(*_TOMBSTONE)
            .select_from(CURRENT)
            .where(artifacts.c.owner == owner, deleted_at.is_not(None))
            .order_by(deleted_at.desc(), *name)
            .limit(limit + 1)
        )
        if after is not None:
            moment, *last = after
            wanted = wanted.where(
                and_(
                    deleted_at <= moment,
                    or_(deleted_at < moment, tuple_(*name) > tuple(last)),
                )
            )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        found = tuple(_tombstone(row) for row in rows[:limit])
        if len(rows) <= limit:
            return TombstonePage(found)
        end = rows[limit - 1]
        fields = ["tombstones", end["deleted_at"], end["kind"], end["slug"]]
        return TombstonePage(found, opaque(fields))


def _is_revision(text: str) -> bool:
    return len(text) == 64 and text.isalnum() and text.isascii()


def _row(connection: Connection, ref: ArtifactRef) -> RowMapping:
    wanted = select(*_TOMBSTONE).select_from(CURRENT).where(is_artifact(ref))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise no_artifact(ref)
    return row


def _require_visible(connection: Connection, ref: ArtifactRef) -> None:
    if connection.execute(_VISIBLE, ref_columns(ref)).one_or_none() is None:
        raise no_artifact(ref)


def _tombstone(row: RowMapping | dict[Any, Any]) -> Tombstone:
    return Tombstone(
        ref=ArtifactRef(ArtifactKind(row["kind"]), row["owner"], row["slug"]),
        revision=row["revision"],
        number=row["number"],
        access=row["access"],
        deleted_at=from_microseconds(row["deleted_at"]),
        deleted_by=row["deleted_by"],
    )


def _fields(cursor: str, name: str, kinds: list[type]) -> list[Any]:
    found = parsed(cursor)
    right = len(found) == 1 + len(kinds) and found[0] == name
    if not right or not all(type(f) is k for f, k in zip(found[1:], kinds, strict=True)):
        raise no_cursor(cursor)
    if any(isinstance(f, int) and not 0 <= f < 2**63 for f in found):
        raise no_cursor(cursor)
    return found[1:]
