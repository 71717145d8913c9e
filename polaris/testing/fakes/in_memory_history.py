"""An `ArtifactHistory` over the dicts of the in-memory catalogue."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, TypeVar

from polaris.application.artifact_conditions import (
    check_expected,
    check_length,
    no_artifact,
    no_version,
)
from polaris.domain.identity import ArtifactRef
from polaris.errors import InvalidInputError
from polaris.ports.artifact_history import ArtifactVersion, Tombstone, TombstonePage, VersionPage
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.clock import Clock
from polaris.testing.fakes.artifact_shelf import Shelf

__all__ = ["InMemoryHistory"]

E = TypeVar("E")


class InMemoryHistory:
    """Earlier revisions and tombstones of an `InMemoryArtifacts`, which gives it out as `history`.

    Args:
        shelf: What that catalogue keeps.
        clock: Tells when something was deleted.
    """

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock

    async def versions(
        self, ref: ArtifactRef, /, *, limit: int = 100, cursor: str | None = None
    ) -> VersionPage:
        """See `ArtifactHistory.versions`."""
        check_length(limit)
        with self._shelf.lock:
            found = [
                ArtifactVersion(ref, kept.number, name, kept.access, kept.committed_at)
                for name, kept in self._shelf.visible(ref).revisions.items()
                if kept.committed_at is not None
            ]
        page, after = _page(found, limit, cursor, lambda version: [-version.number])
        return VersionPage(page, after)

    async def get_version(self, ref: ArtifactRef, version: int | str, /) -> ArtifactRecord:
        """See `ArtifactHistory.get_version`."""
        with self._shelf.lock:
            artifact = self._shelf.artifacts.get(ref)
            revisions = artifact.revisions if artifact and artifact.is_visible else {}
            for name, kept in revisions.items():
                if kept.committed_at is not None and version in (name, kept.number):
                    return self._shelf.record(ref, name)
        raise no_version(ref, version)

    async def delete(
        self,
        ref: ArtifactRef,
        /,
        *,
        expected_revision: str | None = None,
        by: str | None = None,
    ) -> Tombstone:
        """See `ArtifactHistory.delete`."""
        with self._shelf.lock:
            artifact = self._shelf.artifacts.get(ref)
            if artifact is None or artifact.current is None:
                raise no_artifact(ref)
            check_expected(ref, expected_revision, artifact.current)
            if artifact.tombstone is None:
                newest = artifact.revisions[artifact.current]
                artifact.tombstone = Tombstone(
                    ref, artifact.current, newest.number, newest.access, self._clock.now(), by
                )
            return artifact.tombstone

    async def restore(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactHistory.restore`."""
        with self._shelf.lock:
            artifact = self._shelf.artifacts.get(ref)
            if artifact is None or artifact.current is None:
                raise no_artifact(ref)
            artifact.tombstone = None
            return self._shelf.record(ref)

    async def find_tombstone(self, ref: ArtifactRef, /) -> Tombstone | None:
        """See `ArtifactHistory.find_tombstone`."""
        with self._shelf.lock:
            artifact = self._shelf.artifacts.get(ref)
            return None if artifact is None else artifact.tombstone

    async def tombstones(
        self, owner: str, /, *, limit: int = 100, cursor: str | None = None
    ) -> TombstonePage:
        """See `ArtifactHistory.tombstones`."""
        check_length(limit)
        with self._shelf.lock:
            kept = [artifact.tombstone for artifact in self._shelf.artifacts.values()]
        found = [tombstone for tombstone in kept if tombstone and tombstone.ref.owner == owner]
        page, after = _page(found, limit, cursor, _order)
        return TombstonePage(page, after)


def _order(tombstone: Tombstone) -> list[Any]:
    ref = tombstone.ref
    return [-tombstone.deleted_at.timestamp(), ref.kind.value, ref.slug]


def _page(
    found: list[E], limit: int, cursor: str | None, key: Callable[[E], list[Any]]
) -> tuple[tuple[E, ...], str | None]:
    """Return a page in the order of a key, and the cursor of the next one."""
    found = sorted(found, key=key)
    if cursor is not None:
        last = _parsed(cursor)
        try:
            found = [entry for entry in found if key(entry) > last]
        except TypeError as cause:
            raise _no_cursor(cursor) from cause
    page = tuple(found[:limit])
    if len(page) == len(found):
        return page, None
    return page, base64.urlsafe_b64encode(json.dumps(key(page[-1])).encode()).decode()


def _parsed(cursor: str) -> list[Any]:
    try:
        last = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as cause:
        raise _no_cursor(cursor) from cause
    if not isinstance(last, list) or not last:
        raise _no_cursor(cursor)
    return last


def _no_cursor(cursor: str) -> InvalidInputError:
    return InvalidInputError(
        f"{cursor!r:.200} is not a cursor of this listing",
        hint="Give the next_cursor of the page before, or none to start at the top.",
    )
