"""A metric: a label, perhaps a grouping, and a name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.fields import Validated, ValidatedMeta, check_assignment, frozen, keywords
from polaris.domain.masked_arrays import refuse_masked
from polaris.domain.metrics.grouped import GroupedMetricConfig, grouped_score
from polaris.domain.metrics.info import Direction, MetricInfo, YType
from polaris.domain.metrics.registry import METRICS
from polaris.domain.task_types import TargetType
from polaris.errors import (
    InvalidInputError,
    InvalidMetricError,
    InvalidPredictionsError,
    Problem,
)

if TYPE_CHECKING:
    from polaris.domain.predictions import BenchmarkPredictions
    from polaris.domain.subset import Subset

__all__ = ["Metric", "known_label"]


def known_label(value: Any) -> str:
    """Return the label of a metric; refuse one that no metric has."""
    if isinstance(value, str) and value in METRICS:
        return value
    raise InvalidInputError(
        f"Unknown metric label: {value!r}", hint=f"Give one of {', '.join(METRICS)}."
    )


def _config(value: Any) -> GroupedMetricConfig:
    if isinstance(value, GroupedMetricConfig):
        return value
    if isinstance(value, Mapping):
        return GroupedMetricConfig(**keywords(value))
    raise InvalidInputError(f"must be a GroupedMetricConfig, not {type(value).__name__}")


class _MetricMeta(ValidatedMeta):
    """Lets `Metric` be used like an enumeration of the 19 labels."""

    def __getattr__(cls, label: str) -> Any:
        if label in METRICS:
            return cls(label)
        raise AttributeError(f"type object {cls.__name__!r} has no attribute {label!r}")

    def __getitem__(cls, label: str) -> Any:
        return cls(label)

    def __iter__(cls) -> Iterator[Any]:
        return (cls(label) for label in METRICS)

    def __len__(cls) -> int:
        return len(METRICS)

    def __contains__(cls, item: object) -> bool:
        return isinstance(item, cls) or item in METRICS


@attrs.define(eq=False, on_setattr=check_assignment)
class Metric(Validated, metaclass=_MetricMeta):
    """A metric; equal to another one of the same label and grouping, whatever its name.

    ``Metric("r2")``, ``Metric.r2`` and ``Metric["r2"]`` are the same; ``list(Metric)`` has all.
    Call it, or its `score`, on arrays; on a `Subset` and `BenchmarkPredictions` where it is
    grouped.

    Attributes:
        label: One of the 19 labels.
        config: How it is grouped; None if it is not.
        custom_name: The name it goes by in results; ``name=`` in the constructor.
    """

    error_type: ClassVar[type[InvalidMetricError]] = InvalidMetricError
    computed: ClassVar[frozenset[str]] = frozenset({"kind"})

    label: str = attrs.field(converter=known_label, on_setattr=frozen)
    config: GroupedMetricConfig | None = attrs.field(
        default=None, converter=attrs.converters.optional(_config), on_setattr=frozen
    )
    custom_name: str | None = attrs.field(
        default=None, alias="name", metadata={"spellings": ("custom_name", "customName")}
    )

    @property
    def info(self) -> MetricInfo:
        """What is known of the metric."""
        return METRICS[self.label]

    # The enumeration of the first generation kept that here.
    value = info

    @property
    def fn(self) -> Callable[..., float]:
        """The function that computes it, ungrouped."""
        return self.info.fn

    @property
    def kwargs(self) -> Mapping[str, Any]:
        """Fixed keyword arguments of the function."""
        return self.info.kwargs

    @property
    def direction(self) -> Direction:
        """Which scores are better: ``"min"``, ``"max"``, or the value that is best."""
        return self.info.direction

    @property
    def y_type(self) -> YType:
        """What it judges: ``y_pred``, or scores such as probabilities."""
        return self.info.y_type

    @property
    def is_multitask(self) -> bool:
        """Whether it judges all targets at once."""
        return self.info.is_multitask

    @property
    def target_types(self) -> frozenset[TargetType]:
        """Which targets it fits."""
        return self.info.target_types

    @property
    def kind(self) -> str:
        """``"grouped"`` or ``"default"``."""
        return "default" if self.config is None else "grouped"

    @property
    def name(self) -> str:
        """The name it goes by in results."""
        return self.custom_name or (self.label if self.config is None else f"{self.label}_grouped")

    @property
    def checksum_text(self) -> str:
        """What enters a benchmark's checksum: the label, and the grouping as sorted JSON."""
        if self.config is None:
            return self.label
        return self.label + json.dumps(attrs.asdict(self.config), sort_keys=True)

    def __str__(self) -> str:
        return self.checksum_text

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return other in (self.name, self.checksum_text)
        if isinstance(other, Metric):
            return self.checksum_text == other.checksum_text
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.checksum_text)

    # -- scoring ------------------------------------------------------------------------------

    def score_arrays(
        self,
        y_true: NDArray[Any],
        y_pred: NDArray[Any] | None = None,
        y_prob: NDArray[Any] | None = None,
        *,
        groups: NDArray[Any] | None = None,
    ) -> float:
        """Return the score over arrays; rows whose true value is missing are left out.

        Args:
            y_true: True values, shape ``(n,)``.
            y_pred: Predicted values or labels, shape ``(n,)``.
            y_prob: Scores or probabilities, shape ``(n,)``, ``(n, 1)`` or ``(n, classes)``.
            groups: Each row's group, shape ``(n,)``, for a grouped metric.

        Raises:
            InvalidPredictionsError: What the metric judges is not given, or cannot be judged.
        """
        if y_pred is None and y_prob is None:
            raise InvalidPredictionsError(
                "Neither `y_pred` nor `y_prob` is specified.", hint="Pass one of them."
            )
        wanted = "y_pred" if self.y_type == "y_pred" else "y_prob"
        judged = y_pred if self.y_type == "y_pred" else y_prob
        if judged is None:
            raise InvalidPredictionsError(
                f"Metric requires `{wanted}` input.", hint=f"{self.label} judges {wanted}."
            )
        lengths = {np.shape(part)[:1] for part in (y_true, judged, groups) if part is not None}
        if len(lengths) != 1 or () in lengths:
            raise InvalidPredictionsError(
                f"{self.name} needs one prediction a row, in arrays of the same length",
                hint="Give predictions for all rows of the test set, in its order.",
            )
        if self.config is None:
            return self._apply(y_true, judged)
        if groups is None:
            raise InvalidPredictionsError(
                f"{self.name} is grouped by {self.config.group_by!r}, which arrays do not have",
                hint="Score a Subset, or give groups=.",
            )
        return grouped_score(
            self.config, groups, lambda rows: self._apply(y_true[rows], judged[rows])
        )

    def _apply(self, y_true: NDArray[Any], judged: NDArray[Any]) -> float:
        known = ~missing(y_true)
        if not known.all():
            y_true, judged = y_true[known], judged[known]
        if not len(y_true):
            raise InvalidPredictionsError(
                f"{self.name} could not be computed: the targets of all rows are missing",
                hint="Nothing is wrong with the predictions. Choose test rows whose targets are "
                "known.",
            )
        if judged.ndim == 2 and judged.shape[1] == 1:
            judged = judged[:, 0]
        judged = _numbers(self, judged)
        keyword = "y_pred" if self.y_type == "y_pred" else "y_score"
        try:
            return float(self.fn(y_true=y_true, **{keyword: judged}, **self.kwargs))
        except InvalidInputError:
            raise
        except (ValueError, TypeError, IndexError, ArithmeticError, AttributeError) as cause:
            reason = " ".join(str(cause).split())
            raise InvalidPredictionsError(
                f"{self.name} could not be computed: {reason}",
                hint="Check that the predictions are numbers of the kind that the metric judges.",
            ) from cause

    def score(
        self,
        y_true: Subset | Any,
        y_pred: BenchmarkPredictions | Any = None,
        y_prob: BenchmarkPredictions | Any = None,
    ) -> float:
        """Return the score of predictions for one target of one test set.

        Args:
            y_true: True values, shape ``(n,)``; or the subset that has them.
            y_pred: Predicted values or labels, shape ``(n,)``; or `BenchmarkPredictions` of them.
            y_prob: Scores or probabilities; or `BenchmarkPredictions` of them.

        Raises:
            InvalidPredictionsError: What the metric judges is not given, or cannot be judged.
            InvalidDatasetError: The dataset has no such column to group by.
        """
        groups = None
        if hasattr(y_true, "column_values"):
            if self.config is not None:
                groups = y_true.column_values(self.config.group_by)
            [target] = y_true.target_cols
            y_true = y_true.column_values(target)
        return self.score_arrays(
            np.asarray(_unmasked("y_true", y_true)),
            _array("y_pred", y_pred),
            _array("y_prob", y_prob),
            groups=groups,
        )

    __call__ = score


def _numbers(metric: Metric, judged: NDArray[Any]) -> NDArray[Any]:
    """Return the predictions that a metric of regression judges as numbers; others as they are."""
    if judged.dtype != object or judged.ndim != 1 or metric.target_types != {TargetType.REGRESSION}:
        return judged
    try:
        return np.array([_number(cell) for cell in judged], dtype=np.float64)
    except (TypeError, ValueError, ArithmeticError) as cause:
        raise InvalidPredictionsError(
            f"{metric.name} could not be computed: some predictions are not numbers",
            hint="Give a number for every row.",
        ) from cause


def _number(cell: Any) -> float:
    if isinstance(cell, (str, bytes)):
        raise TypeError("`float` takes some texts for numbers; here they are probably a mistake")
    return float(cell)


def _array(name: str, predictions: Any) -> NDArray[Any] | None:
    if predictions is None:
        return None
    flat = predictions.flatten() if hasattr(predictions, "test_set_labels") else predictions
    return np.asarray(_unmasked(name, flat))


def _unmasked(name: str, values: Any) -> Any:
    try:
        refuse_masked(values)
    except InvalidInputError as error:
        [problem] = error.problems
        raise InvalidPredictionsError(
            problems=[Problem(name, problem.message, problem.hint)]
        ) from None
    return values


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where values are missing: NaN, None or NA; shape ``(n,)``."""
    import pandas as pd

    if values.dtype.kind in "iub":
        return np.zeros(len(values), dtype=bool)
    found = pd.isna(values) if values.ndim == 1 else np.zeros(len(values), dtype=bool)
    return np.asarray(found)
