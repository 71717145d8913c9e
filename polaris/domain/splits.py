"""Which rows a model is trained on and which it is tested on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.errors import InvalidBenchmarkError, Problem

__all__ = ["SplitV1", "parse_split"]

_HINT = "A split is a pair: training indices, and test indices or a dictionary of named ones."


@attrs.frozen(eq=False)
class SplitV1:
    """Row positions of a training set and of one or more test sets.

    It unpacks as the pair that it is written as: ``train, tests = split``.

    Attributes:
        train: Shape ``(n,)``; may be empty (zero-shot).
        tests: Test set name to row positions, shape ``(m,)``, never empty.
    """

    train: NDArray[np.int64]
    tests: Mapping[str, NDArray[np.int64]]

    def __iter__(self) -> Iterator[Any]:
        yield self.train
        yield self.tests

    def __getitem__(self, item: int) -> Any:
        return (self.train, self.tests)[item]

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SplitV1):
            return NotImplemented
        return (
            np.array_equal(self.train, other.train)
            and list(self.tests) == list(other.tests)
            and all(np.array_equal(t, other.tests[name]) for name, t in self.tests.items())
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def labels(self) -> list[str]:
        """The names of the test sets, sorted."""
        return sorted(self.tests)

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest position of all sets."""
        parts = [part for part in (self.train, *self.tests.values()) if part.size]
        return int(min(part.min() for part in parts)), int(max(part.max() for part in parts))

    def as_lists(self) -> list[Any]:
        """Return the split as JSON writes it: ``[[train…], {name: [test…]}]``."""
        return [self.train.tolist(), {name: part.tolist() for name, part in self.tests.items()}]


def parse_split(value: Any) -> SplitV1:
    """Return the split that a pair describes.

    Args:
        value: ``(train, test)`` or ``(train, {name: test})``; each part a sequence or array of whole
            numbers. A test set without name is called ``test``.

    Raises:
        InvalidBenchmarkError: It is no pair, a test set is empty, indices are negative, repeated or
            no whole numbers, or a test set overlaps the training set; all of it reported at once.
    """
    if isinstance(value, SplitV1):
        return value
    is_pair = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
    if not is_pair or len(value) != 2:
        raise InvalidBenchmarkError("is not a pair of training and test indices", hint=_HINT)
    problems: list[Problem] = []
    train = _indices(value[0], "train", problems)
    named = value[1] if isinstance(value[1], Mapping) else {"test": value[1]}
    if not named:
        problems.append(Problem("test", "has no test set", "Name at least one test set."))
    tests = {str(name): _indices(part, f"test.{name}", problems) for name, part in named.items()}
    if train is not None:
        _check_repeats(train, "train", problems)
    for name, part in tests.items():
        if part is not None:
            _check_test_set(name, part, train, problems)
    if problems:
        raise InvalidBenchmarkError(problems=problems)
    assert train is not None  # noqa: S101  a problem would have been reported
    return SplitV1(train, {name: part for name, part in tests.items() if part is not None})


def _indices(value: Any, path: str, problems: list[Problem]) -> NDArray[np.int64] | None:
    """Return indices as an array; report what cannot be one and return None."""
    try:
        array = value if isinstance(value, np.ndarray) else np.array(list(value))
        if array.size == 0:
            array = array.astype(np.int64).reshape(-1)
        if array.dtype.kind in "USO":
            array = array.astype(np.float64)
        whole = array.astype(np.int64)
    except (TypeError, ValueError, OverflowError):
        problems.append(Problem(path, "does not hold whole numbers", "Give row positions from 0."))
        return None
    if array.ndim != 1 or (array.dtype.kind == "f" and not np.array_equal(whole, array)):
        problems.append(Problem(path, "does not hold whole numbers", "Give row positions from 0."))
        return None
    if whole.size and whole.min() < 0:
        problems.append(
            Problem(path, f"has the negative index {whole.min()}", "Give row positions from 0.")
        )
        return None
    if whole is value:
        whole = whole.copy()
    whole.flags.writeable = False
    return whole


def _check_repeats(part: NDArray[np.int64], path: str, problems: list[Problem]) -> None:
    if part.size < 2:
        return
    ordered = np.sort(part)
    repeats = ordered[1:][ordered[1:] == ordered[:-1]]
    if repeats.size:
        problems.append(
            Problem(path, f"has the index {repeats[0]} more than once", "Name each row once.")
        )


def _check_test_set(
    name: str,
    part: NDArray[np.int64],
    train: NDArray[np.int64] | None,
    problems: list[Problem],
) -> None:
    path = f"test.{name}"
    if not part.size:
        problems.append(Problem(path, "is empty", "A test set needs at least one row."))
        return
    _check_repeats(part, path, problems)
    if train is not None and train.size:
        shared = _shared(train, part)
        if shared is not None:
            problems.append(
                Problem(
                    path,
                    f"shares the index {shared} with the training set",
                    "Training and test sets must not overlap.",
                )
            )


def _shared(train: NDArray[np.int64], part: NDArray[np.int64]) -> int | None:
    """Return an index that is in both, or None; linear in their sizes for dense indices."""
    top = int(max(train.max(), part.max())) + 1
    if top <= 64 * (train.size + part.size):
        seen = np.zeros(top, dtype=bool)
        seen[train] = True
        hits = part[seen[part]]
    else:
        hits = np.intersect1d(train, part)
    return int(hits[0]) if hits.size else None
