"""How far the scoring on a hub of ours has come."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from polaris.application.native_wire.fields import Fields
from polaris.application.native_wire.jobs import job_from_json
from polaris.domain.identity import ArtifactRef
from polaris.ports.jobs import Job
from polaris_adapters.hub_http.native.artifacts import artifact_path
from polaris_adapters.hub_http.native.calls import NativeCalls, parsed

__all__ = ["NativeJobs"]


@attrs.frozen
class NativeJobs:
    """A `JobReader` on the native wire.

    Attributes:
        calls: Makes the calls.
    """

    calls: NativeCalls

    async def find(self, submission: ArtifactRef, /) -> Sequence[Job]:
        """See `JobReader`."""
        path = f"{artifact_path(submission)}/jobs"
        reply = await self.calls.ask("GET", path, f"find the jobs of the {submission}")
        with parsed(path):
            entries = enumerate(reply.entries("data"))
            return [job_from_json(Fields.of(e, where=f"data[{i}]")) for i, e in entries]
