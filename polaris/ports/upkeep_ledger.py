"""The revisions of a hub as its database has them: announced, committed, given up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import attrs

__all__ = ["RevisionEntry", "RevisionLedger", "RevisionName", "RevisionState"]


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
