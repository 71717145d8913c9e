"""Earlier revisions and tombstones of a hub over HTTP, which hubs of ours have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.errors import PolarisHubError
from polaris.ports.artifact_history import ArtifactHistory, Tombstone, TombstonePage, VersionPage
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.clock import Clock
from polaris_adapters.hub_http.generation import FoundGeneration, Generation
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.history import NativeHistory
from polaris_adapters.hub_http.repositories import found_generation
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["FoundHistory", "open_history"]


@attrs.frozen
class FoundHistory:
    """An `ArtifactHistory` that finds out at first use whether its hub keeps one.

    Every method raises `PolarisHubError` where it does not: released hubs have neither versions nor
    tombstones.

    Attributes:
        generation: Finds out.
        native: That of hubs of ours.
    """

    generation: FoundGeneration
    native: ArtifactHistory

    async def _ours(self) -> ArtifactHistory:
        if await self.generation() is not Generation.G3:
            raise PolarisHubError(
                "This hub keeps no earlier versions of its artifacts, and cannot delete them",
                hint="Use a hub that was set up with this library, or a hub in a folder.",
            )
        return self.native

    async def versions(
        self, ref: ArtifactRef, /, *, limit: int = 100, cursor: str | None = None
    ) -> VersionPage:
        """See `ArtifactHistory`."""
        return await (await self._ours()).versions(ref, limit=limit, cursor=cursor)

    async def get_version(self, ref: ArtifactRef, version: int | str, /) -> ArtifactRecord:
        """See `ArtifactHistory`."""
        return await (await self._ours()).get_version(ref, version)

    async def delete(
        self,
        ref: ArtifactRef,
        /,
        *,
        expected_revision: str | None = None,
        by: str | None = None,
    ) -> Tombstone:
        """See `ArtifactHistory`."""
        history = await self._ours()
        return await history.delete(ref, expected_revision=expected_revision, by=by)

    async def restore(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactHistory`."""
        return await (await self._ours()).restore(ref)

    async def find_tombstone(self, ref: ArtifactRef, /) -> Tombstone | None:
        """See `ArtifactHistory`."""
        return await (await self._ours()).find_tombstone(ref)

    async def tombstones(
        self, owner: str, /, *, limit: int = 100, cursor: str | None = None
    ) -> TombstonePage:
        """See `ArtifactHistory`."""
        return await (await self._ours()).tombstones(owner, limit=limit, cursor=cursor)


def open_history(
    session: HttpSession, settings: Mapping[str, Any], *, clock: Clock
) -> ArtifactHistory:
    """Return the history of a hub; nothing is asked yet.

    Args:
        session: Makes the calls.
        settings: ``hub_url``, ``generation`` and ``cache_dir`` of the client's settings.
        clock: Tells the time.
    """
    found = found_generation(session, settings, clock=clock)
    return FoundHistory(found, NativeHistory(NativeCalls(session)))
