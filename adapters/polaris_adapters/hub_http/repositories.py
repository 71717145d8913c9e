"""Catalogue and objects of a hub, whichever generation of the wire it speaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.errors import ArtifactNotFoundError
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactLocation,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    ArtifactRepository,
    Publication,
)
from polaris.ports.buckets import Buckets
from polaris.ports.clock import Clock
from polaris.ports.storage import IfExists, StoragePort
from polaris_adapters.hub_http.generation import FoundGeneration, Generation
from polaris_adapters.hub_http.native.artifacts import NativeArtifacts
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.storage import NativeStorage
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.storage.opening import Generation1Storage, Generation2Storage
from polaris_adapters.hub_http.wire.generation1 import Generation1Artifacts
from polaris_adapters.hub_http.wire.generation2 import Generation2Artifacts

__all__ = ["FoundArtifacts", "FoundStorage", "found_generation", "open_repositories"]

R = TypeVar("R")


@attrs.frozen
class FoundArtifacts:
    """An `ArtifactRepository` that finds out at first use what its hub speaks.

    Attributes:
        generation: Finds out.
        by_generation: The catalogues.
    """

    generation: FoundGeneration
    by_generation: Mapping[Generation, ArtifactRepository]

    async def _ask(self, call: Callable[[ArtifactRepository], Awaitable[R]]) -> R:
        """Ask the right catalogue; where it knows nothing, make sure that it is the right one."""
        right = self.by_generation[await self.generation()]
        try:
            return await call(right)
        except ArtifactNotFoundError:
            corrected = await self.generation.corrected()
            if corrected is None:
                raise
            return await call(self.by_generation[corrected])

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository`."""
        return await self._ask(lambda catalogue: catalogue.page(query))

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        return await self._ask(lambda catalogue: catalogue.get(ref))

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository`."""
        return await self._ask(lambda catalogue: catalogue.begin(draft, if_exists=if_exists))

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        return await self._ask(lambda catalogue: catalogue.commit(publication))


@attrs.frozen
class FoundStorage:
    """An `ArtifactStorage` that finds out at first use what its hub speaks.

    Attributes:
        generation: Finds out.
        by_generation: The stores.
    """

    generation: FoundGeneration
    by_generation: Mapping[Generation, ArtifactStorage]

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        right = self.by_generation[await self.generation()]
        return await right.open(location, write=write)


def open_repositories(
    session: HttpSession, settings: Mapping[str, Any], *, buckets: Buckets, clock: Clock
) -> tuple[ArtifactRepository, ArtifactStorage]:
    """Return the catalogue and the objects of a hub; nothing is asked yet.

    Args:
        session: Makes the calls.
        settings: ``hub_url``, ``hub_token_url``, ``generation``, ``cache_dir`` and
            ``custom_metadata_prefix`` of the client's settings.
        buckets: Opens folders of buckets.
        clock: Tells the time.
    """
    found = found_generation(session, settings, clock=clock)
    native = NativeCalls(session)
    artifacts: dict[Generation, ArtifactRepository] = {
        Generation.G1: Generation1Artifacts(session),
        Generation.G2: Generation2Artifacts(session, settings["hub_url"]),
        Generation.G3: NativeArtifacts(native),
    }
    storage: dict[Generation, ArtifactStorage] = {
        Generation.G1: Generation1Storage(session),
        Generation.G2: Generation2Storage(
            session,
            settings["hub_token_url"],
            buckets,
            clock,
            settings["custom_metadata_prefix"],
        ),
        Generation.G3: NativeStorage(native),
    }
    return FoundArtifacts(found, artifacts), FoundStorage(found, storage)


def found_generation(
    session: HttpSession, settings: Mapping[str, Any], *, clock: Clock
) -> FoundGeneration:
    """Return what finds out which generation a hub speaks, unless the settings say so.

    Args:
        session: Makes the calls.
        settings: ``hub_url``, ``generation`` and ``cache_dir`` of the client's settings.
        clock: Tells the time.
    """
    named = settings.get("generation") or "auto"
    return FoundGeneration(
        session,
        settings["hub_url"],
        clock,
        fixed=None if named == "auto" else Generation(named),
        memory=Path(settings["cache_dir"]) / "hub-generations.json",
    )
