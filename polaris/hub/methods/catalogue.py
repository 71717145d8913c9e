"""What a client can ask of a hub's catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner, parse_kind
from polaris.hub.async_session import AsyncHubSession

if TYPE_CHECKING:
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
    ) -> list[ArtifactRecord]:
        """Return what the catalogue says of the artifacts of a kind, newest first.

        Args:
            kind: ``dataset``, ``benchmark`` or ``result``.
            limit: At most so many.
            offset: Pass over so many.
            owner: Only those of this owner.

        Raises:
            InvalidInputError: There is no such kind, or the owner cannot be one.
        """
        return await self._open.list_artifacts(
            parse_kind(kind), limit=limit, offset=offset, owner=owner
        )

    async def _ids(
        self, kind: ArtifactKind, limit: int, offset: int, subject: ArtifactRef | None = None
    ) -> list[str]:
        records = await self._open.list_artifacts(kind, limit=limit, offset=offset, subject=subject)
        return [record.ref.artifact_id for record in records]
