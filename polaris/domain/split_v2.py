"""Splits of large datasets: named pairs of index sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar

import attrs

from polaris.domain.fields import Validated, rule
from polaris.domain.index_set import IndexSet, parse_index_set
from polaris.errors import InvalidBenchmarkError, InvalidInputError, Problem

__all__ = ["UNNAMED_SPLIT", "SplitV2", "parse_splits"]

UNNAMED_SPLIT = "test"
"""The label of a split that was given without one."""

_PARTS = frozenset({"training", "test"})
_SHOWN = 3


@attrs.frozen(repr=False)
class SplitV2(Validated):
    """A training set and a test set, as index sets.

    The training set may be empty (zero-shot), the test set may not; they share no row. Whether the
    rows exist is for the benchmark to say.

    Attributes:
        training: Rows that a model learns from. Accepted are an `IndexSet`, its indices, its bytes
            or ``{"indices": …}``.
        test: Rows that it is judged by; likewise.

    Raises:
        InvalidBenchmarkError: With every problem of both sets.
    """

    error_type: ClassVar[type[InvalidBenchmarkError]] = InvalidBenchmarkError
    computed: ClassVar[frozenset[str]] = frozenset(
        {"n_train_datapoints", "nTrainDatapoints", "n_test_datapoints", "nTestDatapoints"}
    )

    training: IndexSet = attrs.field(converter=parse_index_set)
    test: IndexSet = attrs.field(converter=parse_index_set)

    @rule("test")
    def _test_set_has_rows(self) -> Iterator[Problem]:
        if not self.test:
            yield Problem("test", "is empty", "Give the test set at least one row.")

    @rule("training", "test")
    def _sets_share_no_row(self) -> Iterator[Problem]:
        if self.training.intersect(self.test):
            shared = self.training.shared(self.test)
            shown = ", ".join(str(position) for position in islice(shared, _SHOWN))
            more = shared.datapoints - _SHOWN
            message = f"overlaps with the training set: {shown}"
            hint = "A row that trains a model cannot test it."
            yield Problem("test", f"{message} and {more} more" if more > 0 else message, hint)

    @property
    def n_train_datapoints(self) -> int:
        """Rows of the training set."""
        return self.training.datapoints

    @property
    def n_test_datapoints(self) -> int:
        """Rows of the test set."""
        return self.test.datapoints

    @property
    def max_index(self) -> int:
        """The largest position of both sets."""
        return max(self.training.highest, self.test.highest)

    def __repr__(self) -> str:
        return f"SplitV2(training={self.training!r}, test={self.test!r})"


def parse_splits(value: Any) -> dict[str, SplitV2]:
    """Return the splits by label that are given; a single one gets the label ``test``.

    Args:
        value: A mapping of labels to splits, to mappings of ``training`` and ``test`` or to pairs
            of both; or one such split by itself.

    Raises:
        InvalidBenchmarkError: With every problem of every split.
    """
    if isinstance(value, SplitV2) or _is_pair(value) or _is_one_split(value):
        return {UNNAMED_SPLIT: _split(value)}
    if not isinstance(value, Mapping):
        raise InvalidBenchmarkError(
            f"must map labels to splits, not {type(value).__name__}",
            hint="Write splits={'random': SplitV2(training=…, test=…)}.",
        )
    problems: list[Problem] = []
    splits: dict[str, SplitV2] = {}
    if not value:
        problems.append(Problem("", "at least one split must be specified", "Name a split."))
    for label, given in value.items():
        if not isinstance(label, str) or not label:
            problems.append(Problem(str(label), f"{label!r} is no label", "Give a text."))
            continue
        try:
            splits[label] = _split(given)
        except InvalidInputError as error:
            problems += [p._replace(path=f"{label}.{p.path}".rstrip(".")) for p in error.problems]
    if problems:
        raise InvalidBenchmarkError(problems=problems)
    return splits


def _is_one_split(value: Any) -> bool:
    """Tell ``{"training": …, "test": …}`` from two splits that have these labels."""
    return (
        isinstance(value, Mapping)
        and value.keys() == _PARTS
        and not any(
            isinstance(part, SplitV2) or (isinstance(part, Mapping) and part.keys() >= _PARTS)
            for part in value.values()
        )
    )


def _is_pair(value: Any) -> bool:
    """Tell whether it is a training and a test set, as splits of benchmarks on tables are given."""
    return (
        isinstance(value, (tuple, list))
        and len(value) == len(_PARTS)
        and not any(hasattr(part, "__index__") for part in value)
    )


def _split(value: Any) -> SplitV2:
    if isinstance(value, SplitV2):
        return value
    if isinstance(value, Mapping):
        return SplitV2(**{str(key): part for key, part in value.items()})
    if _is_pair(value):
        return SplitV2(training=value[0], test=value[1])
    raise InvalidBenchmarkError(
        f"must be a split, not {type(value).__name__}",
        hint="Write SplitV2(training=…, test=…).",
    )
