"""What operators do to the database of a hub as a whole: copy it, check it, clear it up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

import attrs

__all__ = [
    "DatabaseDump",
    "DumpPart",
    "Purges",
    "RevisionEntry",
    "RevisionLedger",
    "RevisionName",
    "RevisionState",
    "RowCheck",
    "RowFault",
    "SchemaSteps",
    "SchemaUpkeep",
    "UpkeepLocks",
]


@attrs.frozen(order=True)
class RevisionName:
    """What the database says a revision is called; a damaged row may say anything.

    Attributes:
        kind: Kind of the artifact, as in its URN.
        owner: Slug of the owner.
        slug: Slug of the artifact.
        revision: 64 hex digits.
    """

    kind: str
    owner: str
    slug: str
    revision: str

    @property
    def folder(self) -> str:
        """The folder of the revision's objects in every store of the hub."""
        return f"{self.kind}s/{self.owner}/{self.slug}/{self.revision}"

    def __str__(self) -> str:
        return f"{self.kind} {self.owner}/{self.slug}, revision {self.revision[:12]}"


class RevisionState(StrEnum):
    """How far a revision has come."""

    BEGUN = "begun"  # announced; its objects may be on their way
    COMMITTED = "committed"
    REMOVING = "removing"  # given up: its objects are being removed, then the row is


@attrs.frozen
class RevisionEntry:
    """A revision in the database.

    Attributes:
        id: Number of its row.
        name: What it is called.
        document: The document that was published, JSON.
        state: How far it has come.
        was_committed: Whether it is, or once was, committed.
        is_current: Whether it is what readers see of its artifact.
        announced_at: When it was announced first, UTC.
    """

    id: int
    name: RevisionName
    document: str = attrs.field(repr=False)
    state: RevisionState
    was_committed: bool
    is_current: bool
    announced_at: datetime


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


class RevisionLedger(Protocol):
    """The revisions in the database, for what goes through all of them.

    Every change is atomic and durable, and looks again whether it still applies: others publish
    at the same time.
    """

    async def page(self, *, after: int = 0, limit: int = 256) -> Sequence[RevisionEntry]:
        """Return the revisions with the lowest ids above one."""
        ...

    async def known(self, names: Collection[RevisionName], /) -> set[RevisionName]:
        """Return those of the names that have a row, whatever its state."""
        ...

    async def abandoned(
        self, *, before: datetime, after: int = 0, limit: int = 256
    ) -> Sequence[RevisionEntry]:
        """Return by id what was announced before a moment and never committed."""
        ...

    async def deleted(
        self, *, before: datetime, after: int = 0, limit: int = 256
    ) -> Sequence[RevisionEntry]:
        """Return by id the revisions of artifacts that were deleted before a moment."""
        ...

    async def removing(self, *, after: int = 0, limit: int = 256) -> Sequence[RevisionEntry]:
        """Return by id what has been given up and not been removed yet."""
        ...

    async def give_up(self, entry: RevisionEntry, /, *, before: datetime) -> bool:
        """Give up a revision that `abandoned` or `deleted` returned: it can be committed no more.

        Announced again, it begins anew.

        Returns:
            Whether it was given up: False if it is no longer what it was.
        """
        ...

    async def remove(self, entry: RevisionEntry, work: Callable[[], Awaitable[None]], /) -> bool:
        """Work on the objects of a revision that was given up, while nobody can announce it.

        Returns:
            Whether it was done: False if the revision has been announced again, so that the
            objects are no longer its own. The work takes a second at most: publishers wait for it.
        """
        ...

    async def remove_unknown(
        self, name: RevisionName, work: Callable[[], Awaitable[None]], /
    ) -> bool:
        """Work on the objects of a revision that has no row, while nobody can announce it.

        Returns:
            Whether it was done: False if there is a row. The work takes a second at most.
        """
        ...

    async def forget(self, entry: RevisionEntry, /) -> None:
        """Remove the row of a revision that was given up, and its artifact when nothing is left."""
        ...

    async def withdraw(self, entry: RevisionEntry, /) -> bool:
        """Take back a revision whose content is damaged: it is announced, but not committed.

        Readers no longer see the artifact if this was what they saw. Publishing it again mends it.

        Returns:
            Whether it was committed.
        """
        ...


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
