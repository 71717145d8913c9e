"""What a client can ask of a hub's catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from polaris.application.catalogue import Narrowing, OwnerNarrowing
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner, parse_kind
from polaris.hub.async_session import AsyncHubSession

if TYPE_CHECKING:
    from polaris.ports.artifact_history import ArtifactVersion, Tombstone
    from polaris.ports.artifacts import ArtifactRecord

__all__ = ["CatalogueMethods"]


class CatalogueMethods(AsyncHubSession):
    """What a client can ask of a hub's catalogue."""

    async def get_record(
        self, kind: ArtifactKind | str, owner: str | HubOwner, name: str
    ) -> ArtifactRecord:
        """Return what the catalogue says of one artifact, without loading its data.

        Args:
            kind: ``dataset``, ``benchmark`` or ``result``.
            owner: Its owner.
            name: Its name or slug.

        Raises:
            ArtifactNotFoundError: The hub has no such artifact.
            InvalidInputError: There is no such kind, or owner or name cannot be one.
        """
        return await self._open.look_up(parse_kind(kind), owner, name)

    async def list_records(
        self,
        kind: ArtifactKind | str,
        limit: int = 100,
        offset: int = 0,
        owner: str | HubOwner | None = None,
        **narrowing: Unpack[Narrowing],
    ) -> list[ArtifactRecord]:
        """Return what the catalogue says of the artifacts of a kind, newest first.

        Args:
            kind: ``dataset``, ``benchmark`` or ``result``.
            limit: At most so many.
            offset: Pass over so many.
            owner: Only those of this owner.
            **narrowing: ``search``, ``tags``, ``sort``, ``descending``, ``created_since`` and
                ``updated_since``; see `polaris.application.catalogue.Narrowing`.

        Raises:
            InvalidInputError: There is no such kind, or the owner cannot be one; or what is
                searched for has no word.
        """
        return await self._open.list_artifacts(
            parse_kind(kind), limit=limit, offset=offset, owner=owner, **narrowing
        )

    async def list_versions(
        self, kind: ArtifactKind | str, owner: str | HubOwner, name: str, limit: int = 100
    ) -> list[ArtifactVersion]:
        """List the published versions of an artifact, the newest first.

        Args:
            kind: ``dataset``, ``benchmark`` or another kind.
            owner: Its owner.
            name: Its name or slug.
            limit: At most so many.

        Raises:
            ArtifactNotFoundError: The hub has no such artifact.
            PolarisHubError: The hub keeps no versions; those of polaris-lib do not.
        """
        return await self._open.past_artifacts.versions(parse_kind(kind), owner, name, limit=limit)

    async def get_version(
        self, kind: ArtifactKind | str, owner: str | HubOwner, name: str, version: int | str
    ) -> ArtifactRecord:
        """Return what the catalogue said of an artifact when one of its versions was the newest.

        Args:
            kind: ``dataset``, ``benchmark`` or another kind.
            owner: Its owner.
            name: Its name or slug.
            version: The number of the version, or its revision.

        Raises:
            ArtifactNotFoundError: The hub has no such version.
            PolarisHubError: The hub keeps no versions.
        """
        return await self._open.past_artifacts.version(parse_kind(kind), owner, name, version)

    async def delete_artifact(
        self,
        kind: ArtifactKind | str,
        owner: str | HubOwner,
        name: str,
        *,
        expected_revision: str | None = None,
    ) -> Tombstone:
        """Delete an artifact. It can be restored, and nothing can be published in its place.

        Args:
            kind: ``dataset``, ``benchmark`` or another kind.
            owner: Its owner.
            name: Its name or slug.
            expected_revision: Delete it only if this is its newest revision.

        Raises:
            ArtifactNotFoundError: The hub has no such artifact.
            ArtifactChangedError: Another revision is the newest one.
            PolarisUnauthorizedError: You may not delete it.
            PolarisHubError: The hub deletes nothing.
        """
        return await self._open.past_artifacts.delete(
            parse_kind(kind), owner, name, expected_revision=expected_revision
        )

    async def restore_artifact(
        self, kind: ArtifactKind | str, owner: str | HubOwner, name: str
    ) -> ArtifactRecord:
        """Bring a deleted artifact back as it was.

        Args:
            kind: ``dataset``, ``benchmark`` or another kind.
            owner: Its owner.
            name: Its name or slug.

        Raises:
            ArtifactNotFoundError: The hub has none, not even a deleted one.
            PolarisUnauthorizedError: You may not restore it.
        """
        return await self._open.past_artifacts.restore(parse_kind(kind), owner, name)

    async def list_deleted(
        self,
        owner: str | HubOwner | None = None,
        limit: int = 100,
        kind: ArtifactKind | str | None = None,
    ) -> list[Tombstone]:
        """List what an owner has deleted, the latest first.

        Args:
            owner: Whose; by default your own.
            limit: At most so many.
            kind: Only those of this kind.

        Raises:
            PolarisUnauthorizedError: You may not see it.
        """
        of_kind = None if kind is None else parse_kind(kind)
        return await self._open.past_artifacts.deleted(owner, limit=limit, kind=of_kind)

    async def _ids(
        self,
        kind: ArtifactKind,
        limit: int,
        offset: int,
        subject: ArtifactRef | None = None,
        **narrowing: Unpack[OwnerNarrowing],
    ) -> list[str]:
        records = await self._open.list_artifacts(
            kind, limit=limit, offset=offset, subject=subject, **narrowing
        )
        return [record.ref.artifact_id for record in records]
