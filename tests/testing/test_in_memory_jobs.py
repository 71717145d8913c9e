from __future__ import annotations

import pytest

from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.jobs import JobQueue
from polaris.testing import InMemoryArtifacts, InMemoryJobs, JobsSuite, ManualClock

_check: type[JobQueue] = InMemoryJobs


class TestInMemoryJobs(JobsSuite):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    def jobs(self, clock: ManualClock) -> InMemoryJobs:
        return InMemoryJobs(clock)

    @pytest.fixture
    def artifacts(self, clock: ManualClock, jobs: InMemoryJobs) -> ArtifactRepository:
        return InMemoryArtifacts(clock, jobs)
