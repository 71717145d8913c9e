"""The targets of a test set cannot be had from it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.subset import Subset
from polaris.errors import InvalidDatasetError, TestAccessError

SECRET = 123456.789
HIDDEN = [SECRET, SECRET + 1]


@pytest.fixture
def full() -> DatasetV1:
    table = pd.DataFrame({"x": [1, 2, 3], "z": [7, 8, 9], "y": [0.5, *HIDDEN], "t": [0.5, *HIDDEN]})
    return DatasetV1(table=table, name="secrets", owner="acme")


@pytest.fixture
def test(full: DatasetV1) -> Subset:
    return Subset(full, [1, 2], "x", ["y", "t"], hide_targets=True)


def _numbers(value: Any) -> list[float]:
    """Return every number anywhere in a value."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, (list, tuple, Subset)):
        return [number for item in value for number in _numbers(item)]
    if isinstance(value, pd.DataFrame):
        return [float(number) for column in value for number in value[column]]
    if isinstance(value, (pd.Series, np.ndarray)):
        return [float(number) for number in value]
    return [float(value)]


def test_items_are_bare_inputs(test: Subset) -> None:
    assert test[0] == 2
    assert [*test] == [2, 3]
    assert next(test) == 2
    assert list(test[1:]) == [3]


@pytest.mark.parametrize(
    "access",
    [
        lambda s: s.as_array("y"),
        lambda s: s.as_array("xy"),
        lambda s: s.targets,
        lambda s: s.y,
        lambda s: s.column_values("y"),
        lambda s: s.extend_inputs("y"),
        lambda s: s.extend_inputs(["z", "t"]),
        lambda s: s.filter_targets("y").y,
        lambda s: s.filter_targets("y").column_values("y"),
        lambda s: s[:1].y,
        lambda s: s.copy().y,
        lambda s: copy.copy(s).y,
        lambda s: copy.deepcopy(s).targets,
        lambda s: pickle.loads(pickle.dumps(s)).y,
        lambda s: s.extend_inputs("z").y,
        lambda s: Subset(s.dataset, s.indices, "x", "z").copy() and s.y,
    ],
)
def test_asking_for_the_targets_is_refused(test: Subset, access: Callable[[Subset], Any]) -> None:
    with pytest.raises(TestAccessError) as caught:  # W4
        access(test)
    assert isinstance(caught.value, PermissionError)
    assert "evaluate" in caught.value.hint
    assert str(SECRET) not in str(caught.value)


@pytest.mark.parametrize(
    "access",
    [
        lambda s: s.dataset.read_column("y"),
        lambda s: s.dataset.get_data(1, "t"),
        lambda s: s.dataset[1, "y"],
        lambda s: s.filter_targets("y").column_values("t"),
        lambda s: s.filter_targets("y").extend_inputs("t"),
        lambda s: Subset(s.dataset, s.indices, "y", "z"),
        lambda s: Subset(s.dataset, s.indices, "x", "y").y,
    ],
)
def test_nothing_that_a_test_set_gives_has_the_target_columns(
    test: Subset, access: Callable[[Subset], Any]
) -> None:  # W4
    with pytest.raises(InvalidDatasetError, match="no column"):
        access(test)


def test_no_public_attribute_of_a_test_set_holds_a_hidden_value(test: Subset) -> None:  # W4
    found: list[float] = []
    for subset in (test, test[:], test.copy(), test.extend_inputs("z"), test.filter_targets("t")):
        for name in (name for name in dir(Subset) if not name.startswith("_")):
            try:
                value = getattr(subset, name)
            except TestAccessError:
                continue
            if name == "dataset":
                found += _numbers(value.table) + _numbers([value[label] for label in value.rows])
            elif isinstance(value, (list, np.ndarray, dict)) and name not in (
                "input_cols",
                "target_cols",
            ):
                found += _numbers(value)
        found += _numbers(list(subset)) + _numbers(subset.as_dataframe())
    assert len(found) > 50
    assert not set(found) & set(HIDDEN)


def test_the_repr_shows_no_value_and_says_that_targets_are_hidden(test: Subset) -> None:
    assert repr(test) == "Subset(2 rows, inputs ['x'], targets ['y', 't'], targets hidden)"


def test_a_featurization_sees_inputs_only(full: DatasetV1) -> None:
    seen: list[Any] = []

    def featurize(row: dict[str, Any]) -> int:
        seen.append(row)
        return 0

    test = Subset(full, [1, 2], ["x", "z"], "y", featurization_fn=featurize, hide_targets=True)
    _ = list(test), test.X, test[0], test.as_dataframe()
    assert seen
    assert all(set(row) == {"x", "z"} for row in seen)


def test_the_dataset_of_a_test_set_keeps_inputs_and_name(test: Subset) -> None:
    assert test.dataset.columns == ["x", "z"]
    assert test.dataset.artifact_id == "acme/secrets"


def test_the_checksum_that_covers_the_targets_is_not_passed_on(
    full: DatasetV1, test: Subset
) -> None:
    # A known checksum over hidden cells would let them be guessed.
    assert test.dataset.md5sum != full.md5sum


def test_an_archive_that_only_targets_point_into_is_out_of_reach(
    pointing: Callable[..., DatasetV1],
) -> None:
    test = Subset(pointing(["fp#0", "fp#1"]), [1], "y", "p", hide_targets=True)
    assert test.dataset.zarr_root is None
    assert not test.dataset.uses_zarr
    with pytest.raises(InvalidDatasetError):
        _ = test.dataset.archive


def test_a_table_of_a_test_set_has_no_targets_and_one_of_a_training_set_has(
    make_benchmark: Callable[..., BenchmarkV1Specification],
) -> None:
    train, tests = make_benchmark(split=([0, 1], {"a": [2, 3], "b": [4]})).get_train_test_split()
    assert train.as_dataframe().columns.tolist() == ["smiles", "y"]
    assert isinstance(tests, dict)
    for test in tests.values():
        assert test.as_dataframe().columns.tolist() == ["smiles"]
        with pytest.raises(TestAccessError):
            _ = test.y


def test_a_target_cannot_be_made_an_input_of_a_test_set(full: DatasetV1) -> None:
    with pytest.raises(TestAccessError):
        Subset(full, [1], ["x", "y"], "y", hide_targets=True)
