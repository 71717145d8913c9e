"""The `DatabaseDump` over the catalogue's database: out of one kind of it and into another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    MetaData,
    Select,
    Table,
    func,
    insert,
    inspect,
    or_,
    select,
    text,
)

from polaris.errors import PolarisHubError
from polaris.ports.upkeep_dump import DumpPart
from polaris_adapters.sql_catalogue import accounts_tables
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.schema import (
    NO_SCHEMA,
    RESTORING,
    downgrade_schema,
    schema_revision,
    upgrade_schema,
)
from polaris_adapters.sql_catalogue.tables import (
    SCHEMA_REVISIONS,
    alembic_version,
    artifacts,
    metadata,
    revisions,
)
from polaris_adapters.sql_catalogue.upkeep_derived import DERIVED_COLUMNS, rebuild_derived
from polaris_adapters.sql_catalogue.upkeep_values import line_of, rows_of

__all__ = ["SqlDump"]

# Rows that are fetched, and inserted, at once.
_ROWS = 500


class SqlDump:
    """Copies the rows of a catalogue; see `DatabaseDump`.

    Args:
        database: Where the tables are, or are to be; opened without bringing it up to date.
        part_bytes: About the size of a part, before it is compressed.
    """

    def __init__(self, database: Database, *, part_bytes: int = 8 * 2**20) -> None:
        self._database = database
        self._part_bytes = part_bytes

    async def save(self, sink: Callable[[DumpPart], Awaitable[None]], /) -> str:
        """See `DatabaseDump.save`."""
        loop = asyncio.get_running_loop()

        def hand_over(part: DumpPart) -> None:
            async def handed() -> None:
                await sink(part)

            asyncio.run_coroutine_threadsafe(handed(), loop).result()

        return await asyncio.to_thread(self._save, hand_over)

    async def is_empty(self) -> bool:
        """See `DatabaseDump.is_empty`."""
        return await asyncio.to_thread(self._is_empty)

    async def begin_restore(self, backup: str, /) -> None:
        """See `DatabaseDump.begin_restore`."""
        await asyncio.to_thread(self._begin, backup)

    async def finish_restore(
        self, backup: str, schema: str, parts: AsyncIterator[DumpPart], /
    ) -> Mapping[str, int]:
        """See `DatabaseDump.finish_restore`."""
        loop = asyncio.get_running_loop()

        def pulled() -> Iterator[DumpPart]:
            async def following() -> DumpPart | None:
                return await anext(parts, None)

            while part := asyncio.run_coroutine_threadsafe(following(), loop).result():
                yield part

        return await asyncio.to_thread(self._finish, backup, schema, pulled())

    def _save(self, hand_over: Callable[[DumpPart], None]) -> str:
        with self._database.reading() as connection:
            schema = schema_revision(connection)
            if schema is None or schema.startswith(RESTORING):
                raise PolarisHubError(
                    "There is no hub in the database that could be copied",
                    hint="Check --data and --database; a restore may have to be finished.",
                )
            for table in _tables(connection).sorted_tables:
                for part in self._parts(connection, table.name, _rows(table)):
                    hand_over(part)
            for part in self._parts(connection, None, _names()):
                hand_over(part)
            return schema

    def _parts(
        self, connection: Connection, table: str | None, wanted: Select[Any]
    ) -> Iterator[DumpPart]:
        lines: list[bytes] = []
        size = 0
        found = connection.execute(wanted.execution_options(yield_per=_ROWS))
        for row in found.mappings():
            lines.append(line_of(dict(row)))
            size += len(lines[-1])
            if size >= self._part_bytes:
                yield DumpPart(table, len(lines), b"".join(lines))
                lines, size = [], 0
        if lines:
            yield DumpPart(table, len(lines), b"".join(lines))

    def _is_empty(self) -> bool:
        with self._database.reading() as connection:
            return _has_no_rows(connection) and _restored(connection) is None

    def _begin(self, backup: str) -> None:
        with self._database.migrating() as connection:
            there = _restored(connection)
            if there == backup:
                return
            if there is not None:
                raise PolarisHubError(
                    f"The hub is being restored from another backup, {there}",
                    hint="Restore that one, or begin with an empty folder and an empty database.",
                )
            if not _has_no_rows(connection):
                raise PolarisHubError(
                    "The database is not empty, so nothing can be restored into it",
                    hint="Restore into a new folder or a new database.",
                )
            if schema_revision(connection) is None:
                alembic_version.create(connection, checkfirst=True)
            else:
                downgrade_schema(connection, NO_SCHEMA)
            connection.execute(alembic_version.delete())
            connection.execute(alembic_version.insert().values(version_num=RESTORING + backup))

    def _finish(self, backup: str, schema: str, parts: Iterator[DumpPart]) -> Mapping[str, int]:
        if schema not in SCHEMA_REVISIONS:
            raise PolarisHubError(
                f"The backup has the schema {schema}, which this version of Polaris does not know",
                hint="Upgrade Polaris: pip install --upgrade polaris-hub.",
            )
        counts: dict[str, int] = {}
        with self._database.migrating() as connection:
            if _restored(connection) != backup:
                raise PolarisHubError(
                    "The database is not one into which this backup is being restored",
                    hint="Begin with an empty folder and an empty database.",
                )
            connection.execute(alembic_version.delete())
            upgrade_schema(connection, schema)
            tables = _tables(connection).tables
            for part in parts:
                if part.table is None:
                    continue
                if part.table not in tables:
                    raise PolarisHubError(
                        f"The backup has a table {part.table}, which the schema {schema} has not",
                        hint="Use another backup.",
                    )
                _insert(connection, tables[part.table], part)
                counts[part.table] = counts.get(part.table, 0) + part.rows
            _count_on(connection, tables)
            upgrade_schema(connection)
            rebuild_derived(connection)
        return counts


def _tables(connection: Connection) -> MetaData:
    """Return our tables as they are there: of whichever revision of the schema."""
    there = set(inspect(connection).get_table_names())
    found = MetaData()
    found.reflect(connection, only=sorted(there & _ours()))
    return found


def _ours() -> set[str]:
    # Those of accounts are known once their module is imported.
    assert accounts_tables.accounts.name in metadata.tables
    return set(metadata.tables) - {alembic_version.name}


def _rows(table: Table) -> Select[Any]:
    """Return the query of a table's rows, without those that refer to nothing.

    Such rows are damage: no database with foreign keys would take them back.
    """
    derived = DERIVED_COLUMNS.get(table.name, frozenset())
    wanted = select(*(c for c in table.c if c.name not in derived))
    for key in table.foreign_keys:
        parent = key.column.table.alias()
        refers = select(parent.c[key.column.name]).where(parent.c[key.column.name] == key.parent)
        wanted = wanted.where(or_(key.parent.is_(None), refers.exists()))
    return wanted.order_by(*table.primary_key.columns)


def _names() -> Select[Any]:
    columns = (artifacts.c.kind, artifacts.c.owner, artifacts.c.slug, revisions.c.revision)
    joined = revisions.join(artifacts, artifacts.c.id == revisions.c.artifact_id)
    was_committed = revisions.c.committed_at.is_not(None)
    is_whole = ~revisions.c.revision.startswith("removing:", autoescape=True)
    return (
        select(*columns).select_from(joined).where(was_committed, is_whole).order_by(revisions.c.id)
    )


def _has_no_rows(connection: Connection) -> bool:
    there = set(inspect(connection).get_table_names())
    if there and alembic_version.name not in there:
        return False  # Somebody else's.
    tables = _tables(connection).tables.values()
    return all(connection.execute(select(table).limit(1)).first() is None for table in tables)


def _restored(connection: Connection) -> str | None:
    """Return the backup that is being restored; None if none is."""
    found = schema_revision(connection) or ""
    return found.removeprefix(RESTORING) if found.startswith(RESTORING) else None


def _insert(connection: Connection, table: Table, part: DumpPart) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows_of(part.data):
        batch.append(row)
        if len(batch) == _ROWS:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)


def _count_on(connection: Connection, tables: Mapping[str, Table]) -> None:
    """Let the next rows get numbers after those that were written."""
    if connection.dialect.name != "postgresql":
        return  # SQLite goes by the largest one that is there.
    for table in tables.values():
        column = table.autoincrement_column
        if column is None:
            continue
        last = connection.execute(select(func.max(column))).scalar()
        if last is not None:
            set_to = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
            values = {"table": table.name, "column": column.name, "last": last}
            connection.execute(set_to, values)
