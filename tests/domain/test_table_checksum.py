"""The checksum of a table, bit-exact with that of the released clients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.checksums import table as checksums
from polaris.domain.checksums.table import row_hashes, table_checksum, table_checksums
from polaris.domain.dataset_v1 import DatasetV1
from polaris.errors import InvalidDatasetError

cases = pytest.mark.vector_cases("dataset_v1_checksum.json", "cases")


def _column(dtype: str, values: list[Any]) -> Any:
    if dtype.startswith("datetime64"):
        return np.array(values, dtype=np.int64).view(dtype)
    if dtype.startswith("float"):
        return pd.Series([np.nan if value is None else value for value in values], dtype=dtype)
    return pd.Series(values, dtype=dtype)


def _table(case: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: _column(column["dtype"], column["values"])
            for name, column in case["columns"].items()
        }
    )


@pytest.mark.vector_cases("cell_hash.json", "cells")
def test_cells_are_hashed_as_by_the_released_clients(case: dict[str, Any]) -> None:
    found = row_hashes(pd.DataFrame({"x": _column(case["dtype"], [case["value"]])}))
    # The one step that combines the cells of a row, over a row of one cell.
    combined = ((0x345678 ^ int(case["u64"])) * 1000003 + 97531) % 2**64
    assert int(found[0]) == combined


@cases
def test_rows_are_hashed_as_by_the_released_clients(case: dict[str, Any]) -> None:
    assert [str(found) for found in row_hashes(_table(case))] == case["row_hashes_u64"]


@cases
def test_tables_have_the_checksum_of_the_released_clients(case: dict[str, Any]) -> None:
    assert table_checksum(_table(case), case["zarr_digest"]) == case["md5Sum"]
    assert table_checksum(_table(case)) == case["md5Sum_G1_table_only"]


@cases
def test_parquet_files_of_the_released_clients_have_the_recorded_checksum(
    case: dict[str, Any], vectors: Path
) -> None:
    table = pd.read_parquet(vectors / case["parquet"])
    assert table_checksum(table, case["zarr_digest"]) == case["md5Sum"]


@cases
def test_hashing_in_blocks_changes_nothing(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "_BLOCK", 1)
    assert table_checksum(_table(case), case["zarr_digest"]) == case["md5Sum"]


def test_the_golden_tables_have_their_checksums() -> None:
    numbers = pd.DataFrame({"A": [1, 2, 3], "B": [4.0, 5.0, 6.0]})
    total = int(row_hashes(numbers).sum(dtype=np.uint64))
    assert total == 13278308539379679046
    assert table_checksum(numbers) == "6beac1e03d2d9dee52066d5b64e0384b"
    molecules = pd.DataFrame(
        {"smiles": ["CCO", "CCN", "CCC"], "y": [1.0, 2.0, 3.0], "z": [0, 1, 0]}
    )
    assert DatasetV1(table=molecules).md5sum == "d05ebdfde0539abec1abe397e6265f10"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.iloc[::-1],
        lambda t: t[t.columns[::-1]],
        lambda t: t.set_axis(["p", "q", "r"]),
        lambda t: t.astype({"s": object}),
    ],
    ids=["order of rows", "order of columns", "labels", "text as objects"],
)
def test_what_does_not_matter_does_not_change_the_checksum(
    change: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    table = pd.DataFrame({"s": ["a", "b", "c"], "x": [1, 2, 3]})
    assert table_checksum(change(table)) == table_checksum(table)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.astype({"x": float}),
        lambda t: t.iloc[:2],
        lambda t: t.assign(x=[1, 3, 2]),
        lambda t: t.assign(s=["a", "b", None]),
        lambda t: t.drop(columns="x"),
    ],
    ids=["type", "a row less", "swapped cells", "a missing cell", "a column less"],
)
def test_what_matters_changes_the_checksum(change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    table = pd.DataFrame({"s": ["a", "b", "c"], "x": [1, 2, 3]})
    assert table_checksum(change(table)) != table_checksum(table)


def test_cells_without_hash_are_refused() -> None:
    table = pd.DataFrame({"x": [[1], [2]]})
    with pytest.raises(InvalidDatasetError) as caught:
        table_checksum(table)
    assert "Zarr" in caught.value.hint


def test_pandas_is_given_no_negative_zero_since_its_versions_differ_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given_: list[pd.DataFrame] = []
    hash_pandas_object = pd.util.hash_pandas_object

    def noted(table: pd.DataFrame, **options: Any) -> Any:
        given_.append(table)
        return hash_pandas_object(table, **options)

    monkeypatch.setattr("pandas.util.hash_pandas_object", noted)
    table = pd.DataFrame({"f": [0.0, -0.0, -1.0], "g": np.array([-0.0, 1, np.nan], np.float32)})
    row_hashes(table)
    [passed] = given_
    for name in ("f", "g"):
        zeros = passed[name].to_numpy()[table[name].to_numpy() == 0]
        assert not np.signbit(zeros).any()
        assert passed[name].dtype == table[name].dtype


def test_the_table_itself_is_not_changed_and_its_rows_are_hashed_in_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # W33
    seen: list[int] = []

    def counted(table: pd.DataFrame) -> Any:
        seen.append(len(table))
        return row_hashes(table)

    table = pd.DataFrame({"x": [-0.0, 1.0, 2.0, 3.0, 4.0]})
    whole = table_checksum(table)
    monkeypatch.setattr(checksums, "_BLOCK", 2)
    monkeypatch.setattr(checksums, "row_hashes", counted)
    assert table_checksum(table) == whole
    assert seen == [2, 2, 1]
    assert bool(np.signbit(table["x"].iloc[0]))


@given(st.lists(st.tuples(st.text(max_size=3), st.floats(allow_nan=False)), max_size=12))
def test_the_checksum_is_that_of_the_rows_in_any_order(rows: list[tuple[str, float]]) -> None:
    table = pd.DataFrame(rows, columns=["s", "x"]).astype({"s": "str", "x": float})
    turned = table.iloc[::-1][["x", "s"]]
    assert table_checksum(table) == table_checksum(turned)


# -- rows in their order ------------------------------------------------------------------------

ORDERED = pd.DataFrame({"s": ["a", "b", "c"], "x": [1.0, 2.0, 3.0], "y": [3, 2, 1]})


@pytest.mark.parametrize(
    "same",
    [
        ORDERED.copy(),
        ORDERED[["y", "x", "s"]],
        ORDERED.set_index(pd.Index(list("uvw"))),
        ORDERED.astype({"s": "object"}),
    ],
    ids=["copy", "columns", "labels", "objects"],
)
def test_the_checksum_of_rows_in_their_order_stays(same: pd.DataFrame) -> None:
    assert table_checksums(same) == table_checksums(ORDERED)


@pytest.mark.parametrize(
    "other",
    [
        ORDERED.iloc[[1, 0, 2]],
        ORDERED.rename(columns={"y": "z"}),
        ORDERED.rename(columns={"s": "x", "x": "s"}),
        ORDERED.iloc[:2],
        ORDERED.assign(y=[3, 2, 2]),
    ],
    ids=["order", "name", "names", "less", "value"],
)
def test_the_checksum_of_rows_in_their_order_changes(other: pd.DataFrame) -> None:
    assert table_checksums(other).rows_sha256 != table_checksums(ORDERED).rows_sha256


def test_the_checksum_of_rows_in_their_order_is_one_of_the_table_alone() -> None:
    with_archive = table_checksums(ORDERED, "0" * 32 + "-1-2")
    assert with_archive.md5sum != table_checksum(ORDERED)
    assert with_archive.rows_sha256 == table_checksums(ORDERED).rows_sha256


def test_rows_in_their_order_are_hashed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table_checksums(ORDERED)
    monkeypatch.setattr(checksums, "_BLOCK", 2)
    assert table_checksums(ORDERED) == whole


def test_the_checksum_of_rows_in_their_order_is_fixed() -> None:
    # It is in published documents, so another version must not compute another one.
    assert (
        table_checksums(ORDERED).rows_sha256
        == "c4ac28000dd727b4c58b52f320185ac9c787438461b56b177336ac1bff81ddbf"
    )
