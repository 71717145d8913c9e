"""Test targets and scoring of a hub over HTTP, which hubs of ours have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.errors import PolarisHubError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.clock import Clock
from polaris.ports.hidden_targets import TargetDeposit
from polaris.ports.jobs import Job, JobReader
from polaris.ports.storage import Write
from polaris_adapters.hub_http.generation import FoundGeneration, Generation
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.hidden_targets import NativeDeposit
from polaris_adapters.hub_http.native.jobs import NativeJobs
from polaris_adapters.hub_http.repositories import found_generation
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["FoundDeposit", "FoundJobs", "open_submissions"]


async def _require_ours(generation: FoundGeneration, what: str) -> None:
    if await generation() is not Generation.G3:
        raise PolarisHubError(
            f"This hub {what}",
            hint="Use a hub that was set up with this library, or a hub in a folder.",
        )


@attrs.frozen
class FoundDeposit:
    """A `TargetDeposit` that finds out at first use whether its hub takes in test targets.

    Attributes:
        generation: Finds out.
        native: That of hubs of ours.
    """

    generation: FoundGeneration
    native: TargetDeposit

    async def deposit(self, location: ArtifactLocation, writes: Sequence[Write], /) -> None:
        """See `TargetDeposit`.

        Raises:
            PolarisHubError: The hub takes in none.
        """
        await _require_ours(self.generation, "takes in no test targets")
        await self.native.deposit(location, writes)


@attrs.frozen
class FoundJobs:
    """A `JobReader` that finds out at first use whether its hub tells of its scoring.

    Attributes:
        generation: Finds out.
        native: That of hubs of ours.
    """

    generation: FoundGeneration
    native: JobReader

    async def find(self, submission: ArtifactRef, /) -> Sequence[Job]:
        """See `JobReader`.

        Raises:
            PolarisHubError: The hub does not tell.
        """
        await _require_ours(self.generation, "does not tell how far its scoring has come")
        return await self.native.find(submission)


def open_submissions(
    session: HttpSession, settings: Mapping[str, Any], *, clock: Clock
) -> tuple[TargetDeposit, JobReader]:
    """Return what takes in test targets, and what tells of scoring; nothing is asked yet.

    Args:
        session: Makes the calls.
        settings: ``hub_url``, ``generation`` and ``cache_dir`` of the client's settings.
        clock: Tells the time.
    """
    found = found_generation(session, settings, clock=clock)
    native = NativeCalls(session)
    return FoundDeposit(found, NativeDeposit(native)), FoundJobs(found, NativeJobs(native))
