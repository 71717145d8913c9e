"""What a method said of each row of the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from numpy.typing import NDArray

from polaris.domain.ground_truth import GroundTruth
from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions, PredictionValues
from polaris.errors import InvalidInputError

__all__ = ["MOST_KEPT", "Examples", "kept_examples"]

# Predicted rows up to which they are kept with results unless the caller says otherwise.
MOST_KEPT = 100_000


@attrs.frozen(eq=False, repr=False)
class Examples:
    """What a method said of each row of the test sets, from which its scores were computed.

    These are the predictions alone, without true values and without errors: an error and a
    prediction together would reveal a hidden target. Whoever has the targets can compute the rest.

    Attributes:
        y_pred: Predicted values or labels, where given.
        y_prob: Scores or probabilities, where given.
        ground_truth: The true values, where they are at hand; neither saved nor pickled.
    """

    y_pred: BenchmarkPredictions | None = None
    y_prob: BenchmarkPredictions | None = None
    ground_truth: GroundTruth | None = None

    def __attrs_post_init__(self) -> None:
        if self.y_pred is None and self.y_prob is None:
            raise InvalidInputError(
                "There are no predictions to keep", hint="Give y_pred, y_prob or both."
            )

    @property
    def given(self) -> dict[str, BenchmarkPredictions]:
        """The predictions by ``y_pred`` and ``y_prob``, those that there are."""
        both = {"y_pred": self.y_pred, "y_prob": self.y_prob}
        return {name: values for name, values in both.items() if values is not None}

    @property
    def test_set_sizes(self) -> dict[str, int]:
        """Rows of each test set."""
        first = next(iter(self.given.values()))
        return {label: first.test_set_sizes[label] for label in first.test_set_labels}

    @property
    def target_labels(self) -> list[str]:
        """The targets."""
        return list(next(iter(self.given.values())).target_labels)

    def arrays(self) -> Iterator[tuple[str, str, str, NDArray[Any]]]:
        """Yield ``y_pred`` or ``y_prob``, test set, target and array, for all that there is."""
        for name, values in self.given.items():
            for test, by_target in values.predictions.items():
                for target, array in by_target.items():
                    yield name, test, target, array

    def judged(self, metric: Metric, test_set: str, target: str) -> NDArray[Any] | None:
        """Return what a metric judges, shape ``(n,)`` or ``(n, classes)``; None where not there."""
        values = self.y_pred if metric.y_type == "y_pred" else self.y_prob
        found = {} if values is None else values.predictions.get(test_set, {})
        array: NDArray[Any] | None = found.get(target)
        return array

    @property
    def is_plain(self) -> bool:
        """Whether all are numbers, truth values and texts, which a file can hold."""
        return all(_is_plain(array) for *_, array in self.arrays())

    def __repr__(self) -> str:
        return f"Examples({self.test_set_sizes}, {' and '.join(self.given)})"

    def __reduce__(self) -> Any:
        # Without the true values: what leaves this process must not carry hidden targets.
        return type(self), (self.y_pred, self.y_prob)


def _is_plain(array: NDArray[Any]) -> bool:
    if array.dtype.kind in "biuf":
        return array.dtype.itemsize <= 8
    from pandas.api.types import infer_dtype

    kinds = ("string", "boolean", "integer", "floating", "mixed-integer-float", "empty")
    return array.ndim == 1 and infer_dtype(array, skipna=True) in kinds


def kept_examples(
    truth: GroundTruth, y_pred: Any, y_prob: Any, keep: bool | None = None
) -> Examples | None:
    """Return the predictions that are kept with their scores; None where they are not.

    Args:
        truth: The true values.
        y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
        y_prob: Scores or probabilities, in such a shape.
        keep: Whether they are kept; None keeps numbers, truth values and texts for at most
            `MOST_KEPT` rows of all test sets and targets together.

    Raises:
        InvalidInputError: ``keep`` is neither a truth value nor None.
    """
    if keep not in (True, False, None):
        raise InvalidInputError(
            f"keep_examples cannot be {keep!r}", hint="Give True, False or None."
        )
    rows = sum(truth.test_set_sizes.values()) * len(truth.target_cols)
    if keep is False or (keep is None and rows > MOST_KEPT):
        return None
    found = Examples(_copied(truth, y_pred), _copied(truth, y_prob), truth)
    return found if keep or found.is_plain else None


def _copied(truth: GroundTruth, given: Any) -> BenchmarkPredictions | None:
    """Return predictions that stay as they are when the caller's arrays are filled anew."""
    if given is None:
        return None
    parsed = BenchmarkPredictions(
        predictions=given.predictions if isinstance(given, PredictionValues) else given,
        target_labels=list(truth.target_cols),
        test_set_labels=list(truth.subsets),
        test_set_sizes=truth.test_set_sizes,
    )
    return BenchmarkPredictions(
        predictions={
            test: {target: array.copy() for target, array in by_target.items()}
            for test, by_target in parsed.predictions.items()
        },
        target_labels=list(truth.target_cols),
        test_set_labels=list(truth.subsets),
        test_set_sizes=truth.test_set_sizes,
    )
