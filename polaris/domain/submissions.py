"""Predictions as artifacts: what is submitted to a hub, which scores it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from polaris.domain.artifact import Artifact
from polaris.domain.dataset import http_url
from polaris.domain.fields import check_assignment, frozen, rule
from polaris.domain.identity import ArtifactKind
from polaris.domain.predictions import PredictionValues, parse_arrays, parse_labels, parse_sizes
from polaris.domain.results import id_of, parse_contributors, spelt
from polaris.errors import InvalidPredictionsError, Problem

__all__ = ["BenchmarkPredictionsV2", "CompetitionPredictions", "Submission"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class Submission(PredictionValues, Artifact):
    """Predictions for each target of each test set, and who made them.

    Attributes:
        predictions: ``{test set: {target: array}}``, or a shorter form that `BenchmarkPredictions`
            accepts; cannot be assigned.
        target_labels: The target columns.
        test_set_labels: The test sets.
        test_set_sizes: How many rows each test set has.
        contributors: Users who share the credit.
    """

    error_type: ClassVar[type[InvalidPredictionsError]] = InvalidPredictionsError

    predictions: Any = attrs.field(converter=parse_arrays, on_setattr=frozen)
    target_labels: list[str] = attrs.field(converter=parse_labels, on_setattr=frozen)
    test_set_labels: list[str] = attrs.field(converter=parse_labels, on_setattr=frozen)
    test_set_sizes: dict[str, int] = attrs.field(converter=parse_sizes, on_setattr=frozen)
    contributors: list[str] = attrs.field(factory=list, converter=parse_contributors)

    @rule("name", "owner")
    def _is_somebodys(self) -> Iterator[Problem]:
        for field in ("name", "owner"):
            if getattr(self, field) is None:
                yield Problem(field, "is required", "Name the submission and who makes it.")

    def _summary(self) -> str:
        return f"{len(self)} predictions for {self.subject_artifact_id}"

    @property
    def subject_artifact_id(self) -> str | None:
        """Id of what the predictions are for."""
        return None


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class CompetitionPredictions(Submission):
    """A submission to a competition.

    What it shares with all submissions is documented on `Submission`.

    Attributes:
        competition_artifact_id: The competition, ``owner/slug``; submitting sets it.
        paper_url: Web address of the report; also spelt ``report_url``, and required.
        github_url: Web address of the code; also spelt ``code_url``.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.COMPETITION_PREDICTION
    version: ClassVar[int] = 1

    competition_artifact_id: str | None = attrs.field(default=None, converter=id_of)
    paper_url: str = attrs.field(converter=http_url, metadata=spelt("paper_url", "report_url"))
    github_url: str | None = attrs.field(
        default=None,
        converter=attrs.converters.optional(http_url),
        metadata=spelt("github_url", "code_url"),
    )

    @property
    def report_url(self) -> str:
        """Web address of the report."""
        return self.paper_url

    @property
    def subject_artifact_id(self) -> str | None:
        """Id of the competition."""
        return self.competition_artifact_id


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkPredictionsV2(Submission):
    """A submission for a benchmark; its arrays have the types of the dataset's columns.

    What it shares with all submissions is documented on `Submission`.

    Attributes:
        benchmark_artifact_id: The benchmark, ``owner/slug``.
        model: Id of the model that made the predictions; the model itself will do.
        dataset_zarr_root: The root of the dataset's archive, whose arrays tell how predictions are
            stored; None for a benchmark on a table. It is no part of the document.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.PREDICTION
    version: ClassVar[int] = 1

    benchmark_artifact_id: str = attrs.field(converter=id_of)
    model: Any = attrs.field(
        default=None, converter=id_of, metadata=spelt("model", "model_artifact_id")
    )
    dataset_zarr_root: Any = attrs.field(default=None, on_setattr=frozen)

    @rule("benchmark_artifact_id")
    def _benchmark_is_named(self) -> Iterator[Problem]:
        value = self.benchmark_artifact_id
        if not isinstance(value, str) or len(value.split("/")) != 2:
            message = f"{value!r} is not owner/slug"
            yield Problem("benchmark_artifact_id", message, "Give the benchmark an owner and name.")

    @rule("predictions", "target_labels", "test_set_labels", "test_set_sizes", "dataset_zarr_root")
    def _types_are_those_of_the_columns(self) -> Iterator[Problem]:
        if self.dataset_zarr_root is None:
            return
        for test, by_target in (self._nested() or {}).items():
            for target, values in by_target.items():
                path = f"predictions.{test}.{target}"
                yield from _misfit(path, target, values, self.dataset_zarr_root)

    @property
    def model_artifact_id(self) -> str | None:
        """Id of the model that made the predictions."""
        return None if self.model is None else str(self.model)

    @property
    def subject_artifact_id(self) -> str | None:
        """Id of the benchmark."""
        return self.benchmark_artifact_id

    @property
    def columns(self) -> list[str]:
        """The target columns."""
        return list(self.target_labels)

    @property
    def n_rows(self) -> int:
        """Rows of all test sets together."""
        return sum(self.test_set_sizes[label] for label in self.test_set_labels)


def _misfit(path: str, target: str, values: Any, root: Mapping[str, Any]) -> Iterator[Problem]:
    """Say why predictions cannot be stored as the dataset's column is, if so."""
    if target not in root:
        yield Problem(path, f"the dataset has no column {target!r}")
        return
    expected = np.dtype(object) if root[target].dtype.kind in "TUS" else root[target].dtype
    if isinstance(values, np.ndarray) and values.dtype != expected:
        yield Problem(
            path,
            f"Dtype mismatch for column {target!r}: {values.dtype} is not {expected}",
            f"Convert the predictions, for example with .astype({str(expected)!r}).",
        )
