"""Subsets as Arrow, polars and pandas tables."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.subset import Subset
from polaris.errors import InvalidDatasetError, MissingExtraError

Pointing = Callable[..., DatasetV1]


@pytest.fixture
def mixed() -> DatasetV1:
    table = pd.DataFrame(
        {
            "smiles": ["C", None, "CCC"],
            "mass": np.array([1.5, np.nan, 3.5], np.float32),
            "count": [1, 2, 3],
            "flag": [True, False, True],
            "bytes": [b"a", b"", b"ccc"],
            "when": pd.date_range("2020-01-01", periods=3),
            "y": [0.5, np.nan, 2.5],
        }
    )
    return DatasetV1(table=table)


def test_the_three_tables_agree(mixed: DatasetV1) -> None:
    names = ["smiles", "mass", "count", "flag", "bytes", "when"]
    subset = Subset(mixed, [2, 0, 1], names, "y")
    expected = {
        "smiles": ["CCC", "C", None],
        "mass": [3.5, 1.5, None],
        "count": [3, 1, 2],
        "flag": [True, True, False],
        "bytes": [b"ccc", b"a", b""],
        "when": [pd.Timestamp(f"2020-01-0{day}").to_pydatetime() for day in (3, 1, 2)],
        "y": [2.5, 0.5, None],
    }
    arrow = subset.to_arrow()
    assert arrow.to_pydict() == expected
    assert arrow.schema.field("mass").type == pa.float32()
    assert subset.to_polars().to_dict(as_series=False) == expected
    assert subset.to_polars().schema["mass"] == pl.Float32
    pd.testing.assert_frame_equal(
        subset.as_dataframe(), mixed.table.iloc[[2, 0, 1]].reset_index(drop=True), check_dtype=False
    )


@pytest.mark.parametrize("form", ["to_arrow", "to_polars", "as_dataframe"])
def test_hidden_targets_are_in_no_table(mixed: DatasetV1, form: str) -> None:
    subset = Subset(mixed, [0, 2], "count", ["y", "mass"], hide_targets=True)
    table = getattr(subset, form)()
    names = table.column_names if form == "to_arrow" else list(table.columns)
    assert names == ["count"]


def test_arrays_are_lists_of_fixed_size(pointing: Pointing) -> None:
    subset = Subset(pointing(["fp#0", "fp#5", "fp#1"]), [2, 1], "p", "y")
    table = subset.to_arrow()
    assert table.schema.field("p").type == pa.list_(pa.float32(), 3)
    assert table.column("p").to_pylist() == [[3, 4, 5], [15, 16, 17]]
    assert subset.to_polars().schema["p"] == pl.Array(pl.Float32, 3)


def test_elements_of_several_axes_are_nested(dataset: DatasetV1) -> None:
    images = Subset(
        dataset, [0, 1, 5], "smiles", "y", featurization_fn=lambda s: np.full((2, 3), len(s))
    )
    table = images.to_arrow()
    assert table.schema.field("smiles").type == pa.list_(pa.list_(pa.int64(), 3), 2)
    assert table.column("smiles").to_pylist() == [[[n] * 3] * 2 for n in (1, 2, 4)]


def test_cells_of_different_lengths_are_lists(pointing: Pointing, dataset: DatasetV1) -> None:
    ranges = Subset(pointing(["fp#0:2", "fp#5", "fp#1:2"]), [0, 2], "p", "y").to_arrow()
    assert ranges.column("p").to_pylist() == [[[0, 1, 2], [3, 4, 5]], [[3, 4, 5]]]
    ragged = Subset(dataset, [0, 5], "smiles", "y", featurization_fn=list).to_arrow()
    assert ragged.column("smiles").to_pylist() == [["C"], ["C", "C", "C", "l"]]


def test_features_by_name_are_columns_by_name(dataset: DatasetV1) -> None:
    subset = Subset(
        dataset, [0, 5], "smiles", "y", featurization_fn=lambda s: {"length": len(s), "s": s}
    )
    for table in (subset.as_dataframe(), subset.to_polars().to_pandas()):
        assert list(table.columns) == ["length", "s", "y"]
        assert table["length"].tolist() == [1, 4]


@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 0)])
def test_tables_without_rows_or_without_values_are_made(
    pointing: Pointing, shape: tuple[int, ...]
) -> None:
    dataset = pointing(["fp#0", "fp#1"])

    def features(row: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.zeros(shape)

    for rows in ([], [0, 1]):
        table = Subset(dataset, rows, "p", "y", featurization_fn=features).to_arrow()
        assert table.num_rows == len(rows)
        assert Subset(dataset, rows, "p", "y").to_arrow().num_rows == len(rows)


def test_what_arrow_has_no_type_for_is_refused_by_name(dataset: DatasetV1) -> None:
    subset = Subset(dataset, [0], "smiles", "y", featurization_fn=lambda s: object())
    with pytest.raises(InvalidDatasetError, match="'smiles' cannot be written as Arrow"):
        subset.to_arrow()


def test_without_polars_the_extra_is_named(
    dataset: DatasetV1, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match="polars"):
        Subset(dataset, [0], "smiles", "y").to_polars()
