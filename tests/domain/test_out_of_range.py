"""Rows, items and ranks that there are none of: one error, which names the first of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.index_set import IndexSet
from polaris.domain.subset import Subset
from polaris.errors import OutOfRangeError
from tests.domain.conftest import ArraysInMemory


@pytest.fixture
def dataset() -> DatasetV2:
    return DatasetV2(archive=ArraysInMemory({"x": np.arange(100), "y": np.arange(100)}))


@pytest.mark.parametrize(
    ("row", "named"),
    [(100, 100), (-101, -101), ([0, 100], 100), ([3, -101, -1], -101), (np.array([200]), 200)],
)
def test_of_a_dataset(dataset: DatasetV2, row: Any, named: int) -> None:
    for item in (row, (row, "x")):
        with pytest.raises(OutOfRangeError, match=f"there is no row {named} "):
            dataset[item]


def test_of_batches(dataset: DatasetV2) -> None:
    with pytest.raises(OutOfRangeError, match="there is no row -1 "):
        dataset.batches(3, positions=np.array([5, -1, 300]))


@pytest.mark.parametrize("item", [3, -4])
def test_of_a_subset(dataset: DatasetV2, item: int) -> None:
    subset = Subset(dataset, [4, 5, 6], "x", "y")
    with pytest.raises(OutOfRangeError, match=f"there is no item {item} "):
        subset[item]


def test_of_an_index_set() -> None:
    with pytest.raises(OutOfRangeError, match="none of rank 2 "):
        IndexSet([7, 9]).take(np.array([0, 2]))


def test_it_is_caught_as_the_error_of_a_list_and_as_a_wrong_value(dataset: DatasetV2) -> None:
    for kind in (IndexError, ValueError):
        with pytest.raises(kind):
            dataset[100]
