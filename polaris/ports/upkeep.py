"""What operators do to the database of a hub: check its rows, change its schema, clear it up.

Its revisions are in `polaris.ports.upkeep_ledger`, copies of it in `polaris.ports.upkeep_dump`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

import attrs

__all__ = ["Purges", "RowCheck", "RowFault", "SchemaSteps", "SchemaUpkeep", "UpkeepLocks"]


@attrs.frozen
class RowFault:
    """A row that does not belong, or does not agree with others.

    Attributes:
        code: What is wrong, such as ``current-revision-missing``.
        where: The row.
        message: What is wrong, in words.
        severity: ``warning`` for what can happen without damage.
        remedy: What `RowCheck.repair` does about it; None if it can do nothing.
    """

    code: str
    where: str
    message: str
    severity: Literal["error", "warning"] = "error"
    remedy: str | None = None


class RowCheck(Protocol):
    """Compares the rows of the database with each other."""

    async def faults(self) -> Sequence[RowFault]:
        """Return everything that does not agree."""
        ...

    async def repair(self) -> Sequence[RowFault]:
        """Do what each fault's ``remedy`` says, in one step; return what was repaired."""
        ...


class Purges(Protocol):
    """What a store of things that end by themselves offers besides its own port."""

    async def purge(self, *, before: datetime) -> int:
        """Remove what ended before a moment; return how many."""
        ...


@attrs.frozen
class SchemaSteps:
    """The way from one schema to another.

    Attributes:
        current: Revision of the schema that is there; None for no tables.
        target: Revision that is asked for.
        steps: What runs, in order: revision and first line of its description.
        is_down: Whether they are undone.
    """

    current: str | None
    target: str
    steps: tuple[tuple[str, str], ...]
    is_down: bool = False


class SchemaUpkeep(Protocol):
    """Changes the schema of the database."""

    async def plan(self, target: str, /) -> SchemaSteps:
        """Return what has to run to get to a revision; ``head`` is the newest, ``base`` no tables.

        Raises:
            InvalidInputError: There is no such revision.
            PolarisHubError: The schema is newer than this version of the library knows.
        """
        ...

    async def migrate(self, target: str, /) -> SchemaSteps:
        """Do it, in one step; return what was done. Raises what `plan` raises."""
        ...


class UpkeepLocks(Protocol):
    """Keeps apart what must not happen to a hub at the same time, in whichever process.

    A lock ends with its context, and with the process.
    """

    def serving(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """Hold the hub as one that serves it; ``alone`` as one that nobody may serve meanwhile.

        Raises:
            HubBusyError: Somebody holds it otherwise.
        """
        ...

    def upkeep(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """Hold it as one that copies or reads all of it; ``alone`` as one that removes.

        Raises:
            HubBusyError: Somebody holds it otherwise.
        """
        ...
