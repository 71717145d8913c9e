"""Changing the schema of a hub's database while nobody uses the hub."""

from __future__ import annotations

import attrs

from polaris.ports.upkeep import SchemaSteps, SchemaUpkeep, UpkeepLocks

__all__ = ["Migrate"]


@attrs.frozen
class Migrate:
    """Changes the schema.

    Attributes:
        schema: The schema of the hub's database.
        locks: Keeps everybody else away.
    """

    schema: SchemaUpkeep
    locks: UpkeepLocks

    async def __call__(self, target: str = "head") -> SchemaSteps:
        """Run what leads to a revision, up or down; return what was run.

        Raises:
            InvalidInputError: There is no such revision.
            PolarisHubError: The schema is newer than this version of the library knows.
            HubBusyError: The hub is served, or is being copied, checked or cleared up.
        """
        with self.locks.serving(alone=True), self.locks.upkeep(alone=True):
            return await self.schema.migrate(target)
