"""Several workers at one hub, and others who meddle with what they do."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polaris.application.evaluate_submission import results_ref
from polaris.application.work_on_jobs import WorkOnJobs
from polaris.bootstrap.container import HubContainer, build_container, close_container
from polaris.bootstrap.worker import build_worker
from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.hub.async_client import AsyncPolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.artifacts import ArtifactDraft, ArtifactRecord
from polaris.ports.jobs import JobState
from polaris.prediction import CompetitionPredictions

SUBMISSIONS = 8


class Contest:
    """A hub with a competition, and clients and workers of it."""

    def __init__(self, hub_url: str) -> None:
        self.settings = PolarisHubSettings(hub_url=hub_url)
        self.containers: list[HubContainer] = []

    def container(self) -> HubContainer:
        """Return the wiring of one more process, as it were."""
        self.containers.append(build_container(self.settings))
        return self.containers[-1]

    def worker(self) -> WorkOnJobs:
        return build_worker(self.container())

    def client(self) -> AsyncPolarisHubClient:
        return AsyncPolarisHubClient(container=self.container())

    async def prepare(self, folder: Path) -> None:
        """Publish a competition with six test rows."""
        values = np.arange(12.0)
        await asyncio.to_thread(
            DatasetV2.from_arrays, folder, {"x": values, "y": values}, name="data"
        )
        now = datetime.now(UTC)
        competition = await asyncio.to_thread(
            CompetitionSpecification,
            name="contest",
            owner="acme",
            license="MIT",
            zarr_root_path=str(folder),
            input_cols="x",
            target_cols="y",
            metrics="mean_absolute_error",
            split=(list(range(6)), list(range(6, 12))),
            start_time=now - timedelta(days=1),
            end_time=now + timedelta(days=1),
        )
        async with self.client() as client:
            await client.upload_competition(competition)

    async def submit(self, number: int) -> ArtifactRecord:
        """Submit predictions that are off by so much."""
        submission = CompetitionPredictions(
            name=f"try-{number}",
            owner="me-myself",
            predictions=np.arange(6.0, 12.0) + number,
            target_labels=["y"],
            test_set_labels=["test"],
            test_set_sizes={"test": 6},
            paper_url="https://example.org",
        )
        async with self.client() as client:
            return await client.submit_competition_predictions("acme/contest", submission)


@pytest.fixture(params=["file", "memory"])
async def contest(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = f"memory://{uuid.uuid4().hex}"
    made = Contest(url if request.param == "memory" else (tmp_path / "hub").as_uri())
    await made.prepare(tmp_path / "data.zarr")
    yield made
    for container in made.containers:
        await close_container(container)


async def test_workers_at_once_score_each_submission_once(contest: Contest) -> None:
    for number in range(SUBMISSIONS):
        await contest.submit(number)
    workers = [contest.worker() for _ in range(3)]
    counts = await asyncio.gather(*(worker.until_nothing_is_due() for worker in workers))
    assert sum(counts) == SUBMISSIONS
    async with contest.client() as client:
        records = await client.list_records(ArtifactKind.COMPETITION_RESULT)
        jobs = [await client.submission_status(f"me-myself/try-{n}") for n in range(SUBMISSIONS)]
    assert [record.number for record in records] == [1] * SUBMISSIONS
    assert [job and (job.state, job.attempts) for job in jobs] == [(JobState.SCORED, 1)] * 8
    scores = {r.ref: r.document["results"][0]["scores"]["mean_absolute_error"] for r in records}
    assert [scores[job.results] for job in jobs if job and job.results] == list(range(SUBMISSIONS))


async def test_workers_that_score_the_same_submission_publish_one_result(contest: Contest) -> None:
    """So it is when a lease runs out while its holder is still at work."""
    await contest.submit(1)
    workers = [contest.worker() for _ in range(3)]
    lease = await workers[0].jobs.take(seconds=60)
    assert lease is not None
    found = await asyncio.gather(*(worker.evaluate(lease.job) for worker in workers))
    assert found == [results_ref(lease.job)] * 3
    async with contest.client() as client:
        records = await client.list_records(ArtifactKind.COMPETITION_RESULT)
    assert [(record.ref, record.number) for record in records] == [(found[0], 1)]


async def test_results_that_somebody_forged_are_not_taken_for_scores(contest: Contest) -> None:
    record = await contest.submit(3)
    worker = contest.worker()
    [job] = await worker.jobs.find(record.ref)
    forged = {"results": [{"testSet": "test", "targetLabel": "y", "scores": {"r2": 1.0}}]}
    draft = ArtifactDraft(results_ref(job), forged, "public", "f" * 64, record.subject)
    artifacts = contest.container().artifacts()
    await artifacts.commit(await artifacts.begin(draft))
    assert await worker.evaluate.published(job) is None
    assert await worker.until_nothing_is_due() == 1
    [job] = await worker.jobs.find(record.ref)
    assert job.results is not None
    scored = await artifacts.get(job.results)
    assert scored.document["results"][0]["scores"] == {"mean_absolute_error": 3.0}


async def test_what_the_hub_received_after_the_end_does_not_count(
    contest: Contest, tmp_path: Path
) -> None:
    """Whoever submits goes by a clock of their own; the hub goes by that of its catalogue."""
    record = await contest.submit(2)
    worker = contest.worker()
    competition = ArtifactRef(ArtifactKind.COMPETITION, "acme", "contest")
    async with contest.client() as client:
        loaded = await client.get_competition("acme/contest")
        held = await client.get_record(ArtifactKind.COMPETITION, "acme", "contest")
    assert loaded.end_time > datetime.now(UTC)
    ours = await asyncio.to_thread(
        CompetitionSpecification,
        **{
            name: getattr(loaded, name)
            for name in ("name", "owner", "license", "input_cols", "target_cols", "metrics")
        },
        zarr_root_path=str(tmp_path / "data.zarr"),
        split=loaded.split,
        start_time=loaded.start_time,
        end_time=datetime.now(UTC) - timedelta(hours=1),
    )
    async with contest.client() as client:
        closed = await client.upload_competition(ours)
    assert (closed.ref, closed.number) == (competition, held.number + 1)
    assert await worker.until_nothing_is_due() == 1
    [job] = await worker.jobs.find(record.ref)
    assert job.state is JobState.FAILED
    assert "not open" in str(job.reason)
