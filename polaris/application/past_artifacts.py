"""Looking at earlier versions of artifacts, deleting them, and bringing them back."""

from __future__ import annotations

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.errors import InvalidInputError, PolarisHubError
from polaris.ports.artifact_history import ArtifactHistory, ArtifactVersion, Tombstone
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.auth import AuthPort

__all__ = ["PastArtifacts"]

_MOST = 1000


@attrs.frozen
class PastArtifacts:
    """What can be done with earlier versions and with what was deleted.

    Attributes:
        history: The hub's.
        auth: Who deletes, for hubs that do not know their callers.
    """

    history: ArtifactHistory
    auth: AuthPort

    async def versions(
        self, kind: ArtifactKind, owner: str | HubOwner, name: str, *, limit: int = 100
    ) -> list[ArtifactVersion]:
        """Return at most so many versions of an artifact, the newest first.

        Raises:
            ArtifactNotFoundError: The hub has no such artifact.
            InvalidInputError: ``limit`` is negative or no whole number.
            PolarisHubError: The hub keeps none.
        """
        ref, left = ArtifactRef.of(kind, owner, name), _checked(limit)
        found: list[ArtifactVersion] = []
        cursor: str | None = None
        while left > len(found):
            page = await self.history.versions(
                ref, limit=min(left - len(found), _MOST), cursor=cursor
            )
            found += page.versions
            cursor = page.next_cursor
            if cursor is None:
                break
        return found

    async def version(
        self, kind: ArtifactKind, owner: str | HubOwner, name: str, version: int | str
    ) -> ArtifactRecord:
        """Return one of the versions, by its number or its revision; errors as above."""
        return await self.history.get_version(ArtifactRef.of(kind, owner, name), version)

    async def delete(
        self,
        kind: ArtifactKind,
        owner: str | HubOwner,
        name: str,
        *,
        expected_revision: str | None = None,
    ) -> Tombstone:
        """Delete an artifact; errors as of `ArtifactHistory.delete`."""
        ref = ArtifactRef.of(kind, owner, name)
        by = await self._user()
        return await self.history.delete(ref, expected_revision=expected_revision, by=by)

    async def restore(self, kind: ArtifactKind, owner: str | HubOwner, name: str) -> ArtifactRecord:
        """Bring a deleted artifact back; errors as of `ArtifactHistory.restore`."""
        return await self.history.restore(ArtifactRef.of(kind, owner, name))

    async def deleted(
        self,
        owner: str | HubOwner | None = None,
        *,
        limit: int = 100,
        kind: ArtifactKind | None = None,
    ) -> list[Tombstone]:
        """Return at most so many deleted artifacts of an owner, the latest first.

        Args:
            owner: Whose; by default of whoever is signed in.
            limit: At most so many.
            kind: Only those of this kind.

        Raises:
            InvalidInputError: ``limit`` is negative or no whole number.
            PolarisUnauthorizedError: The caller may not see them.
            PolarisHubError: The hub keeps none.
        """
        left = _checked(limit)
        slug = str(owner) if owner is not None else (await self.auth.identity()).user.slug
        found: list[Tombstone] = []
        cursor: str | None = None
        while left > len(found):
            size = min(left - len(found), _MOST) if kind is None else _MOST
            page = await self.history.tombstones(slug, limit=size, cursor=cursor)
            found += [t for t in page.tombstones if kind is None or t.ref.kind is kind]
            cursor = page.next_cursor
            if cursor is None:
                break
        return found[:left]

    async def _user(self) -> str | None:
        try:
            return (await self.auth.identity()).user.slug
        except PolarisHubError:
            # Whether it may be deleted is not decided here.
            return None


def _checked(limit: int) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise InvalidInputError(
            f"limit must be a whole number from 0 up, not {limit!r}", hint="Leave it out for 100."
        )
    return limit
