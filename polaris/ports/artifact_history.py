"""What a catalogue keeps beside the newest revisions: earlier ones, and what was deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["ArtifactHistory", "ArtifactVersion", "Tombstone", "TombstonePage", "VersionPage"]


@attrs.frozen
class ArtifactVersion:
    """A published revision of an artifact, without its document.

    Attributes:
        ref: The artifact.
        number: Counts its published revisions from 1. Numbers can be missing: a revision that is
            published once more gets a new one.
        revision: 64 hex digits; see `polaris.ports.artifacts.ArtifactLocation`.
        access: Who could see it.
        published_at: When it was published, UTC.
    """

    ref: ArtifactRef
    number: int
    revision: str
    access: Access
    published_at: datetime


@attrs.frozen
class VersionPage:
    """A page of an artifact's versions, the newest first.

    Attributes:
        versions: The page's versions.
        next_cursor: Where the next page starts; None on the last one.
    """

    versions: tuple[ArtifactVersion, ...]
    next_cursor: str | None = None


@attrs.frozen
class Tombstone:
    """What is left of a deleted artifact: its name, which nobody else can take, and its revisions.

    Attributes:
        ref: The artifact.
        revision: That which was the newest.
        number: Its number.
        access: Who could see it.
        deleted_at: When the artifact was deleted, UTC.
        deleted_by: Who did; None where nobody told.
    """

    ref: ArtifactRef
    revision: str
    number: int
    access: Access
    deleted_at: datetime
    deleted_by: str | None = None


@attrs.frozen
class TombstonePage:
    """A page of an owner's tombstones, the latest first.

    Attributes:
        tombstones: The page's tombstones.
        next_cursor: Where the next page starts; None on the last one.
    """

    tombstones: tuple[Tombstone, ...]
    next_cursor: str | None = None


class ArtifactHistory(Protocol):
    """The earlier revisions of a hub's artifacts, and its tombstones.

    A deleted artifact is in no listing and no search, and cannot be got; nothing can be published
    in its place. Its objects are kept, until somebody with access to the hub's store collects what
    has been deleted for long enough. Changes are atomic and durable. May be used from several
    tasks, threads and processes at once.
    """

    async def versions(
        self, ref: ArtifactRef, /, *, limit: int = 100, cursor: str | None = None
    ) -> VersionPage:
        """Return the versions of an artifact, the newest first.

        Args:
            ref: The artifact.
            limit: At most so many, 1 to 1000.
            cursor: Go on where the page that gave this cursor ended.

        Raises:
            ArtifactNotFoundError: There is no such artifact, or the caller may not see it.
            InvalidInputError: The limit is out of bounds, or the cursor not one of this listing.
        """
        ...

    async def get_version(self, ref: ArtifactRef, version: int | str, /) -> ArtifactRecord:
        """Return an artifact as one of its versions has it.

        Args:
            ref: The artifact.
            version: The number or the revision.

        Raises:
            ArtifactNotFoundError: There is none, or the caller may not see it.
        """
        ...

    async def delete(
        self,
        ref: ArtifactRef,
        /,
        *,
        expected_revision: str | None = None,
        by: str | None = None,
    ) -> Tombstone:
        """Delete an artifact; done again, it changes nothing.

        Args:
            ref: The artifact.
            expected_revision: Delete it only if this is its newest revision.
            by: Who deletes it. A hub that knows its callers writes down who calls instead.

        Raises:
            ArtifactNotFoundError: There is none, or the caller may not see it.
            ArtifactChangedError: Another revision is the newest one.
            PolarisUnauthorizedError: The caller may not delete it.
        """
        ...

    async def restore(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """Bring a deleted artifact back as it was; of one that is there it changes nothing.

        Raises:
            ArtifactNotFoundError: There is none, not even a deleted one.
            PolarisUnauthorizedError: The caller may not restore it.
        """
        ...

    async def find_tombstone(self, ref: ArtifactRef, /) -> Tombstone | None:
        """Return what is left of an artifact if it was deleted; None if not, or if there is none.

        Raises:
            PolarisUnauthorizedError: The caller may not see what was deleted.
        """
        ...

    async def tombstones(
        self, owner: str, /, *, limit: int = 100, cursor: str | None = None
    ) -> TombstonePage:
        """Return the deleted artifacts of an owner, the latest first.

        Args:
            owner: Slug of the owner.
            limit: At most so many, 1 to 1000.
            cursor: Go on where the page that gave this cursor ended.

        Raises:
            InvalidInputError: The limit is out of bounds, or the cursor not one of this listing.
            PolarisUnauthorizedError: The caller may not see them.
        """
        ...
