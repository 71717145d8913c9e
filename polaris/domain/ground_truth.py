"""The true values of a benchmark's test sets, for those who judge predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import attrs
from numpy.typing import NDArray

from polaris.domain.metrics.metric import Metric
from polaris.domain.subset import Subset
from polaris.errors import InvalidInputError

__all__ = ["GroundTruth", "HasGroundTruth"]


@attrs.frozen(eq=False, repr=False)
class GroundTruth:
    """The true values of a benchmark's test sets.

    It stays where predictions are judged: it is part of no document, of no file and of no pickle.

    Attributes:
        subsets: The subset of each test set, targets visible.
        target_cols: The target columns.
        metrics: The metrics.
        main_metric: The metric that ranks submissions.
    """

    subsets: Mapping[str, Subset]
    target_cols: tuple[str, ...]
    metrics: tuple[Metric, ...]
    main_metric: Metric
    _columns: dict[tuple[str, str], NDArray[Any]] = attrs.field(factory=dict, init=False)

    @property
    def test_set_sizes(self) -> dict[str, int]:
        """Rows of each test set."""
        return {name: len(subset) for name, subset in self.subsets.items()}

    def column(self, test_set: str, column: str) -> NDArray[Any]:
        """Return the values of any column for a test set, shape ``(n,)``; each is read once."""
        key = (test_set, column)
        if key not in self._columns:
            self._columns[key] = self.subsets[test_set].column_values(column)
        return self._columns[key]

    def metric(self, wanted: Metric | str | None = None) -> Metric:
        """Return one of the metrics by its name or label; the main metric for None.

        Raises:
            InvalidInputError: The benchmark has no such metric.
        """
        if wanted is None:
            return self.main_metric
        names = [metric for metric in self.metrics if metric.name == wanted]
        for metric in [*names, *(m for m in self.metrics if m == wanted or m.label == wanted)]:
            return metric
        raise InvalidInputError(
            f"The benchmark has no metric {getattr(wanted, 'name', wanted)!r}",
            hint=f"Its metrics are {', '.join(metric.name for metric in self.metrics)}.",
        )

    def test_sets(self, wanted: str | None = None) -> list[str]:
        """Return the test sets, or the one that is wanted.

        Raises:
            InvalidInputError: There is no such test set.
        """
        return _chosen("test set", list(self.subsets), wanted)

    def targets(self, wanted: str | None = None) -> list[str]:
        """Return the targets, or the one that is wanted.

        Raises:
            InvalidInputError: There is no such target.
        """
        return _chosen("target", self.target_cols, wanted)

    def __repr__(self) -> str:
        return f"GroundTruth({self.test_set_sizes}, targets {list(self.target_cols)})"

    def __reduce__(self) -> Any:
        raise TypeError("true values of test sets are not pickled")


def _chosen(what: str, there: Sequence[str], wanted: str | None) -> list[str]:
    if wanted is None:
        return list(there)
    if wanted in there:
        return [wanted]
    raise InvalidInputError(
        f"The benchmark has no {what} {wanted!r}", hint=f"It has {', '.join(there)}."
    )


@runtime_checkable
class HasGroundTruth(Protocol):
    """What can tell the true values of its test sets: a benchmark with its dataset."""

    def ground_truth(self) -> GroundTruth:
        """Return the true values of the test sets."""
        ...
