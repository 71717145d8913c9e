"""From submissions to a benchmark to a study of their scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.examples import Examples
from polaris.domain.ground_truth import GroundTruth
from polaris.domain.metrics.metric import Metric, missing
from polaris.domain.statistics.scores import weighted_scores
from polaris.domain.statistics.study import Stratum, Study
from polaris.errors import InvalidPredictionsError, PolarisError

__all__ = ["JudgedStudy", "reproduces", "study_of"]


@attrs.frozen(eq=False)
class JudgedStudy:
    """The scores of several submissions by one metric.

    Attributes:
        study: What is resampled: the rows of each test set, or the groups of a grouped metric.
        columns: The columns of each submission's scores, one for each test set and target.
        metric: The metric.
    """

    study: Study
    columns: tuple[tuple[int, ...], ...]
    metric: Metric


def study_of(
    truth: GroundTruth,
    metric: Metric,
    submissions: Sequence[Examples],
    *,
    test_set: str | None = None,
    target: str | None = None,
) -> JudgedStudy:
    """Return the scores of submissions by a metric, ready to be resampled.

    The targets of one test set are resampled together, for they are of the same rows. Test sets are
    resampled one by one.

    Args:
        truth: The true values.
        metric: The metric.
        submissions: What the methods said.
        test_set: Only this test set.
        target: Only this target.

    Raises:
        InvalidPredictionsError: The predictions do not fit the benchmark, or the metric judges what
            was not given.
    """
    strata: list[Stratum] = []
    columns: list[list[int]] = [[] for _ in submissions]
    targets = truth.targets(target)
    position = 0
    for test in truth.test_sets(test_set):
        by_target = [_scores(truth, metric, submissions, test, name, targets) for name in targets]
        strata.append(Stratum(tuple(score for scores in by_target for score in scores)))
        for _ in targets:
            for found in columns:
                found.append(position)
                position += 1
    return JudgedStudy(Study(tuple(strata)), tuple(map(tuple, columns)), metric)


def _scores(
    truth: GroundTruth,
    metric: Metric,
    submissions: Sequence[Examples],
    test: str,
    target: str,
    targets: Sequence[str],
) -> list[Any]:
    y_true = truth.column(test, target)
    judged = [_judged(one, metric, test, target, len(y_true)) for one in submissions]
    groups = None if metric.config is None else truth.column(test, metric.config.group_by)
    if groups is None:
        # Rows that have no true value for any target are no part of the sample.
        known = np.any([~missing(truth.column(test, name)) for name in targets], axis=0)
        if not known.any():
            raise InvalidPredictionsError(
                f"There are no true values of {target!r} for {test!r}",
                hint="They are hidden; only the hub can judge predictions.",
            )
        if not known.all():
            y_true, judged = y_true[known], [one[known] for one in judged]
    return list(weighted_scores(metric, y_true, judged, groups))


def _judged(examples: Examples, metric: Metric, test: str, target: str, rows: int) -> NDArray[Any]:
    found = examples.judged(metric, test, target)
    if found is None or len(found) != rows:
        there = "none" if found is None else str(len(found))
        raise InvalidPredictionsError(
            f"{metric.name} needs {rows} predictions of {target!r} for {test!r}, there are {there}",
            hint="Evaluate the predictions on this benchmark again.",
        )
    return found


def reproduces(
    truth: GroundTruth, metric: Metric, examples: Examples, scores: Mapping[tuple[str, str], float]
) -> bool:
    """Tell whether predictions give the scores that go with them.

    Args:
        truth: The true values.
        metric: The metric.
        examples: The predictions.
        scores: The scores by the metric, by test set and target.
    """
    try:
        judged = study_of(truth, metric, [examples])
    except PolarisError:
        return False
    parts = [(test, target) for test in truth.test_sets() for target in truth.targets()]
    stated = [scores.get(part, math.nan) for part in parts]
    found = judged.study.scores()[0]
    return set(scores) == set(parts) and bool(
        np.allclose(found, stated, rtol=1e-9, atol=1e-12, equal_nan=True)
    )
