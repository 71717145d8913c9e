from __future__ import annotations

from datetime import datetime

import pytest

from polaris.domain.identity import ArtifactKind
from polaris.errors import InvalidInputError
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifacts import ArtifactQuery, ArtifactRepository
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris.testing.fakes.in_memory_history import InMemoryHistory
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.artifact_history import ArtifactHistorySuite
from polaris.testing.suites.artifacts import ArtifactsSuite

_check: type[ArtifactRepository] = InMemoryArtifacts


class TickingClock(ManualClock):
    def now(self) -> datetime:
        self.advance(1)
        return super().now()


class TestInMemoryArtifacts(ArtifactsSuite):
    @pytest.fixture(params=[ManualClock, TickingClock])
    def artifacts(self, request: pytest.FixtureRequest) -> ArtifactRepository:
        return InMemoryArtifacts(request.param())


class TestInMemoryHistory(ArtifactHistorySuite):
    @pytest.fixture(params=[ManualClock, TickingClock])
    def artifacts(self, request: pytest.FixtureRequest) -> InMemoryArtifacts:
        return InMemoryArtifacts(request.param())

    @pytest.fixture
    def history(self, artifacts: InMemoryArtifacts) -> ArtifactHistory:
        history: InMemoryHistory = artifacts.history
        return history


async def test_a_cursor_of_one_kind_is_none_of_another() -> None:
    artifacts = InMemoryArtifacts(ManualClock())
    for slug in ("item-1", "item-2"):
        await publish(artifacts, draft_of(slug))
    cursor = (await artifacts.page(ArtifactQuery(ArtifactKind.DATASET, limit=1))).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidInputError):
        await artifacts.page(ArtifactQuery(ArtifactKind.BENCHMARK, cursor=cursor))


async def test_times_are_those_of_the_clock() -> None:
    clock = ManualClock()
    artifacts = InMemoryArtifacts(clock)
    began = clock.now()
    publication = await artifacts.begin(draft_of("molecules", "first"))
    clock.advance(60)
    first = await artifacts.commit(publication)
    clock.advance(60)
    await publish(artifacts, draft_of("molecules", "second"))
    clock.advance(60)
    again = await publish(artifacts, draft_of("molecules", "first"))
    assert (first.created_at - began).total_seconds() == 60
    assert again.created_at == first.created_at
    assert (again.updated_at - began).total_seconds() == 180
