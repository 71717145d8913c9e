"""Scoring predictions: every metric on every target of every test set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from numpy.typing import NDArray

from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions, PredictionValues
from polaris.domain.subset import Subset
from polaris.errors import InvalidPredictionsError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RESULTS_COLUMNS", "evaluate_benchmark"]

RESULTS_COLUMNS = ["Test set", "Target label", "Metric", "Score"]


def evaluate_benchmark(
    target_cols: Sequence[str],
    test_set_labels: Sequence[str],
    test_set_sizes: Mapping[str, int],
    metrics: Sequence[Metric],
    y_true: Mapping[str, Subset],
    y_pred: Any = None,
    y_prob: Any = None,
) -> pd.DataFrame:
    """Score predictions and return the table of results.

    Args:
        target_cols: The target columns.
        test_set_labels: The test sets.
        test_set_sizes: How many rows each test set has.
        metrics: The metrics.
        y_true: The subset of each test set, targets visible.
        y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
        y_prob: Scores or probabilities, in such a shape.

    Returns:
        Columns ``Test set``, ``Target label``, ``Metric`` (its name) and ``Score``; a row for each
        test set, metric and target, in this order of nesting and in the order given.

    Raises:
        InvalidPredictionsError: Neither is given, a metric lacks what it judges, or the shape is
            wrong.
    """
    import pandas as pd

    if y_pred is None and y_prob is None:
        raise InvalidPredictionsError(
            "Neither `y_pred` nor `y_prob` is specified.", hint="Pass one of them, or both."
        )
    labels = {
        "target_labels": list(target_cols),
        "test_set_labels": list(test_set_labels),
        "test_set_sizes": dict(test_set_sizes),
    }
    predicted, scored = _parsed(y_pred, labels), _parsed(y_prob, labels)
    rows = [
        row
        for test in test_set_labels
        for row in _TestSet(test, y_true[test], predicted, scored).rows(target_cols, metrics)
    ]
    return pd.DataFrame(rows, columns=RESULTS_COLUMNS)


def _parsed(given: Any, labels: dict[str, Any]) -> BenchmarkPredictions | None:
    if given is None:
        return None
    # Those that were made for another benchmark may lack a target or a test set of this one.
    arrays = given.predictions if isinstance(given, PredictionValues) else given
    return BenchmarkPredictions(predictions=arrays, **labels)


@attrs.define
class _TestSet:
    """One test set; each of its columns is read once, however many metrics need it."""

    name: str
    subset: Subset
    predicted: BenchmarkPredictions | None
    scored: BenchmarkPredictions | None
    columns: dict[str, NDArray[Any]] = attrs.field(factory=dict, init=False)

    def column(self, name: str) -> NDArray[Any]:
        if name not in self.columns:
            self.columns[name] = self.subset.column_values(name)
        return self.columns[name]

    def _of(self, given: BenchmarkPredictions | None, target: str) -> NDArray[Any] | None:
        return None if given is None else given.predictions[self.name][target]

    def rows(
        self, targets: Sequence[str], metrics: Sequence[Metric]
    ) -> Iterator[tuple[str, str, str, float]]:
        for metric in metrics:
            groups = None if metric.config is None else self.column(metric.config.group_by)
            for target in targets:
                score = metric.score_arrays(
                    self.column(target),
                    self._of(self.predicted, target),
                    self._of(self.scored, target),
                    groups=groups,
                )
                yield self.name, target, metric.name, score
