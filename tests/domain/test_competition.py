"""What a competition has to be."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.errors import InvalidCompetitionError
from polaris.evaluate import CompetitionPredictions, CompetitionResults

START = datetime(2026, 1, 1, tzinfo=UTC)
Make = Any


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("archive") / "data.zarr"
    DatasetV2.from_arrays(
        path, {name: np.arange(100.0) for name in ("A", "B", "C", "D")}, name="data"
    )
    return str(path)


@pytest.fixture
def make(archive: str) -> Make:
    def build(**changes: Any) -> CompetitionSpecification:
        fields: dict[str, Any] = {
            "name": "contest",
            "owner": "acme",
            "zarr_root_path": archive,
            "input_cols": ["A"],
            "target_cols": ["B"],
            "metrics": ["mean_absolute_error"],
            "main_metric": "mean_absolute_error",
            "split": (list(range(90)), list(range(90, 100))),
            "start_time": START,
            "end_time": START + timedelta(days=30),
        }
        return CompetitionSpecification(**(fields | changes))

    return build


@pytest.mark.parametrize(
    "split",
    [
        ([0, 1],),
        ([0], []),
        ([0], {"one": [1], "two": []}),
        ([0, 1], [1, 2]),
        ([0, 1], {"one": [2], "two": [1]}),
        ([0], [100]),
        ([100], [0]),
        ([0], [-1]),
        ([-1], [0]),
        ([0, 0], [1]),
        ([0], [1, 1]),
        ([0], {"one": [1, 1]}),
        ([0], {}),
    ],
)
def test_splits_that_no_benchmark_may_have_are_refused(make: Make, split: Any) -> None:
    with pytest.raises(InvalidCompetitionError) as caught:
        make(split=split)
    assert all(problem.path.startswith("split") for problem in caught.value.problems)


@pytest.mark.parametrize(
    "split",
    [([0], {"one": [1, 2], "two": [2, 3]}), ([0], [5]), ([], [1, 2])],
    ids=["shared between test sets", "unused rows", "no training"],
)
def test_splits_that_a_benchmark_may_have_are_fine(make: Make, split: Any) -> None:
    train, _ = make(split=split).get_train_test_split()
    assert len(train) == len(split[0])


def test_what_follows_from_the_fields(make: Make) -> None:
    # Documents carry these; what is computed here counts.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        competition = make(n_test_sets=7, n_test_datapoints={"test": 3})
    assert competition.version == 2
    assert competition.urn == "urn:polaris:competition:acme:contest"
    assert competition.dataset_artifact_id == competition.artifact_id == "acme/contest"
    assert competition.task_type == "single_task"
    assert competition.test_set_labels == ["test"]
    assert competition.test_set_sizes == {"test": 10}
    assert (competition.n_test_sets, competition.n_train_datapoints) == (1, 90)
    train, test = competition.get_train_test_split()
    assert (len(train), len(test)) == (90, 10)
    assert make(target_cols=["B", "C"]).task_type == "multi_task"
    assert not hasattr(competition, "evaluate")
    with pytest.raises(AttributeError):
        competition.evaluate([0] * 10)
    assert len(repr(competition)) < 300


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"end_time": START}, "end_time"),
        ({"end_time": START - timedelta(seconds=1)}, "end_time"),
        ({"start_time": datetime(2025, 1, 1)}, "start_time"),
        ({"start_time": "2025-01-01T00:00:00"}, "start_time"),
        ({"end_time": "soon"}, "end_time"),
        ({"end_time": 5}, "end_time"),
        ({"target_cols": ["Z"]}, "target_cols"),
        ({"input_cols": ["Z"]}, "input_cols"),
        ({"target_cols": []}, "target_cols"),
        ({"input_cols": ["B"]}, "input_cols"),
        ({"n_classes": {"A": 2}}, "n_classes.A"),
        ({"n_classes": {"B": "two"}}, "n_classes.B"),
        ({"metrics": "not_a_metric"}, "metrics.0"),
        ({"metrics": ["r2", "r2"]}, "metrics"),
        ({"main_metric": "r2"}, "main_metric"),
        (
            {"metrics": [{"label": "r2", "config": {"group_by": "Z"}}], "main_metric": None},
            "metrics",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_where_it_stands(
    make: Make, changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidCompetitionError) as caught:
        make(**changes)
    assert {problem.path.split(".")[0] for problem in caught.value.problems} == {path.split(".")[0]}


def test_times_are_read_from_text_and_compared_across_zones(make: Make) -> None:
    competition = make(start_time="2026-01-01T00:00:00Z", end_time="2026-01-01T00:30:00-01:00")
    assert competition.end_time - competition.start_time == timedelta(hours=1, minutes=30)
    with pytest.raises(InvalidCompetitionError):
        competition.end_time = "2026-01-01T00:30:00+01:00"


def test_metrics_may_be_missing_where_a_hub_keeps_them_to_itself(make: Make) -> None:
    competition = make(metrics=[], main_metric=None)
    assert competition.metrics == []
    assert competition.main_metric is None
    assert "mainMetric" not in competition.model_dump(by_alias=True)


def test_everything_wrong_is_told_at_once(make: Make) -> None:
    with pytest.raises(InvalidCompetitionError) as caught:
        make(name="x", target_cols="Z", end_time=START, split=([0], [100]))
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"name", "target_cols", "end_time", "split.test.test"}


def test_the_document_has_the_keys_of_the_wire(make: Make) -> None:
    document = make(n_classes={"B": None}).model_dump(by_alias=True)
    assert document["startTime"] == "2026-01-01T00:00:00+00:00"
    assert document["split"][1] == {"test": list(range(90, 100))}
    assert document["mainMetric"] == "mean_absolute_error"
    assert document["version"] == 2
    assert document["nClasses"] == {"B": None}
    assert document["datasetArtifactId"] == "acme/contest"


def test_a_competition_is_saved_and_loaded_by_its_organiser(make: Make, tmp_path: Path) -> None:
    metrics = ["r2", "mean_absolute_error"]
    ours = make(metrics=metrics, target_types={"B": "regression"}, n_classes={"B": None})
    loaded = CompetitionSpecification.from_json(ours.to_json(tmp_path))
    here, there = (one.model_dump(exclude=["zarr_root_path"]) for one in (ours, loaded))
    assert there == here
    assert loaded.main_metric == "mean_absolute_error"
    assert loaded == ours


def test_a_submission_needs_a_name_an_owner_and_a_report() -> None:
    with pytest.raises(ValueError, match="required") as caught:
        CompetitionPredictions(  # type: ignore[call-arg]  # That is the point.
            predictions=[1.0],
            target_labels=["y"],
            test_set_labels=["test"],
            test_set_sizes={"test": 1},
        )
    assert {p.path for p in caught.value.problems} == {"paper_url", "name", "owner"}  # type: ignore[attr-defined]  # Ours lists them.


def test_a_submission_has_the_keys_of_the_wire() -> None:
    submission = CompetitionPredictions(
        name="forest",
        owner="me-myself",
        competition_artifact_id="acme/contest",
        predictions=np.array([1.0, 2.0]),
        target_labels=["y"],
        test_set_labels=["test"],
        test_set_sizes={"test": 2},
        paper_url="https://example.org/report",
        github_url="https://example.org/code",
        contributors=["someone"],
    )
    document = submission.model_dump(by_alias=True)
    assert document["predictions"] == {"test": {"y": [1.0, 2.0]}}
    assert document["urn"] == "urn:polaris:competition-prediction:me-myself:forest"
    assert (document["reportUrl"], document["code_url"]) == (
        "https://example.org/report",
        "https://example.org/code",
    )
    assert document["testSetSizes"] == {"test": 2}
    assert submission.get_size() == len(submission) == 2
    assert type(submission).model_validate(document).model_dump(by_alias=True) == document
    with pytest.raises(ValueError, match="cannot be changed"):
        submission.predictions = [3.0, 4.0]


def test_results_of_a_competition_name_it() -> None:
    table = [{"test_set": "test", "target_label": "y", "scores": {"r2": 0.5}}]
    results = CompetitionResults(
        results=table, competition_name="The_Contest", competition_owner="acme"
    )
    assert results.competition_artifact_id == "acme/the-contest"
    with pytest.raises(ValueError, match="cannot be changed"):
        results.competition_name = "other"
    document = results.model_dump(by_alias=True)
    assert document["competitionOwner"] == {"slug": "acme"}
    assert document["version"] == 1
    with pytest.raises(ValueError, match="owner/slug"):
        CompetitionResults(results=table, competition_artifact_id="contest")
