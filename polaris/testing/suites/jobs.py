"""The conformance suite of `polaris.ports.jobs`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError, LeaseLostError
from polaris.ports.artifacts import ArtifactDraft, ArtifactRepository
from polaris.ports.jobs import Job, JobQueue, JobState, Lease
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.at_once import at_once

__all__ = ["JobsSuite"]

RESULTS = ArtifactRef(ArtifactKind.RESULT, "acme", "the-scores")
MISSING = ArtifactRef(ArtifactKind.PREDICTION, "acme", "elsewhere")


def _submission(slug: str, content: str = "first") -> ArtifactDraft:
    return attrs.evolve(draft_of(slug, content, kind=ArtifactKind.PREDICTION), evaluate=True)


async def _taken(jobs: JobQueue, seconds: float = 60) -> Lease:
    lease = await jobs.take(seconds=seconds)
    assert lease is not None
    return lease


class JobsSuite:
    """What every `JobQueue` promises.

    Derive a class whose name begins with ``Test`` and give it three fixtures: ``clock``, a
    `ManualClock`; ``jobs``, an empty queue that goes by it; and ``artifacts``, the catalogue of the
    same hub. A queue that outlives the process gives ``reopened`` as well: another queue over the
    same place, without the memory of the first one. Needs pytest-asyncio in its ``auto`` mode.
    """

    @pytest.fixture
    def reopened(self, jobs: JobQueue) -> JobQueue:
        """The same queue once more; replace it where there is something to reopen."""
        return jobs

    async def test_a_hub_without_submissions_has_nothing_to_do(self, jobs: JobQueue) -> None:
        assert await jobs.take(seconds=60) is None
        assert list(await jobs.find(MISSING)) == []

    async def test_a_committed_submission_is_one_job(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        draft = _submission("forest")
        publication = await artifacts.begin(draft)
        assert await jobs.take(seconds=60) is None
        await artifacts.commit(publication)
        expected = Job(draft.ref, draft.revision, JobState.WAITING, 0, clock.now())
        assert list(await jobs.find(draft.ref)) == [expected]
        lease = await _taken(jobs)
        assert lease.job == attrs.evolve(expected, state=JobState.RUNNING, attempts=1)
        assert lease.expires_at == clock.now() + timedelta(seconds=60)
        assert list(await jobs.find(draft.ref)) == [lease.job]

    async def test_what_is_not_to_be_scored_is_no_job(
        self, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        await publish(artifacts, draft_of("molecules"))
        assert await jobs.take(seconds=60) is None

    async def test_committing_or_publishing_again_makes_no_second_job(
        self, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        draft = _submission("forest")
        publication = await artifacts.begin(draft)
        await artifacts.commit(publication)
        await artifacts.commit(publication)
        await publish(artifacts, draft)
        lease = await _taken(jobs)
        assert await jobs.take(seconds=60) is None
        done = await jobs.finish(lease, results=RESULTS)
        await publish(artifacts, draft)
        assert await jobs.take(seconds=60) is None
        assert list(await jobs.find(draft.ref)) == [done]

    async def test_what_failed_waits_again_when_it_is_published_again(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        draft = _submission("forest")
        await publish(artifacts, draft)
        lease = await _taken(jobs)
        await jobs.finish(lease, reason="the hub lost its targets")
        clock.advance(5)
        await publish(artifacts, draft)
        expected = Job(draft.ref, draft.revision, JobState.WAITING, 0, clock.now())
        assert list(await jobs.find(draft.ref)) == [expected]
        with pytest.raises(LeaseLostError):
            await jobs.finish(lease, reason="too late")
        assert (await jobs.finish(await _taken(jobs), results=RESULTS)).attempts == 1

    async def test_a_new_revision_is_a_new_job(
        self, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        drafts = [_submission("forest", "first"), _submission("forest", "second")]
        for draft in drafts:
            await publish(artifacts, draft)
        found = await jobs.find(drafts[0].ref)
        assert [job.revision for job in found] == [d.revision for d in drafts[::-1]]

    async def test_jobs_come_in_the_order_of_their_publication(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        for slug in ("zebra", "apple", "mango"):
            await publish(artifacts, _submission(slug))
            clock.advance(1)
        slugs = [(await _taken(jobs)).job.submission.slug for _ in range(3)]
        assert slugs == ["zebra", "apple", "mango"]
        assert await jobs.take(seconds=60) is None

    async def test_a_job_is_taken_again_when_its_lease_has_expired(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        await publish(artifacts, _submission("forest"))
        first = await _taken(jobs, 60)
        clock.advance(59)
        assert await jobs.take(seconds=60) is None
        clock.advance(1)
        second = await _taken(jobs, 60)
        assert second.job.attempts == 2
        assert second.token != first.token

    async def test_a_lease_that_is_renewed_holds_for_longer(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lease = await _taken(jobs, 60)
        clock.advance(50)
        lease = await jobs.renew(lease, seconds=60)
        assert lease.expires_at == clock.now() + timedelta(seconds=60)
        clock.advance(59)
        assert await jobs.take(seconds=60) is None
        assert (await jobs.finish(lease, results=RESULTS)).attempts == 1

    async def test_a_worker_that_lost_its_lease_changes_nothing(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lost = await _taken(jobs, 1)
        clock.advance(2)
        held = await _taken(jobs, 60)
        with pytest.raises(LeaseLostError):
            await jobs.renew(lost, seconds=60)
        with pytest.raises(LeaseLostError):
            await jobs.give_back(lost, seconds=0)
        with pytest.raises(LeaseLostError):
            await jobs.finish(lost, reason="too late")
        assert list(await jobs.find(held.job.submission)) == [held.job]
        assert (await jobs.finish(held, results=RESULTS)).results == RESULTS

    async def test_an_expired_lease_that_nobody_took_may_still_finish(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lease = await _taken(jobs, 1)
        clock.advance(5)
        assert (await jobs.finish(lease, results=RESULTS)).state is JobState.SCORED
        assert await jobs.take(seconds=60) is None

    async def test_a_job_that_is_given_back_is_due_after_the_wait(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lease = await _taken(jobs)
        await jobs.give_back(lease, seconds=10)
        [waiting] = await jobs.find(lease.job.submission)
        assert (waiting.state, waiting.attempts) == (JobState.WAITING, 1)
        assert await jobs.take(seconds=60) is None
        with pytest.raises(LeaseLostError):
            await jobs.finish(lease, results=RESULTS)
        clock.advance(10)
        assert (await _taken(jobs)).job.attempts == 2

    @pytest.mark.parametrize("outcome", ["scored", "failed"])
    async def test_what_is_finished_stays_finished(
        self, jobs: JobQueue, artifacts: ArtifactRepository, clock: ManualClock, outcome: str
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lease = await _taken(jobs, 60)
        clock.advance(5)
        said = {"results": RESULTS} if outcome == "scored" else {"reason": "no such column 分子"}
        done = await jobs.finish(lease, **said)
        assert done.state == outcome
        assert done.finished_at == clock.now()
        assert (done.results, done.reason) == (said.get("results"), said.get("reason"))
        clock.advance(1000)
        assert await jobs.finish(lease, reason="another") == done
        assert await jobs.take(seconds=60) is None
        with pytest.raises(LeaseLostError):
            await jobs.renew(lease, seconds=60)
        with pytest.raises(LeaseLostError):
            await jobs.give_back(lease, seconds=0)
        assert list(await jobs.find(lease.job.submission)) == [done]

    async def test_an_outcome_is_either_results_or_a_reason(
        self, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lease = await _taken(jobs)
        with pytest.raises(InvalidInputError):
            await jobs.finish(lease)
        with pytest.raises(InvalidInputError):
            await jobs.finish(lease, results=RESULTS, reason="both")
        assert list(await jobs.find(lease.job.submission)) == [lease.job]

    async def test_jobs_are_there_after_reopening(
        self, jobs: JobQueue, reopened: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        await publish(artifacts, _submission("forest"))
        lease = await _taken(jobs)
        assert list(await reopened.find(lease.job.submission)) == [lease.job]
        done = await reopened.finish(lease, results=RESULTS)
        assert list(await jobs.find(lease.job.submission)) == [done]

    def test_workers_that_take_at_once_get_different_jobs(
        self, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        async def fill() -> None:
            for number in range(3):
                await publish(artifacts, _submission(f"item-{number}"))

        async def take(_: int) -> str | None:
            lease = await jobs.take(seconds=60)
            return None if lease is None else lease.job.submission.slug

        asyncio.run(fill())
        taken = at_once(take, 5)
        assert sorted(str(slug) for slug in taken) == [
            "None", "None", "item-0", "item-1", "item-2",
        ]  # fmt: skip
