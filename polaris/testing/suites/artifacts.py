"""The conformance suite of `polaris.ports.artifacts`."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import ArtifactChangedError
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.artifacts_listings import ArtifactsListingsSuite
from polaris.testing.suites.artifacts_publishing import ArtifactsPublishingSuite
from polaris.testing.suites.artifacts_search import ArtifactsSearchSuite
from polaris.testing.suites.at_once import at_once

__all__ = ["ArtifactsSuite"]

WRITERS = 4


class ArtifactsSuite(ArtifactsPublishingSuite, ArtifactsListingsSuite, ArtifactsSearchSuite):
    """What every `ArtifactRepository` promises to a caller who may write for any owner.

    Derive a class whose name begins with ``Test`` and give it the fixture ``artifacts``: an empty
    repository, a new one for each test. A repository that outlives the process gives ``reopened``
    as well: another repository over the same place, without the memory of the first one. Needs
    pytest-asyncio in its ``auto`` mode.

    Example:
        >>> class TestInMemoryArtifacts(ArtifactsSuite):
        ...     @pytest.fixture
        ...     def artifacts(self) -> ArtifactRepository:
        ...         return InMemoryArtifacts(ManualClock())  # doctest: +SKIP
    """

    async def test_tasks_that_write_at_once_lose_nothing(
        self, artifacts: ArtifactRepository
    ) -> None:
        drafts = [draft_of(f"item-{number}") for number in range(8)]
        records = await asyncio.gather(*(publish(artifacts, draft) for draft in drafts))
        assert [record.number for record in records] == [1] * 8
        found = await asyncio.gather(*(artifacts.get(draft.ref) for draft in drafts))
        assert found == records

    def test_threads_that_publish_revisions_at_once_number_them(
        self, artifacts: ArtifactRepository
    ) -> None:
        async def write(number: int) -> list[int]:
            return [
                (await publish(artifacts, draft_of("molecules", f"{number} {turn}"))).number
                for turn in range(3)
            ]

        outcomes = [outcome for outcome in at_once(write, WRITERS) if isinstance(outcome, list)]
        numbers = sorted(number for outcome in outcomes for number in outcome)
        assert numbers == list(range(1, 3 * WRITERS + 1))
        last = asyncio.run(artifacts.get(ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")))
        assert last.number == 3 * WRITERS

    def test_threads_that_publish_the_same_at_once_publish_it_once(
        self, artifacts: ArtifactRepository
    ) -> None:
        async def write(_: int) -> ArtifactRecord:
            return await publish(artifacts, draft_of("molecules"))

        outcomes = at_once(write, WRITERS)
        found = asyncio.run(artifacts.get(ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")))
        assert found.number == 1
        assert outcomes == [found] * WRITERS

    async def test_a_commit_may_depend_on_the_newest_revision(
        self, artifacts: ArtifactRepository
    ) -> None:
        new = attrs.evolve(await artifacts.begin(draft_of("molecules")), must_be_new=True)
        first = await artifacts.commit(new)
        # What has been done is done, also when the reply was lost.
        assert await artifacts.commit(new) == first
        stale = first.location.revision
        begun = await artifacts.begin(draft_of("molecules", "second"))
        with pytest.raises(ArtifactChangedError):
            await artifacts.commit(attrs.evolve(begun, must_be_new=True))
        with pytest.raises(ArtifactChangedError):
            await artifacts.commit(attrs.evolve(begun, expected_revision="0" * 64))
        assert await artifacts.get(first.ref) == first
        expecting = attrs.evolve(begun, expected_revision=stale)
        second = await artifacts.commit(expecting)
        assert second.number == 2
        assert await artifacts.commit(expecting) == second
        third = await artifacts.begin(draft_of("molecules", "third"))
        with pytest.raises(ArtifactChangedError):
            await artifacts.commit(attrs.evolve(third, expected_revision=stale))
