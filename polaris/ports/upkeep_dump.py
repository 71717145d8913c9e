"""Copying the rows of a hub into a backup, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

import attrs

__all__ = ["DatabaseDump", "DumpPart"]


@attrs.frozen
class DumpPart:
    """A part of a copy of the database.

    Attributes:
        table: Name of the table; None for the names of the revisions that were ever committed.
        rows: How many lines ``data`` has.
        data: A JSON object a row and line: a row by column, or a `RevisionName` by attribute.
            Bytes are written as ``{"base64": …}``.
    """

    table: str | None
    rows: int
    data: bytes = attrs.field(repr=False)


class DatabaseDump(Protocol):
    """Copies all rows out of a database and into an empty one, whichever kind it is.

    What can be computed from the rows, such as an index of words, is no part of the copy.
    """

    async def save(self, sink: Callable[[DumpPart], Awaitable[None]], /) -> str:
        """Hand over all rows as they were at one moment; return the revision of the schema.

        Others go on writing meanwhile. The parts of a table come one after the other, in an order
        in which rows come after those that they refer to; last come the names of revisions.
        """
        ...

    async def is_empty(self) -> bool:
        """Say whether there are no rows, nor another restore that has begun."""
        ...

    async def begin_restore(self, backup: str, /) -> None:
        """Mark an empty database as one that is being restored: nobody can open it as a hub.

        Done again for the same backup, it changes nothing.

        Raises:
            PolarisHubError: There are rows, or another backup is being restored.
        """
        ...

    async def finish_restore(
        self, backup: str, schema: str, parts: AsyncIterator[DumpPart], /
    ) -> Mapping[str, int]:
        """Write all rows, bring the schema up to date and take the mark away, in one step.

        Args:
            backup: As given to `begin_restore`.
            schema: Revision of the schema that the rows are of.
            parts: What `save` handed over, in that order.

        Returns:
            How many rows each table got.

        Raises:
            DamagedFileError: A part cannot be read; nothing was changed.
            PolarisHubError: The backup is of a newer schema, or is not the one that was begun.
        """
        ...
