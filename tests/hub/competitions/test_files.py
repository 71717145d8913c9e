"""Submissions and their results in files."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from polaris.errors import InvalidInputError, ObjectNotFoundError
from polaris.evaluate import CompetitionPredictions, CompetitionResults


@pytest.fixture
def submission() -> CompetitionPredictions:
    return CompetitionPredictions(
        name="forest",
        owner="me-myself",
        competition_artifact_id="acme/the-contest",
        predictions={"a": {"y": [1, 2], "s": ["C", "CO"]}, "b": {"y": [0.5], "s": ["N"]}},
        target_labels=["y", "s"],
        test_set_labels=["a", "b"],
        test_set_sizes={"a": 2, "b": 1},
        paper_url="https://example.org/report",
        github_url="https://example.org/code",
        contributors=["someone"],
        tags=["first"],
    )


def test_a_submission_comes_back_from_its_file(
    submission: CompetitionPredictions, tmp_path: Path
) -> None:
    submission.to_json(tmp_path / "new" / "submission.json")
    loaded = CompetitionPredictions.from_json(tmp_path / "new" / "submission.json")
    assert loaded.model_dump() == submission.model_dump()
    for test_set, by_target in submission.predictions.items():
        for target, values in by_target.items():
            found = loaded.predictions[test_set][target]
            assert found.dtype == values.dtype
            assert found.tolist() == values.tolist()


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    scores = {"r2": 0.5, "pearsonr": math.nan}
    results = CompetitionResults(
        name="my_scores",
        results=[{"test_set": "a", "target_label": "y", "scores": scores}],
        competition_name="The_Contest",
        competition_owner="acme",
    )
    results.to_json(tmp_path / "results.json")
    loaded = CompetitionResults.from_json(str(tmp_path / "results.json"))
    assert loaded.results.equals(results.results)
    assert loaded.model_dump() == results.model_dump()
    assert loaded.competition_artifact_id == "acme/the-contest"


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFoundError):
        CompetitionPredictions.from_json(tmp_path / "missing.json")
    (tmp_path / "results.json").write_text('{"name": "x"}')
    with pytest.raises(InvalidInputError) as caught:
        CompetitionResults.from_json(tmp_path / "results.json")
    assert {problem.path for problem in caught.value.problems} >= {"name", "results"}
