"""What a dataset's columns hold, in numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain import column_summaries
from polaris.domain.column_summaries import describe_columns
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from tests.domain.conftest import ArraysInMemory

FLOATS = st.floats(-1e6, 1e6) | st.just(float("nan"))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_summaries, "_BLOCK", 7)


@pytest.mark.usefixtures("small_blocks")
def test_numbers_are_those_of_pandas() -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "x": np.where(random.random(100) < 0.1, np.nan, random.normal(1e6, 1, 100)),
            "n": random.integers(0, 9, 100),
            "flag": random.random(100) < 0.5,
        }
    )
    found = describe_columns(DatasetV1(table=table))
    expected = table.astype(float).describe().T
    for ours, theirs in (("mean", "mean"), ("std", "std"), ("min", "min"), ("max", "max")):
        np.testing.assert_allclose(found[ours].astype(float), expected[theirs], rtol=1e-9)
    assert found["missing"].tolist() == table.isna().sum().tolist()
    assert found["distinct"].tolist() == table.nunique().tolist()


@given(st.lists(FLOATS, max_size=40))
def test_any_numbers_in_blocks_are_those_of_the_whole(values: list[float]) -> None:
    summary = column_summaries._Summary()
    for start in range(0, len(values), 6):
        summary.add(np.array(values[start : start + 6]))
    there = pd.Series(values, dtype=float).dropna()
    np.testing.assert_allclose(summary.mean, there.mean(), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(summary.deviation, there.std(), rtol=1e-6, atol=1e-6)
    assert (summary.count, summary.missing) == (len(there), len(values) - len(there))


def test_texts_and_times_have_no_mean() -> None:
    days = pd.date_range("2020-01-01", periods=3)
    table = pd.DataFrame({"s": ["a", None, "a"], "day": days})
    found = describe_columns(DatasetV1(table=table, annotations={"s": {"modality": "molecule"}}))
    assert list(found.loc["s", ["modality", "missing", "distinct"]]) == ["molecule", 1, 1]
    assert found["mean"].isna().all()
    assert found["std"].isna().all()
    assert list(found.loc["day", ["min", "max"]]) == [days[0], days[2]]


def test_arrays_are_described_by_their_shape_and_not_read(
    pointing: Callable[..., DatasetV1], archive: object
) -> None:
    found = describe_columns(pointing([f"fp#{i % 6}" for i in range(30)]))
    assert found.loc["p", "shape"] == (3,)
    assert found["missing"].isna()["p"]
    assert found.loc["y", "missing"] == 0
    assert archive.reads == [("fp", [0])]  # type: ignore[attr-defined]


def test_more_values_than_can_be_told_apart_are_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(column_summaries, "MOST_DISTINCT", 5)
    found = describe_columns(DatasetV1(table=pd.DataFrame({"x": range(6), "y": [1] * 6})))
    assert found["distinct"].isna()["x"]
    assert found.loc["y", "distinct"] == 1


def test_molecules_are_described_as_they_are_stored(dataset: DatasetV1) -> None:
    converted = DatasetV1(table=dataset.table, default_adapters={"smiles": "SMILES_TO_MOL"})
    assert describe_columns(converted).loc["smiles", "distinct"] == 6
    assert list(converted.default_adapters) == ["smiles"]


def test_a_dataset_without_rows_is_described(dataset: DatasetV1) -> None:
    found = describe_columns(DatasetV1(table=dataset.table.head(0)))
    assert found["missing"].tolist() == [0] * 4
    assert found["mean"].isna().all()


class Unhashable:
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("missing", [0, 1, 5])
def test_objects_are_not_counted(missing: int) -> None:
    cells = np.empty(10, dtype=object)
    cells[missing:] = [Unhashable() for _ in range(10 - missing)]
    found = describe_columns(DatasetV2(archive=ArraysInMemory({"structure": cells})))
    assert found["distinct"].isna().tolist() == [True]


def test_texts_are_counted_where_the_first_ones_are_missing() -> None:
    cells = np.array([None, None, "a", "b", "a"], dtype=object)
    found = describe_columns(DatasetV2(archive=ArraysInMemory({"text": cells})))
    assert (found["missing"].tolist(), found["distinct"].tolist()) == ([2], [2])
