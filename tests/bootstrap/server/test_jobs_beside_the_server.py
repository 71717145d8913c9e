"""The thread that scores: it outlives failures, and gives back what it had when it is stopped."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any, cast

import pytest

from polaris.application.evaluate_submission import EvaluateSubmission
from polaris.application.retry import RetryPolicy
from polaris.application.work_on_jobs import WorkOnJobs
from polaris.bootstrap.server.jobs import CountedJobs, JobThread
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.jobs import JobState
from polaris.testing import InMemoryArtifacts, InMemoryJobs, ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish

RESULTS = ArtifactRef(ArtifactKind.RESULT, "acme", "results")


class Scoring:
    """Scores nothing until it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ends = False

    async def __call__(self, job: Any) -> ArtifactRef:
        self.begun.set()
        if not self.ends:
            await asyncio.Future()
        return RESULTS


async def _jobs(clock: ManualClock) -> InMemoryJobs:
    import attrs

    jobs = InMemoryJobs(clock)
    draft = draft_of("predictions", "first", kind=ArtifactKind.PREDICTION)
    await publish(InMemoryArtifacts(clock, jobs), attrs.evolve(draft, evaluate=True))
    return jobs


def _worker(jobs: Any, scoring: Scoring, clock: ManualClock) -> WorkOnJobs:
    evaluate = cast("EvaluateSubmission", scoring)
    return WorkOnJobs(jobs, evaluate, RetryPolicy(), clock, heartbeat=False)


async def test_what_is_under_way_is_given_back_at_the_end() -> None:
    clock, scoring, counted = ManualClock(), Scoring(), list[str]()
    jobs = await _jobs(clock)
    thread = JobThread(
        lambda: _worker(CountedJobs(jobs, counted.append), scoring, clock), clock, poll=5
    )
    thread.start()
    await asyncio.to_thread(scoring.begun.wait, 30)
    assert await thread.stop(timeout=30)
    assert counted == ["given back"]
    # Somebody else has it at once, long before the lease would have ended.
    lease = await jobs.take(seconds=60)
    assert lease is not None
    assert (lease.job.state, lease.job.attempts) == (JobState.RUNNING, 2)


async def test_what_becomes_of_jobs_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    clock, scoring, counted = ManualClock(), Scoring(), list[str]()
    scoring.ends = True
    queue = CountedJobs(await _jobs(clock), counted.append)
    with caplog.at_level(logging.INFO, "polaris.jobs"):
        assert await _worker(queue, scoring, clock).until_nothing_is_due() == 1
    assert counted == ["scored"]
    assert "scored of" in caplog.text


class Pausing(ManualClock):
    """Notes how long it is told to wait, and has somebody end it after some waits."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.enough = threading.Event()
        self._most = most

    async def sleep(self, seconds: float, /) -> None:
        self.waits.append(seconds)
        if len(self.waits) >= self._most:
            self.enough.set()
            await asyncio.Future()


async def test_a_worker_that_fails_is_begun_anew_later_and_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, made = Pausing(8), 0

    def broken() -> WorkOnJobs:
        nonlocal made
        made += 1
        raise RuntimeError("broken")

    thread = JobThread(broken, clock, poll=5)
    with caplog.at_level(logging.ERROR, "polaris.jobs"):
        thread.start()
        await asyncio.to_thread(clock.enough.wait, 30)
        assert await thread.stop(timeout=30)
    assert clock.waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert made == 8
    assert caplog.text.count("RuntimeError: broken") == 8


async def test_a_thread_that_was_never_begun_can_be_stopped() -> None:
    clock = ManualClock()
    assert await JobThread(lambda: cast("Any", None), clock, poll=5).stop(timeout=1)
