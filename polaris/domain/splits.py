"""Which rows of a dataset train a model and which test it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.index_arrays import Occupancy, parse_indices
from polaris.errors import InvalidBenchmarkError, InvalidInputError, Problem

__all__ = ["UNNAMED_TEST_SET", "SplitV1", "parse_split"]

UNNAMED_TEST_SET = "test"
"""The name of a test set that was given without one."""

_SHOWN = 3


@attrs.frozen(eq=False, repr=False)
class SplitV1:
    """A training set and one or more named test sets, as row positions from 0.

    The training set may be empty (zero-shot), a test set may not. No index appears twice in a set,
    or both in the training set and in a test set; test sets may share indices. Whether the rows
    exist is for the benchmark to say. It unpacks like the pair that it is written as:
    ``train, tests = split``.

    Attributes:
        train: Shape ``(n,)``, int64, read only, in the given order.
        tests: One such array a test set, in the given order.

    Raises:
        InvalidBenchmarkError: With every problem of every set.
    """

    train: NDArray[np.int64]
    tests: dict[str, NDArray[np.int64]]

    def __attrs_post_init__(self) -> None:
        train, tests = _checked(self.train, self.tests)
        object.__setattr__(self, "train", train)
        object.__setattr__(self, "tests", tests)

    @property
    def labels(self) -> list[str]:
        """The names of the test sets, sorted."""
        return sorted(self.tests)

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest index of all sets."""
        filled = [indices for _, indices in self.parts() if indices.size]
        return min(int(part.min()) for part in filled), max(int(part.max()) for part in filled)

    def parts(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield each set with its place in the split: ``train``, then ``test.{name}``."""
        yield "train", self.train
        for name, indices in self.tests.items():
            yield f"test.{name}", indices

    def as_lists(self) -> list[Any]:
        """Return the JSON form: ``[[0, 1], {"test": [2, 3]}]``, everything in the given order."""
        return [
            self.train.tolist(),
            {name: indices.tolist() for name, indices in self.tests.items()},
        ]

    def __iter__(self) -> Iterator[Any]:
        yield self.train
        yield self.tests

    def __getitem__(self, position: int) -> Any:
        return (self.train, self.tests)[position]

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SplitV1):
            try:
                other = parse_split(other)
            except InvalidInputError:
                return NotImplemented
        return (
            np.array_equal(self.train, other.train)
            and self.tests.keys() == other.tests.keys()
            and all(np.array_equal(self.tests[name], other.tests[name]) for name in self.tests)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash

    def __repr__(self) -> str:
        sizes = {name: indices.size for name, indices in self.tests.items()}
        return f"SplitV1(train={self.train.size}, tests={sizes})"


def parse_split(value: Any) -> SplitV1:
    """Return the split that a pair ``(train, test)`` describes.

    Args:
        value: A pair, or a list of two. The second is one list of indices or a mapping of test set
            names to lists; what a list of indices may be is told by
            `polaris.domain.index_arrays.parse_indices`. A `SplitV1` is returned as it is.

    Raises:
        InvalidBenchmarkError: With every problem of every set.
    """
    if isinstance(value, SplitV1):
        return value
    is_pair = isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim)
    if not is_pair or len(value) != 2:
        found = f"{len(value)} parts" if is_pair else type(value).__name__
        message = f"must be a pair of training and test indices, not {found}"
        hint = "Write split=([0, 1], [2, 3]) or split=([0, 1], {'name': [2, 3]})."
        raise InvalidBenchmarkError(problems=[Problem("", message, hint)])
    return SplitV1(value[0], value[1])


def _checked(train: Any, tests: Any) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """Parse and judge all sets; raise once with everything that is wrong."""
    named = dict(tests) if isinstance(tests, Mapping) else {UNNAMED_TEST_SET: tests}
    problems: list[Problem] = []
    trained = _part("train", train, problems)
    occupied = None if trained is None else trained[1]
    good: dict[str, NDArray[np.int64]] = {}
    for name, indices in named.items():
        path = f"test.{name}"
        if not isinstance(name, str):
            problems.append(Problem(path, f"is named by {type(name).__name__}, not by a text"))
        part = _part(path, indices, problems)
        if part is not None:
            good[name] = part[0]
            problems += _test_problems(path, part[0], occupied)
    if not named:
        problems.append(Problem("test", "has no test set", "Name at least one test set."))
    if problems or trained is None:
        raise InvalidBenchmarkError(problems=problems)
    return trained[0], good


def _part(
    path: str, value: Any, problems: list[Problem]
) -> tuple[NDArray[np.int64], Occupancy] | None:
    """Return one set and its occupancy, None where it is unreadable; add what is wrong with it."""
    try:
        indices = parse_indices(value)
    except InvalidInputError as error:
        problems.extend(problem._replace(path=path) for problem in error.problems)
        return None
    indices.flags.writeable = False
    occupancy = Occupancy.of(indices)
    negative = indices[indices < 0]
    if negative.size:
        hint = "Count rows from 0; an index from the end is not understood."
        problems.append(Problem(path, f"has negative indices: {_some(negative)}", hint))
    if occupancy.repeated.size:
        hint = "List each row once; turn a boolean mask into indices with numpy.flatnonzero."
        problems.append(Problem(path, f"has duplicates: {_some(occupancy.repeated)}", hint))
    return indices, occupancy


def _test_problems(
    path: str, indices: NDArray[np.int64], trained: Occupancy | None
) -> Iterator[Problem]:
    if indices.size == 0:
        yield Problem(path, "is empty", "Give every test set at least one row.")
    if trained is None:
        return
    shared = np.unique(indices[trained.contains(indices)])
    if shared.size:
        hint = "A row that trains a model cannot test it."
        yield Problem(path, f"overlaps with the training set: {_some(shared)}", hint)


def _some(indices: NDArray[np.int64]) -> str:
    """Return the first few indices as text, and how many more there are."""
    shown = ", ".join(str(index) for index in indices[:_SHOWN].tolist())
    more = indices.size - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
