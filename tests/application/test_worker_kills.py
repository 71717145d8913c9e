"""Killing the worker at each of its steps leaves no submission stuck and none scored twice."""

from __future__ import annotations

import asyncio
import functools
import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.application.evaluate_submission import EvaluateSubmission
from polaris.application.null_progress import NullProgress
from polaris.application.publish import Publish
from polaris.application.publish_competition import PublishCompetition
from polaris.application.retry import RetryPolicy
from polaris.application.submit_predictions import SubmitPredictions
from polaris.application.work_on_jobs import WorkOnJobs
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.submissions import CompetitionPredictions
from polaris.errors import HubBusyError, StorageError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord
from polaris.ports.jobs import Job, JobState
from polaris.testing import (
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryHiddenTargets,
    InMemoryJobs,
    InMemoryTargetDeposit,
    ManualClock,
)
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.zarr_arrays import ZarrArchives

LEASE = 60.0
RESULT = ArtifactKind.COMPETITION_RESULT


class KilledError(BaseException):
    """What stands for the sudden end of a process; nothing may catch it."""


class Calls:
    """Counts the calls of all ports, and lets one of them be the last."""

    def __init__(
        self,
        last: int | None = None,
        error: BaseException | None = None,
        *,
        all_later: bool = False,
    ) -> None:
        self.count = 0
        self.last = last
        self.all_later = all_later
        self.error = error or KilledError()
        self.names: list[str] = []

    def note(self, name: str) -> None:
        self.names.append(name)
        self.count += 1
        if self.last is None:
            return
        if self.count == self.last or (self.all_later and self.count > self.last):
            raise self.error


class Watched:
    """A port whose calls are counted twice each: before they do anything, and after.

    The stores that it opens are watched as well.
    """

    def __init__(self, port: Any, calls: Calls) -> None:
        self._port, self._calls = port, calls

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not asyncio.iscoroutinefunction(method):
            return method

        @functools.wraps(method)
        async def call(*args: Any, **keywords: Any) -> Any:
            self._calls.note(f"before {name}")
            found = await method(*args, **keywords)
            self._calls.note(f"after {name}")
            return Watched(found, self._calls) if name in ("open", "reveal") else found

        return call


class Hub:
    """A hub in memory with a competition, whose worker may be killed."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.jobs = InMemoryJobs(self.clock)
        self.artifacts = InMemoryArtifacts(self.clock, self.jobs)
        self.storage = InMemoryArtifactStorage()
        self.hidden = InMemoryHiddenTargets()
        self.archives = ZarrArchives()
        self.folder = folder

    async def prepare(self) -> ArtifactRecord:
        """Publish a competition and submit to it."""
        root = zarr.open_group(str(self.folder), mode="w", zarr_format=2)
        for name in ("x", "y"):
            array = root.create_array(name, shape=(9,), chunks=(4,), dtype="float64")
            array[:] = np.arange(9.0)
        zarr.consolidate_metadata(root.store)
        now = self.clock.now()
        publish = self.publish()
        source = self.archives.source(FolderStorage(self.folder), "")
        competition = await asyncio.to_thread(
            lambda: CompetitionSpecification(
                name="contest",
                owner="acme",
                license="MIT",
                archive=source,
                input_cols="x",
                target_cols="y",
                metrics="mean_absolute_error",
                split=([0, 1, 2], [3, 4, 8]),
                start_time=now,
                end_time=now + timedelta(days=300),
            )
        )
        deposit = InMemoryTargetDeposit(self.hidden)
        await PublishCompetition(publish, deposit, self.archives)(competition)
        return await self.submit("forest")

    async def submit(self, name: str) -> ArtifactRecord:
        predictions = CompetitionPredictions(
            name=name,
            owner="me-myself",
            predictions=[3.0, 4.0, 8.5],
            target_labels=["y"],
            test_set_labels=["test"],
            test_set_sizes={"test": 3},
            paper_url="https://example.org",
        )
        submit = SubmitPredictions(self.publish(), self.archives, self.clock)
        return await submit.to_competition(predictions, "acme/contest")

    def publish(self, artifacts: Any = None) -> Publish:
        policy = RetryPolicy(attempts=2)
        return Publish(
            artifacts or self.artifacts, self.storage, policy, self.clock, NullProgress()
        )

    def worker(self, calls: Calls) -> WorkOnJobs:
        artifacts = Watched(self.artifacts, calls)
        evaluate = EvaluateSubmission(
            artifacts,
            Watched(self.storage, calls),
            Watched(self.hidden, calls),
            self.archives,
            self.publish(artifacts),
            NullProgress(),
        )
        jobs: Any = Watched(self.jobs, calls)
        return WorkOnJobs(
            jobs,
            evaluate,
            RetryPolicy(attempts=2),
            self.clock,
            lease_seconds=LEASE,
            heartbeat=False,
        )

    async def results(self) -> list[ArtifactRecord]:
        return list((await self.artifacts.page(ArtifactQuery(RESULT))).records)

    async def job(self, ref: ArtifactRef) -> Job:
        [job] = await self.jobs.find(ref)
        return job


async def _steps(hub: Hub) -> int:
    """Return how many steps a worker takes that nobody kills."""
    calls = Calls()
    await hub.prepare()
    assert await hub.worker(calls).step()
    assert calls.names[0] == "before take"
    assert calls.names[-1] == "after finish"
    return calls.count


async def test_a_worker_killed_at_any_step_is_taken_over_and_nothing_is_scored_twice(
    tmp_path: Path,
) -> None:
    hub = Hub(tmp_path)
    steps = await _steps(hub)
    assert steps > 25
    for last in range(1, steps + 1):
        submission = await hub.submit(f"forest-{last}")
        with pytest.raises(KilledError):
            await hub.worker(Calls(last)).step()
        left = await hub.job(submission.ref)
        if not left.state.is_final:
            # Nobody else gets the job before its lease has expired, unless it was never taken.
            assert await hub.worker(Calls()).step() is (left.state is JobState.WAITING)
            hub.clock.advance(LEASE)
        await hub.worker(Calls()).until_nothing_is_due()
        job = await hub.job(submission.ref)
        assert job.state is JobState.SCORED, (last, job)
        assert job.attempts <= 2
        records = await hub.results()
        assert len(records) == last + 1
        [record] = [each for each in records if each.ref == job.results]
        assert record.number == 1
        assert record.document["results"] == [
            {
                "testSet": "test",
                "targetLabel": "y",
                "scores": {"mean_absolute_error": pytest.approx(0.5 / 3)},
            }
        ]


async def test_a_submission_that_kills_every_worker_fails_in_the_end(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    submission = await hub.prepare()
    for _ in range(5):
        with pytest.raises(KilledError):
            await hub.worker(Calls(5)).step()
        hub.clock.advance(LEASE)
    await hub.worker(Calls()).until_nothing_is_due()
    job = await hub.job(submission.ref)
    assert job.state is JobState.FAILED
    assert "5 attempts" in str(job.reason)
    assert await hub.results() == []


async def test_results_that_the_last_attempt_published_count(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    steps = await _steps(hub)
    submission = await hub.submit("forest-2")
    for last in (3, 3, 3, 3, steps - 1):
        with pytest.raises(KilledError):
            await hub.worker(Calls(last)).step()
        hub.clock.advance(LEASE)
    await hub.worker(Calls()).until_nothing_is_due()
    job = await hub.job(submission.ref)
    assert (job.state, job.attempts) == (JobState.SCORED, 6)
    assert len(await hub.results()) == 2


@pytest.mark.parametrize("error", [HubBusyError("busy"), StorageError("gone")])
async def test_failures_that_may_pass_are_tried_again_later(
    tmp_path: Path, error: Exception
) -> None:
    hub = Hub(tmp_path)
    steps = await _steps(hub)
    # Not the calls of the queue itself, with which a job begins and ends.
    for last in range(3, steps - 1):
        submission = await hub.submit(f"forest-{last}")
        await hub.worker(Calls(last, error)).step()
        for _ in itertools.repeat(None, 6):
            hub.clock.advance(LEASE)
            await hub.worker(Calls()).until_nothing_is_due()
        assert (await hub.job(submission.ref)).state is JobState.SCORED
        assert len(await hub.results()) == last - 1


async def test_failures_that_never_pass_fail_the_submission(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    submission = await hub.prepare()
    for _ in range(6):
        await hub.worker(Calls(4, StorageError("the disk is gone"))).step()
        hub.clock.advance(LEASE)
    job = await hub.job(submission.ref)
    assert (job.state, job.reason) == (JobState.FAILED, "the disk is gone")


async def test_a_defect_fails_the_submission_and_not_the_worker(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    submission = await hub.prepare()
    assert await hub.worker(Calls(4, ZeroDivisionError("secret 1000.5"))).step()
    job = await hub.job(submission.ref)
    assert job.state is JobState.FAILED
    assert job.reason == "The hub could not score it: ZeroDivisionError"


async def test_a_worker_whose_lease_expired_leaves_the_job_to_the_next(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    submission = await hub.prepare()
    slow = hub.worker(Calls())
    lease = await hub.jobs.take(seconds=LEASE)
    assert lease is not None
    hub.clock.advance(LEASE)
    fast = await hub.jobs.take(seconds=LEASE)
    assert fast is not None
    await slow._work(fast)
    done = await hub.job(submission.ref)
    with pytest.raises(Exception, match="not in this worker's hands"):
        await slow._work(lease)
    assert await hub.job(submission.ref) == done
    assert [record.number for record in await hub.results()] == [1]


async def test_a_lease_is_renewed_while_the_work_goes_on(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    await hub.prepare()
    lease = await hub.jobs.take(seconds=LEASE)
    assert lease is not None
    worker = WorkOnJobs(
        hub.jobs, hub.worker(Calls()).evaluate, RetryPolicy(), hub.clock, lease_seconds=LEASE
    )
    async with worker._kept(lease):
        for _ in range(20):
            await asyncio.sleep(0)
    slept = hub.clock.sleeps
    assert len(slept) > 4
    assert set(slept) == {LEASE / 3}
    assert await hub.jobs.take(seconds=LEASE) is None


async def test_a_busy_hub_does_not_stop_the_renewal_of_a_lease(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    await hub.prepare()
    lease = await hub.jobs.take(seconds=LEASE)
    assert lease is not None
    calls = Calls(2, HubBusyError("busy"))
    evaluate = hub.worker(Calls()).evaluate
    jobs: Any = Watched(hub.jobs, calls)
    worker = WorkOnJobs(jobs, evaluate, RetryPolicy(), hub.clock, lease_seconds=LEASE)
    async with worker._kept(lease):
        for _ in range(20):
            await asyncio.sleep(0)
    assert calls.count > 6
    assert await hub.jobs.take(seconds=LEASE) is None


async def test_a_submission_is_not_failed_while_nobody_can_tell_whether_it_was_scored(
    tmp_path: Path,
) -> None:
    hub = Hub(tmp_path)
    steps = await _steps(hub)
    submission = await hub.submit("forest-2")
    for last in (3, 3, 3, 3):
        with pytest.raises(KilledError):
            await hub.worker(Calls(last)).step()
        hub.clock.advance(LEASE)
    # The fifth publishes the results and hears that the hub is busy; so does all that it asks then.
    busy = Calls(steps - 2, HubBusyError("busy"), all_later=True)
    with pytest.raises(HubBusyError):
        await hub.worker(busy).step()
    assert len(await hub.results()) == 2
    hub.clock.advance(LEASE)
    await hub.worker(Calls()).until_nothing_is_due()
    assert (await hub.job(submission.ref)).state is JobState.SCORED
    assert len(await hub.results()) == 2


async def test_a_worker_outlives_the_busy_hours_of_its_hub(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    await hub.prepare()
    takes: list[int] = []

    class BusyJobs:
        async def take(self, *, seconds: float) -> None:
            takes.append(1)
            raise HubBusyError("busy") if len(takes) < 9 else KilledError()

    jobs: Any = BusyJobs()
    worker = WorkOnJobs(jobs, hub.worker(Calls()).evaluate, RetryPolicy(attempts=2), hub.clock)
    with pytest.raises(KilledError):
        await worker.forever(poll=5)
    assert hub.clock.sleeps.count(5) == 4


async def test_a_reason_that_no_database_could_hold_is_made_to_fit(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    submission = await hub.prepare()
    error = StorageError("bad \ud800")
    for _ in range(5):
        await hub.worker(Calls(4, error)).step()
        hub.clock.advance(LEASE)
    reason = (await hub.job(submission.ref)).reason
    assert reason == "bad \\ud800"
    assert reason.encode()
