"""Workers that are killed leave no submission stuck, and score none twice."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.domain.identity import ArtifactKind
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.jobs import JobState

if TYPE_CHECKING:
    from tests.e2e.conftest import RunKilled

KILLS = 12
ROWS = 200
LEASE = 1.0

WORK = """
import sys, time
import sklearn.metrics, zarr
from polaris.hub.settings import PolarisHubSettings
from polaris.hub.worker import run_worker

# What is slow only the first time is not what is to be killed.
run_worker(PolarisHubSettings(hub_url="memory://warm"), once=True)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
run_worker(PolarisHubSettings(hub_url=sys.argv[1]), once=True, lease_seconds=float(sys.argv[2]))
print("done", time.monotonic() - began, flush=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killing_workers_at_random_moments_leaves_every_submission_scored_once(
    tmp_path: Path, run_killed: RunKilled
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    settings = PolarisHubSettings(hub_url=(tmp_path / "hub").as_uri())
    truth = np.arange(ROWS) * 0.5
    DatasetV2.from_arrays(tmp_path / "data.zarr", {"x": truth, "y": truth}, name="data", chunks=7)
    now = datetime.now(UTC)
    test = list(range(100, ROWS))
    competition = CompetitionSpecification(
        name="contest",
        owner="acme",
        license="MIT",
        zarr_root_path=str(tmp_path / "data.zarr"),
        input_cols="x",
        target_cols="y",
        metrics="mean_absolute_error",
        split=(list(range(100)), test),
        start_time=now - timedelta(days=1),
        end_time=now + timedelta(days=1),
    )
    competition.upload_to_hub(settings=settings)

    def submit(number: int) -> None:
        guesses = (truth[test] + number).tolist()
        report = "https://example.org/report"
        competition.submit_predictions(
            guesses, f"try-{number}", "me-myself", report, settings=settings
        )

    submit(0)
    whole = run_killed(WORK, settings.hub_url, str(LEASE))
    assert whole is not None
    interrupted = 0
    for number in range(1, KILLS + 1):
        submit(number)
        interrupted += (
            run_killed(WORK, settings.hub_url, str(LEASE), kill_after=dice.uniform(0, whole * 1.1))
            is None
        )
    assert interrupted >= KILLS // 4

    deadline = time.monotonic() + 60
    with PolarisHubClient(settings) as client:
        while True:
            run_killed(WORK, settings.hub_url, str(LEASE))
            jobs = [client.submission_status(f"me-myself/try-{n}") for n in range(KILLS + 1)]
            if all(job is not None and job.state.is_final for job in jobs):
                break
            assert time.monotonic() < deadline, "a submission is stuck"
            time.sleep(LEASE)
        records = client.list_records(ArtifactKind.COMPETITION_RESULT)
        scored = [job for job in jobs if job is not None and job.state is JobState.SCORED]
        # Whoever kills five workers over one submission has it fail; only a few here.
        assert len(scored) > KILLS // 2
        assert all(job in scored or (job is not None and job.attempts > 5) for job in jobs)
        for job in scored:
            assert job.results is not None
            results = client.get_competition_results(job.results.artifact_id)
            guessed = float(job.submission.slug.removeprefix("try-"))
            assert results.results["Score"].tolist() == [guessed]
    assert {record.ref for record in records} == {job.results for job in scored}
    assert {record.number for record in records} == {1}
