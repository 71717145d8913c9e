"""What is submitted to a competition is scored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import polaris as po
from polaris.application.loop_thread import run_blocking
from polaris.competition import CompetitionSpecification
from polaris.errors import (
    ArtifactNotFoundError,
    InvalidInputError,
    InvalidPredictionsError,
    PolarisCreateArtifactError,
    PolarisHubError,
    TestAccessError,
)
from polaris.evaluate import CompetitionResults
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.hub.worker import run_worker
from polaris.ports.jobs import JobState
from polaris.prediction import CompetitionPredictions

ROWS = 20
# Values that would be recognised wherever they turned up.
TRUTH = 1000.5 + np.arange(ROWS) * 7.25
CLASSES = np.arange(ROWS, dtype=np.int64) * 3 + 41
LABELS = np.array([f"secret-{i}" for i in range(ROWS)], dtype=object)
TEST = [15, 12, 16, 19]


Make = Callable[..., CompetitionSpecification]


def _submit(client: PolarisHubClient, values: Any, name: str = "forest", **changes: Any) -> Any:
    submission = CompetitionPredictions(
        **{
            "name": name,
            "owner": "me-myself",
            "predictions": values,
            "target_labels": ["y"],
            "test_set_labels": ["test"],
            "test_set_sizes": {"test": len(TEST)},
            "report_url": "https://example.org/report",
            **changes,
        }
    )
    return client.submit_competition_predictions("acme/the-contest", submission)


def test_a_submission_is_scored_against_the_true_targets(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    guesses = TRUTH[TEST] + [1, -1, 1, -1]
    record = _submit(client, guesses.tolist())
    waiting = client.submission_status(record)
    assert waiting is not None
    assert waiting.state is JobState.WAITING
    assert run_worker(container=client._twin._container, once=True) == 1
    done = client.submission_status("me-myself/forest")
    assert done is not None
    assert done.state is JobState.SCORED, done.reason
    assert done.results is not None
    results = client.get_competition_results(done.results.artifact_id)
    assert isinstance(results, CompetitionResults)
    assert results.competition_artifact_id == "acme/the-contest"
    assert results.paper_url == "https://example.org/report"
    scores = dict(zip(results.results["Metric"], results.results["Score"], strict=True))
    assert scores["mean_absolute_error"] == 1.0
    assert 0.99 < scores["r2"] < 1.0
    listed = client.list_competition_results("acme/the-contest")
    assert listed == [done.results.artifact_id]
    with pytest.raises(ArtifactNotFoundError):
        client.list_competition_results("acme/another-one")


def test_several_test_sets_and_targets_are_scored(client: PolarisHubClient, make: Make) -> None:
    split = (list(range(10)), {"near": [15, 12], "far": [16, 19, 12]})
    metrics = ["accuracy", {"label": "accuracy", "config": {"group_by": "x"}}]
    client.upload_competition(make(target_cols=["kind", "label"], split=split, metrics=metrics))
    theirs = client.get_competition("acme/the-contest")
    _, tests = theirs.get_train_test_split()
    assert isinstance(tests, dict)
    near, far = [15, 12], [16, 19, 12]
    wrong = CLASSES[far].copy()
    wrong[0] = 0
    _submit(
        client,
        {
            "near": {"kind": CLASSES[near].tolist(), "label": LABELS[near].tolist()},
            "far": {"kind": wrong.tolist(), "label": LABELS[far].tolist()},
        },
        target_labels=["kind", "label"],
        test_set_labels=["near", "far"],
        test_set_sizes={"near": 2, "far": 3},
    )
    run_worker(container=client._twin._container, once=True)
    done = client.submission_status("me-myself/forest")
    assert done is not None
    assert done.results is not None, done.reason
    table = client.get_competition_results(done.results.artifact_id).results
    found = {
        (row["Test set"], row["Target label"]): row["Score"]
        for _, row in table.iterrows()
        if row["Metric"] == "accuracy_grouped"
    }
    assert found == {
        ("near", "kind"): 1.0,
        ("near", "label"): 1.0,
        ("far", "kind"): pytest.approx(2 / 3),
        ("far", "label"): 1.0,
    }


def test_what_cannot_be_judged_fails_without_telling_a_target(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make(target_cols="label", metrics="f1"))
    _submit(client, ["a", "b", "c", "d"], target_labels=["label"])
    run_worker(container=client._twin._container, once=True)
    job = client.submission_status("me-myself/forest")
    assert job is not None
    assert job.state is JobState.FAILED
    assert job.reason
    assert "secret" not in job.reason
    assert client.list_competition_results() == []


def test_submitting_the_same_again_is_one_submission(client: PolarisHubClient, make: Make) -> None:
    client.upload_competition(make())
    guesses = TRUTH[TEST].tolist()
    assert _submit(client, guesses) == _submit(client, guesses)
    assert run_worker(container=client._twin._container, once=True) == 1
    _submit(client, guesses)
    assert run_worker(container=client._twin._container, once=True) == 0
    assert len(client.list_competition_results()) == 1


def test_a_submission_that_was_replaced_before_it_was_scored_says_so(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    _submit(client, [0.0] * 4)
    record = _submit(client, [1.0] * 4)
    assert run_worker(container=client._twin._container, once=True) == 2
    jobs = run_blocking(_find(client, record.ref))
    assert [job.state for job in jobs] == [JobState.SCORED, JobState.FAILED]
    assert "newer" in str(jobs[1].reason)


def test_what_failed_is_scored_when_it_is_submitted_again(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    _submit(client, [0.0] * 4)
    _submit(client, [1.0] * 4)
    assert run_worker(container=client._twin._container, once=True) == 2
    # The first ones had been replaced; now they replace the others.
    record = _submit(client, [0.0] * 4)
    assert run_worker(container=client._twin._container, once=True) == 1
    job = client.submission_status(record)
    assert job is not None
    assert (job.state, job.revision) == (JobState.SCORED, record.location.revision)
    assert client.list_submissions() == [job]
    assert len(client.list_competition_results()) == 2


def test_submissions_are_listed_newest_first(client: PolarisHubClient, make: Make) -> None:
    client.upload_competition(make())
    names = [f"try-{number}" for number in range(5)]
    for name in names:
        _submit(client, [1.0] * 4, name)
    found = [job.submission.slug for job in client.list_submissions()]
    assert found == names[::-1]
    page = client.list_submissions(limit=2, offset=1)
    assert [job.submission.slug for job in page] == ["try-3", "try-2"]
    page = client.list_submissions("acme/the-contest", "me-myself", limit=2, offset=4)
    assert [job.submission.slug for job in page] == ["try-0"]
    assert client.list_submissions(owner="somebody") == []
    for wrong in ({"limit": -1}, {"offset": "1"}, {"owner": "?"}, {"subject": "contest"}):
        with pytest.raises(InvalidInputError):
            client.list_submissions(**cast("Any", wrong))
    with pytest.raises(ArtifactNotFoundError):
        client.list_submissions("urn:polaris:benchmark:acme:the-contest")


async def _find(client: PolarisHubClient, ref: Any) -> Any:
    return await client._twin._use_cases.jobs.find(ref)


@pytest.mark.parametrize(
    ("values", "changes", "path"),
    [
        ([1.0] * 3, {"test_set_sizes": {"test": 3}}, "test_set_sizes"),
        ([1.0] * 4, {"target_labels": ["z"]}, "target_labels"),
        ([1.0, 2.0, float("nan"), 1.0], {}, "predictions.test.y"),
        ([1.0, 2.0, float("inf"), 1.0], {}, "predictions.test.y"),
        ([b"x"] * 4, {}, "predictions.test.y"),
    ],
    ids=["size", "target", "nan", "infinite", "bytes"],
)
def test_predictions_that_do_not_fit_are_refused_at_once(
    client: PolarisHubClient, make: Make, values: Any, changes: Any, path: str
) -> None:
    client.upload_competition(make())
    with pytest.raises(InvalidPredictionsError) as caught:
        _submit(client, values, **changes)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert client.submission_status("me-myself/forest") is None


@pytest.mark.parametrize(("days", "word"), [((1, 2), "opens"), ((-2, -1), "closed")])
def test_a_competition_takes_submissions_while_it_is_open(
    client: PolarisHubClient, make: Make, days: tuple[int, int], word: str
) -> None:
    now = datetime.now(UTC)
    start, end = (now + timedelta(days=day) for day in days)
    client.upload_competition(make(start_time=start, end_time=end))
    with pytest.raises(PolarisCreateArtifactError, match=word):
        _submit(client, [1.0] * 4)


def test_a_competition_that_is_not_there_takes_no_submissions(client: PolarisHubClient) -> None:
    with pytest.raises(PolarisCreateArtifactError, match="acme/the-contest"):
        _submit(client, [1.0] * 4)


def test_the_flow_of_the_tutorial(
    client: PolarisHubClient,
    make: Make,
    hub_url: str,
    settings: PolarisHubSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLARIS_HUB_URL", hub_url)
    make().upload_to_hub(access="public")
    competition = po.load_competition("acme/the-contest")
    train, test = competition.get_train_test_split()
    assert not isinstance(test, dict)
    assert (len(train), len(test)) == (10, len(TEST))
    with pytest.raises(TestAccessError):
        _ = test.y
    competition.submit_predictions(
        predictions=[0.0 for _ in test],
        prediction_name="my-first",
        prediction_owner="me-myself",
        report_url="https://example.org/report",
        github_url="https://example.org/code",
        tags=["baseline"],
        user_attributes={"framework": "none"},
    )
    assert run_worker(settings, once=True) == 1
    job = client.submission_status("urn:polaris:competition-prediction:me-myself:my-first")
    assert job is not None
    assert job.state is JobState.SCORED


def test_a_hub_that_lost_its_targets_says_so(
    client: PolarisHubClient, make: Make, tmp_path: Path
) -> None:
    if not client.settings.hub_url.startswith("file:"):
        pytest.skip("only a hub in a folder can lose files")
    client.upload_competition(make())
    _submit(client, [1.0] * 4)
    area = tmp_path / "hub" / "hidden"
    assert (area.stat().st_mode & 0o077) == 0
    for path in area.rglob("sha256sums.txt"):
        path.unlink()
    run_worker(container=client._twin._container, once=True)
    job = client.submission_status("me-myself/forest")
    assert job is not None
    # It may come back from a backup, so it is tried again some time later.
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    with pytest.raises(PolarisHubError, match="not scored from here"):
        run_worker(PolarisHubSettings(hub_url="https://hub.example.org"), once=True)
