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
from polaris.domain.statistics.scores import WeightedScore, on_units, weighted_scores
from polaris.domain.statistics.study import Stratum, Study
from polaris.errors import InvalidPredictionsError, PolarisError

__all__ = ["JudgedStudy", "reproduces", "study_of"]


@attrs.frozen(eq=False)
class JudgedStudy:
    """The scores of several submissions by one metric.

    Attributes:
        study: What is resampled: the rows of each test set, or the groups of a grouped metric.
        columns: The columns of each submission's scores, one for each test set and target, in the
            benchmark's order.
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

    The targets of one test set are resampled together, for they are of the same rows. So are test
    sets that share rows, or groups; others are resampled one by one.

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
    targets = truth.targets(target)
    tests = truth.test_sets(test_set)
    parts = [_part(truth, metric, submissions, test, targets, alone=len(tests) == 1)
             for test in tests]  # fmt: skip
    strata: list[Stratum] = []
    found: dict[int, list[tuple[int, ...]]] = {}
    position = 0
    for together in sharing([part.units for part in parts]):
        scores = _over_all_units([parts[place] for place in together])
        strata.append(Stratum(tuple(scores)))
        for place in together:
            found[place] = []
            for _ in targets:
                found[place].append(tuple(range(position, position + len(submissions))))
                position += len(submissions)
    in_order = [columns for place in range(len(tests)) for columns in found[place]]
    return JudgedStudy(Study(tuple(strata)), tuple(zip(*in_order, strict=True)), metric)


@attrs.frozen(eq=False)
class _Part:
    """One test set: its scores, target by target and method by method, and what it consists of."""

    scores: list[WeightedScore]
    units: NDArray[Any]


def _part(
    truth: GroundTruth, metric: Metric, submissions: Sequence[Examples], test: str,
    targets: Sequence[str], *, alone: bool,
) -> _Part:  # fmt: skip
    scores = [
        score
        for target in targets
        for score in _scores(truth, metric, submissions, test, target, targets)
    ]
    if alone:
        return _Part(scores, np.arange(scores[0].n_units if scores else 0))
    if metric.config is not None:
        import pandas as pd

        # The groups in the order in which `group_scores` has them.
        groups = pd.factorize(truth.column(test, metric.config.group_by), sort=True)[1]
        return _Part(scores, np.asarray(groups))
    return _Part(scores, truth.subsets[test].indices[_known(truth, test, targets)])


def _over_all_units(parts: Sequence[_Part]) -> list[WeightedScore]:
    """Return the scores of test sets over the units of all of them."""
    if len(parts) == 1:
        return parts[0].scores
    every = np.unique(np.concatenate([part.units for part in parts]))
    return [
        on_units(score, np.searchsorted(every, part.units), len(every))
        for part in parts
        for score in part.scores
    ]


def sharing(units: Sequence[NDArray[Any]]) -> list[list[int]]:
    """Return which of several samples share units, directly or by way of others.

    Args:
        units: The units of each sample.

    Returns:
        Places of samples, each in one list: ``[[0, 2], [1]]`` says that two of three share units.
    """
    found: list[tuple[list[int], set[Any]]] = []
    for place, one in enumerate(units):
        places, seen = [place], set(one.tolist()) if len(units) > 1 else set()
        apart = []
        for others, theirs in found:
            if theirs.isdisjoint(seen):
                apart.append((others, theirs))
            else:
                places, seen = [*others, *places], seen | theirs
        found = [*apart, (places, seen)]
    return sorted(sorted(places) for places, _ in found)


def _known(truth: GroundTruth, test: str, targets: Sequence[str]) -> NDArray[np.bool_]:
    """Return which rows have a true value for any target; others are no part of the sample."""
    there = [~missing(truth.column(test, name)) for name in targets]
    return np.asarray(np.any(there, axis=0))


def _scores(
    truth: GroundTruth,
    metric: Metric,
    submissions: Sequence[Examples],
    test: str,
    target: str,
    targets: Sequence[str],
) -> list[WeightedScore]:
    y_true = truth.column(test, target)
    judged = [_judged(one, metric, test, target, len(y_true)) for one in submissions]
    groups = None if metric.config is None else truth.column(test, metric.config.group_by)
    if groups is None:
        known = _known(truth, test, targets)
        if not known.any():
            raise InvalidPredictionsError(
                f"There are no true values of {target!r} for {test!r}",
                hint="They are hidden; only the hub can judge predictions.",
            )
        if not known.all():
            y_true, judged = y_true[known], [one[known] for one in judged]
    return weighted_scores(metric, y_true, judged, groups)


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
    found = judged.study.scores()[0][list(judged.columns[0])]
    return set(scores) == set(parts) and bool(
        np.allclose(found, stated, rtol=1e-9, atol=1e-12, equal_nan=True)
    )
