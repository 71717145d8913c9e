"""The `SchemaUpkeep` over the migrations of the catalogue."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection

from polaris.errors import InvalidInputError, PolarisHubError
from polaris.ports.upkeep import SchemaSteps
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.schema import (
    NO_SCHEMA,
    RESTORING,
    describe_revision,
    downgrade_schema,
    schema_revision,
    upgrade_schema,
)
from polaris_adapters.sql_catalogue.tables import SCHEMA_REVISIONS

__all__ = ["SqlSchema"]

_HEAD = "head"


class SqlSchema:
    """The schema of a catalogue.

    Args:
        database: Where the tables are; opened without bringing it up to date.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, target: str, /) -> SchemaSteps:
        """See `SchemaUpkeep.plan`."""
        return await asyncio.to_thread(self._plan, _revision(target))

    async def migrate(self, target: str, /) -> SchemaSteps:
        """See `SchemaUpkeep.migrate`."""
        return await asyncio.to_thread(self._migrate, _revision(target))

    def _plan(self, target: str) -> SchemaSteps:
        with self._database.reading() as connection:
            return _steps(connection, target)

    def _migrate(self, target: str) -> SchemaSteps:
        with self._database.migrating() as connection:
            steps = _steps(connection, target)
            if steps.is_down:
                downgrade_schema(connection, target)
            elif steps.steps:
                upgrade_schema(connection, target)
            return steps


def _revision(target: str) -> str:
    if target == _HEAD:
        return SCHEMA_REVISIONS[-1]
    if target not in (NO_SCHEMA, *SCHEMA_REVISIONS):
        raise InvalidInputError(
            f"The schema has no revision {target!r}",
            hint=f"Give one of {', '.join((NO_SCHEMA, *SCHEMA_REVISIONS, _HEAD))}.",
        )
    return target


def _steps(connection: Connection, target: str) -> SchemaSteps:
    there = schema_revision(connection)
    if there is not None and there.startswith(RESTORING):
        raise PolarisHubError(
            f"The hub is being restored from the backup {there.removeprefix(RESTORING)}",
            hint="Finish that first: run polaris hub restore once more.",
        )
    known = (NO_SCHEMA, *SCHEMA_REVISIONS)
    if there is not None and there not in known:
        raise PolarisHubError(
            f"The database has the schema {there}, which is newer than this version of Polaris "
            f"knows: {SCHEMA_REVISIONS[-1]}",
            hint="Upgrade Polaris, or go back with the version that made it.",
        )
    start, end = known.index(there or NO_SCHEMA), known.index(target)
    passed = known[end + 1 : start + 1][::-1] if end < start else known[start + 1 : end + 1]
    steps = tuple((revision, describe_revision(revision)) for revision in passed)
    return SchemaSteps(there, target, steps, is_down=end < start)
