"""Predictions for a benchmark, in the one shape into which all accepted ones are brought."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.fields import Validated, rule
from polaris.domain.masked_arrays import refuse_masked
from polaris.errors import InvalidInputError, InvalidPredictionsError, Problem

__all__ = [
    "BenchmarkPredictions",
    "PredictionValues",
    "parse_arrays",
    "parse_labels",
    "parse_sizes",
]

Nested = dict[str, dict[str, NDArray[Any]]]


def parse_labels(value: Any) -> list[str]:
    """Return a list of different labels; refuse anything else."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidInputError(f"must be a list of labels, not {type(value).__name__}")
    labels = [str(label) for label in value]
    if len(set(labels)) != len(labels):
        raise InvalidInputError(
            f"The predictions contain duplicate columns: {labels}", hint="Name each label once."
        )
    return labels


def parse_sizes(value: Any) -> dict[str, int]:
    """Return how many rows each test set has; refuse anything else."""
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map test sets to sizes, not {type(value).__name__}")
    problems = [
        Problem(str(label), f"{size!r} is not a number of rows", "Give whole numbers from 0 up.")
        for label, size in value.items()
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 0
    ]
    if problems:
        raise InvalidInputError(problems=problems)
    return {str(label): operator.index(size) for label, size in value.items()}


def parse_arrays(value: Any) -> Any:
    """Return values, at whatever depth of a dictionary, as arrays."""
    if isinstance(value, Mapping):
        return _each_parsed(value)
    if value is None or np.isscalar(value) or isinstance(value, bytes):
        raise InvalidInputError(
            f"must be arrays or lists, not {value!r}", hint="Give one prediction a row."
        )
    refuse_masked(value)
    if isinstance(value, (list, tuple)) and any(map(_is_object, value)):
        return _object_array(value)
    try:
        array = np.asarray(value)
    except ValueError as cause:
        raise InvalidInputError(
            "has rows of different lengths", hint="Give each row the same number of values."
        ) from cause
    if array.ndim == 0:
        raise InvalidInputError(
            "must be arrays or lists, not a single value", hint="Give one prediction a row."
        )
    return array.astype(object) if array.dtype.kind in "US" else array


def _each_parsed(by_label: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the values of a dictionary as arrays; refuse them all at once, each by its label."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for label, item in by_label.items():
        try:
            found[str(label)] = parse_arrays(item)
        except InvalidInputError as error:
            problems += [p._replace(path=f"{label}.{p.path}".rstrip(".")) for p in error.problems]
    if problems:
        raise InvalidInputError(problems=problems)
    return found


def _is_object(cell: Any) -> bool:
    """Tell molecules, structures and the like from what numpy has types for."""
    plain = (str, bytes, bool, int, float, complex, list, tuple, np.ndarray, np.generic)
    return cell is not None and not isinstance(cell, plain) and not hasattr(cell, "__array__")


def _object_array(cells: Sequence[Any]) -> NDArray[Any]:
    # Not `asarray`: it takes objects that have a length, such as structures, for rows.
    array = np.empty(len(cells), dtype=object)
    for position, cell in enumerate(cells):
        array[position] = cell
    return array


class PredictionValues(Validated):
    """Predictions for each target of each test set: the rules, whatever else belongs to them.

    Classes that derive from it declare the four fields; `BenchmarkPredictions` tells of them.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        predictions: Any
        target_labels: list[str]
        test_set_labels: list[str]
        test_set_sizes: dict[str, int]

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        object.__setattr__(self, "predictions", self._nested())

    @rule("predictions", "target_labels", "test_set_labels", "test_set_sizes")
    def _shape_fits(self) -> Iterator[Problem]:
        nested = self._nested()
        if nested is None:
            yield Problem("predictions", f"do not have the shape {self._forms()}", "")
            return
        for test in _unexpected(nested, self.test_set_labels):
            yield Problem("predictions", f"{test}: the test sets are {self.test_set_labels}", "")
        for test, by_target in nested.items():
            for target in _unexpected(by_target, self.target_labels):
                message = f"{target}: the targets are {self.target_labels}"
                yield Problem(f"predictions.{test}", message, "")
            if test in self.test_set_labels:
                yield from self._wrong_sizes(test, by_target)

    def _wrong_sizes(self, test: str, by_target: Mapping[str, Any]) -> Iterator[Problem]:
        expected = self.test_set_sizes.get(test)
        if expected is None:
            yield Problem("test_set_sizes", f"Expected size for test set {test!r} is not defined")
            return
        for target, array in by_target.items():
            if not isinstance(array, np.ndarray):
                yield Problem(f"predictions.{test}.{target}", "is not an array")
            elif len(array) != expected:
                yield Problem(
                    f"predictions.{test}.{target}",
                    f"Predictions size mismatch: there are {len(array)} for {expected} rows",
                    "Give one prediction a row of the test set, in its order.",
                )

    def _nested(self) -> Nested | None:
        """Return the predictions in the nested form; None where they have no accepted form."""
        given = self.predictions
        targets, tests = self.target_labels, self.test_set_labels
        if isinstance(given, np.ndarray):
            single = len(targets) == len(tests) == 1
            return {tests[0]: {targets[0]: given}} if single else None
        if given and all(isinstance(value, dict) for value in given.values()):
            return dict(given)
        if any(isinstance(value, dict) for value in given.values()):
            return None
        if len(tests) > 1 and len(targets) == 1 and set(given) == set(tests):
            return {test: {targets[0]: given[test]} for test in tests}
        if len(targets) > 1 and len(tests) == 1 and set(given) == set(targets):
            return {tests[0]: dict(given)}
        return None

    def _forms(self) -> str:
        single_target, single_test = len(self.target_labels) == 1, len(self.test_set_labels) == 1
        nested = "{test set: {target: array}}"
        if single_target and single_test:
            return f"of an array, or {nested}"
        if single_target:
            return f"{{test set: array}} for {self.test_set_labels}, or {nested}"
        if single_test:
            return f"{{target: array}} for {self.target_labels}, or {nested}"
        return nested

    # -- parts --------------------------------------------------------------------------------

    def get_subset(
        self,
        test_set_subset: Sequence[str] | None = None,
        target_subset: Sequence[str] | None = None,
    ) -> BenchmarkPredictions:
        """Return the predictions for some test sets and targets; all of them where None.

        Raises:
            InvalidPredictionsError: A label is unknown, or none is given.
        """
        tests = self.test_set_labels if test_set_subset is None else list(test_set_subset)
        targets = self.target_labels if target_subset is None else list(target_subset)
        unknown = [t for t in tests if t not in self.test_set_labels]
        unknown += [t for t in targets if t not in self.target_labels]
        if unknown:
            raise InvalidPredictionsError(
                f"There are no predictions for {unknown[0]!r}",
                hint=f"There are for {self.test_set_labels} and {self.target_labels}.",
            )
        if not tests or not targets:
            raise InvalidPredictionsError(
                "No predictions are chosen", hint="Name a test set and a target, or leave them out."
            )
        return BenchmarkPredictions(
            predictions={t: {c: self.predictions[t][c] for c in targets} for t in tests},
            target_labels=targets,
            test_set_labels=tests,
            test_set_sizes={t: self.test_set_sizes[t] for t in tests},
        )

    def get_size(
        self,
        test_set_subset: Sequence[str] | None = None,
        target_subset: Sequence[str] | None = None,
    ) -> int:
        """Return how many predictions there are for some test sets and targets."""
        part = self.get_subset(test_set_subset, target_subset)
        return sum(
            len(array) for by_target in part.predictions.values() for array in by_target.values()
        )

    def __len__(self) -> int:
        return self.get_size()

    def flatten(self) -> NDArray[Any]:
        """Return the one array there is.

        Raises:
            InvalidPredictionsError: There are several test sets or several targets.
        """
        if len(self.test_set_labels) != 1 or len(self.target_labels) != 1:
            raise InvalidPredictionsError(
                f"There are predictions for {len(self.test_set_labels)} test sets and "
                f"{len(self.target_labels)} targets, which make no single array",
                hint="Choose one of each with get_subset().",
            )
        array: NDArray[Any] = self.predictions[self.test_set_labels[0]][self.target_labels[0]]
        return array

    def as_lists(self) -> dict[str, dict[str, list[Any]]]:
        """Return the predictions as plain lists, ``{test set: {target: [value, …]}}``."""
        return {
            test: {target: array.tolist() for target, array in by_target.items()}
            for test, by_target in self.predictions.items()
        }


@attrs.define(kw_only=True, eq=False, repr=False)
class BenchmarkPredictions(PredictionValues):
    """Predictions for each target of each test set.

    With one test set and one target an array will do; with several test sets, or several targets, a
    dictionary by their labels; the nested dictionary ``{test set: {target: array}}`` always will.

    Attributes:
        predictions: ``{test set: {target: array}}``, arrays of shape ``(n,)`` or ``(n, classes)``.
        target_labels: The target columns.
        test_set_labels: The test sets.
        test_set_sizes: How many rows each test set has.

    Raises:
        InvalidPredictionsError: The shape is none of these, a label is missing or unknown, or an
            array has the wrong length; all problems are reported together.
    """

    error_type: ClassVar[type[InvalidPredictionsError]] = InvalidPredictionsError

    predictions: Any = attrs.field(converter=parse_arrays)
    target_labels: list[str] = attrs.field(converter=parse_labels)
    test_set_labels: list[str] = attrs.field(converter=parse_labels)
    test_set_sizes: dict[str, int] = attrs.field(converter=parse_sizes)

    def model_dump(self) -> dict[str, Any]:
        """Return the predictions as plain lists; the constructor takes them back."""
        return {
            "predictions": self.as_lists(),
            "target_labels": list(self.target_labels),
            "test_set_labels": list(self.test_set_labels),
            "test_set_sizes": dict(self.test_set_sizes),
        }

    def __repr__(self) -> str:
        return f"BenchmarkPredictions({self.test_set_sizes}, targets {self.target_labels})"


def _unexpected(given: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """Return what is wrong with the keys of a dictionary, in words."""
    extra = [f"{key!r} is not one" for key in given if key not in labels]
    return extra + [f"{label!r} is missing" for label in labels if label not in given]
