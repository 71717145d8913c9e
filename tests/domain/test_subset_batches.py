"""A subset in batches of arrays, and as the items that a data loader asks for."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.positions import checked_ranks
from polaris.domain.subset import Subset
from polaris.errors import InvalidDatasetError, InvalidInputError

Pointing = Callable[..., DatasetV1]
ROWS = 2500


class Every:
    """Every so many-th row: positions that are never held, and that note what was asked for."""

    def __init__(self, length: int, step: int = 1) -> None:
        self._length, self._step = length, step
        self.largest = 0

    @property
    def highest(self) -> int:
        return (self._length - 1) * self._step

    def __len__(self) -> int:
        return self._length

    def positions(self, start: int, stop: int, /) -> NDArray[np.int64]:
        return self.take(np.arange(start, min(stop, self._length), dtype=np.int64))

    def take(self, ranks: NDArray[np.int64], /) -> NDArray[np.int64]:
        self.largest = max(self.largest, len(ranks))
        return np.asarray(checked_ranks(ranks, self._length) * self._step)


class Rows:
    """A dataset of any length that computes what it is asked for."""

    columns = ["x", "y"]

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows

    def read_column(
        self, column: str, positions: NDArray[np.int64] | None = None, *, adapters: Any = None
    ) -> NDArray[Any]:
        assert positions is not None
        return positions if column == "x" else positions / 2

    def without_columns(self, names: Sequence[str]) -> Self:
        raise AssertionError("no targets are hidden")


@pytest.fixture(scope="module")
def numbers() -> DatasetV1:
    return DatasetV1(table=pd.DataFrame({"x": np.arange(ROWS), "y": np.arange(ROWS) / 2}))


# -- batches ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 1024, 2499, 2500, 9999])
def test_batches_together_are_the_subset(numbers: DatasetV1, size: int) -> None:
    subset = Subset(numbers, range(ROWS), "x", "y")
    xs, ys = zip(*subset.batches(size), strict=True)
    assert [len(x) for x in xs[:-1]] == [min(size, ROWS)] * (len(xs) - 1)
    np.testing.assert_array_equal(np.concatenate(xs), subset.X)
    np.testing.assert_array_equal(np.concatenate(ys), subset.y)


@given(count=st.integers(0, 60), size=st.integers(1, 70), shuffle=st.booleans(), drop=st.booleans())
def test_every_item_is_in_one_batch(count: int, size: int, shuffle: bool, drop: bool) -> None:
    dataset = DatasetV1(table=pd.DataFrame({"x": np.arange(60), "y": np.arange(60) / 2}))
    subset = Subset(dataset, range(count), "x", "y")
    batches = list(subset.batches(size, shuffle=shuffle, seed=0, drop_last=drop))
    found = [x for xs, _ in batches for x in xs]
    assert len(set(found)) == len(found) == (count // size * size if drop else count)
    assert all((ys * 2 == xs).all() for xs, ys in batches)
    assert all(len(xs) == size for xs, _ in batches[:-1])


def test_a_random_order_is_that_of_its_seed(numbers: DatasetV1) -> None:
    subset = Subset(numbers, range(ROWS), "x", "y")

    def order(seed: int | None) -> list[int]:
        return [x for xs, _ in subset.batches(64, shuffle=True, seed=seed) for x in xs]

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in (1, 2, None, None)}) == 4
    assert sorted(order(1)) == list(range(ROWS))
    # Shuffled all over, not in blocks: the first batch has rows from everywhere.
    first = order(1)[:64]
    assert min(first) < ROWS / 4
    assert max(first) > ROWS * 3 / 4


def test_batches_of_a_test_set_are_inputs_alone(numbers: DatasetV1) -> None:
    subset = Subset(numbers, [5, 6, 7], "x", "y", hide_targets=True)
    assert [batch.tolist() for batch in subset.batches(2)] == [[5, 6], [7]]


def test_several_columns_are_dictionaries_and_inputs_are_featurized(dataset: DatasetV1) -> None:
    subset = Subset(dataset, [0, 3], ["smiles", "series"], ["y", "active"])
    [(x, y)] = subset.batches(9)
    assert {name: part.tolist() for name, part in x.items()} == {
        "smiles": ["C", "CCO"],
        "series": ["a", "b"],
    }
    assert {name: part.tolist() for name, part in y.items()} == {"y": [0.5, 3.5], "active": [0, 1]}
    lengths = Subset(dataset, [0, 3], "smiles", "y", featurization_fn=lambda s: [len(s), 1])
    assert [x.tolist() for x, _ in lengths.batches(1)] == [[[1, 1]], [[3, 1]]]


def test_a_chunk_serves_several_batches(pointing: Pointing, archive: Any) -> None:
    dataset = pointing([f"fp#{i % 6}" for i in range(30)])
    subset = Subset(dataset, range(30), "p", "y")
    assert len(list(subset.batches(4))) == 8
    assert len(archive.reads) == 1
    archive.reads.clear()
    assert len(list(subset.batches(4, shuffle=True, seed=0))) == 8
    assert len(archive.reads) <= 2


def test_a_batch_does_not_change_the_next_one(numbers: DatasetV1) -> None:
    batches = Subset(numbers, range(10), "x", "y").batches(5)
    first, _ = next(batches)
    first[:] = -1
    assert next(batches)[0].tolist() == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None, "8"])
def test_a_bad_size_is_refused_at_once(numbers: DatasetV1, size: Any) -> None:
    with pytest.raises(InvalidInputError, match="size of a batch"):
        Subset(numbers, [0], "x", "y").batches(size)


def test_large_cells_are_read_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Images(Rows):
        def read_column(
            self, column: str, positions: NDArray[np.int64] | None = None, *, adapters: Any = None
        ) -> NDArray[Any]:
            assert positions is not None
            asked.append(len(positions))
            return np.zeros((len(positions), 2**20), np.uint8)

    assert sum(1 for _ in Subset(Images(200), range(200), "x", "y")) == 200
    # A row of both columns has 2 MiB.
    assert max(asked[2:]) <= 8


# -- positions that are not held ----------------------------------------------------------------


def test_a_subset_of_a_hundred_million_rows_holds_none_of_them() -> None:
    positions = Every(100_000_000, 3)
    tracemalloc.start()
    subset = Subset(Rows(300_000_000), positions, "x", "y")
    assert len(subset) == 100_000_000
    assert subset[-1] == (299_999_997, 299_999_997 / 2)
    assert subset[10:][5] == (45, 22.5)
    assert subset[::-2][1] == (299_999_991, 299_999_991 / 2)
    assert subset[5:50:7][1:].indices.tolist() == [36, 57, 78, 99, 120, 141]
    assert next(iter(subset)) == (0, 0.0)
    assert next(subset.batches(4))[0].tolist() == [0, 3, 6, 9]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert positions.largest <= 1024


def test_positions_that_are_not_held_make_the_same_arrays(numbers: DatasetV1) -> None:
    lazy, held = (
        Subset(numbers, Every(50, 7), "x", "y"),
        Subset(numbers, range(0, 350, 7), "x", "y"),
    )
    assert lazy.indices.tolist() == held.indices.tolist()
    assert list(lazy) == list(held)
    assert [x.tolist() for x, _ in lazy[3:40:5].batches(3)] == [
        x.tolist() for x, _ in held[3:40:5].batches(3)
    ]


def test_positions_beyond_the_dataset_are_refused(numbers: DatasetV1) -> None:
    with pytest.raises(InvalidDatasetError, match="out of range"):
        Subset(numbers, Every(10, 1000), "x", "y")


# -- what PyTorch's DataLoader asks for ---------------------------------------------------------


def test_many_items_are_read_in_one_call_a_column(pointing: Pointing, archive: Any) -> None:
    subset = Subset(pointing([f"fp#{i % 6}" for i in range(30)]), range(30), "p", "y")
    items = subset.__getitems__([7, -1, 0, 7])
    assert len(archive.reads) == 1
    for (x, y), rank in zip(items, [7, 29, 0, 7], strict=True):
        expected_x, expected_y = subset[rank]
        assert (x.tolist(), y) == (expected_x.tolist(), expected_y)


@pytest.mark.parametrize(
    "index", [1, -2, np.int64(1), np.int32(-2), np.array(1)], ids=lambda index: type(index).__name__
)
def test_an_index_may_be_any_whole_number(numbers: DatasetV1, index: Any) -> None:
    subset = Subset(numbers, [4, 5, 6], "x", "y")
    assert subset[index] == (5, 2.5)
    assert subset.__getitems__([index]) == [(5, 2.5)]


def test_items_that_are_not_there_are_refused(numbers: DatasetV1) -> None:
    subset = Subset(numbers, [4, 5, 6], "x", "y")
    for wrong in (3, -4):
        with pytest.raises(IndexError, match=f"no item {wrong}"):
            subset.__getitems__([0, wrong])
    assert subset.__getitems__([]) == []


def test_a_mask_is_not_taken_for_positions(numbers: DatasetV1) -> None:
    with pytest.raises(InvalidInputError, match="mask") as caught:
        Subset(numbers, np.zeros(ROWS, bool), "x", "y")
    assert "flatnonzero" in caught.value.hint
