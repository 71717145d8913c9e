"""The JSON documents of competitions, of what is submitted, and of what the hub makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from polaris.codec.dataset_v2 import dataset_v2_to_document, dataset_v2_to_file
from polaris.codec.unstructuring import (
    camel,
    fields_of,
    known_only,
    plain,
    snake,
    without_nulls,
)
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.results import CompetitionResults, records_of
from polaris.domain.submissions import BenchmarkPredictionsV2, CompetitionPredictions, Submission

__all__ = [
    "competition_results_from_document",
    "competition_results_to_document",
    "competition_to_document",
    "competition_to_file",
    "is_competition",
    "submission_from_document",
    "submission_to_document",
]

# What no other artifact has, as in files and as on the wire.
_TIMES = (("start_time", "end_time"), ("startTime", "endTime"))

ResultsT = TypeVar("ResultsT", bound=CompetitionResults)
SubmissionT = TypeVar("SubmissionT", bound=Submission)


def is_competition(document: Mapping[str, Any]) -> bool:
    """Tell a document of a competition from one of a dataset, which it is as well."""
    return any({start, end} <= document.keys() for start, end in _TIMES)


def competition_to_document(competition: CompetitionSpecification) -> dict[str, Any]:
    """Return the canonical document of a competition without what all artifacts derive."""
    main_metric = competition.main_metric
    return dataset_v2_to_document(competition) | {
        "mainMetric": None if main_metric is None else main_metric.name,
        "targetTypes": plain(competition.target_types, camel),
        "startTime": competition.start_time.isoformat(),
        "endTime": competition.end_time.isoformat(),
        "datasetArtifactId": competition.dataset_artifact_id,
        "taskType": competition.task_type.value,
        "testSetSizes": competition.test_set_sizes,
        "nTestSets": competition.n_test_sets,
        "nTrainDatapoints": competition.n_train_datapoints,
        "testSetLabels": competition.test_set_labels,
        "nTestDatapoints": competition.n_test_datapoints,
    }


def competition_to_file(
    competition: CompetitionSpecification, *, zarr_root_path: str
) -> dict[str, Any]:
    """Return the JSON document of a competition on disk; the true targets are beside it.

    Args:
        competition: The competition.
        zarr_root_path: Path of its archive, relative to the document.
    """
    main_metric = competition.main_metric
    task = {
        "main_metric": None if main_metric is None else main_metric.name,
        "target_types": plain(competition.target_types, snake),
    }
    return dataset_v2_to_file(competition, zarr_root_path=zarr_root_path) | without_nulls(task)


def submission_to_document(submission: Submission) -> dict[str, Any]:
    """Return the canonical document of a submission without what all artifacts derive.

    Predictions for a competition are in the document; those for a benchmark, which may be molecules
    or structures, lie in an archive beside it.
    """
    if isinstance(submission, BenchmarkPredictionsV2):
        without = ("predictions", "model", "dataset_zarr_root")
        model = {"modelArtifactId": submission.model_artifact_id}
        return fields_of(submission, camel, without=without) | model
    fields = fields_of(submission, camel, without=("predictions", "github_url", "paper_url"))
    fields["predictions"] = submission.as_lists()
    if isinstance(submission, CompetitionPredictions):
        # One in snake case and one in camel case on the wire.
        fields |= {"reportUrl": submission.paper_url, "code_url": submission.github_url}
    return fields


def submission_from_document(
    document: Mapping[str, Any], cls: type[SubmissionT], *, predictions: Any = None
) -> SubmissionT:
    """Return the submission that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        cls: The class to construct.
        predictions: The predictions, where they are not in the document.

    Raises:
        InvalidPredictionsError: The document breaks a rule; all problems are reported.
    """
    known = known_only(document, cls)
    if predictions is not None:
        known["predictions"] = predictions
    return cls(**known)


def competition_results_to_document(results: CompetitionResults) -> dict[str, Any]:
    """Return the canonical document of results without what all artifacts derive."""
    without = ("results", "competition_owner", "github_url", "paper_url", "model")
    owner = results.competition_owner
    return fields_of(results, camel, without=without) | {
        "competitionOwner": None if owner is None else {"slug": owner.slug},
        # Snake case on the wire, alone among all keys.
        "code_url": results.github_url,
        "report_url": results.paper_url,
        "modelArtifactId": results.model_artifact_id,
        "results": plain(records_of(results.results), camel),
    }


def competition_results_from_document(document: Mapping[str, Any], cls: type[ResultsT]) -> ResultsT:
    """Return the results that a document describes.

    Raises:
        InvalidResultError: The document breaks a rule; all problems are reported.
    """
    return cls(**known_only(document, cls))
