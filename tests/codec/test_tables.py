"""Tables as parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.codec.tables import decode_table, encode_table
from polaris.domain.checksums.table import table_checksum
from polaris.errors import DamagedFileError, InvalidDatasetError


@pytest.mark.vector_cases("dataset_v1_checksum.json", "cases")
def test_tables_of_the_released_clients_keep_their_checksum(
    case: dict[str, Any], vectors: Path
) -> None:
    table = decode_table((vectors / case["parquet"]).read_bytes(), source="table.parquet")
    again = decode_table(encode_table(table), source="again")
    for read in (table, again):
        assert table_checksum(read, case["zarr_digest"]) == case["md5Sum"]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"x": [1, 2], "s": ["a", None]}, index=["r", "s"]),
        pd.DataFrame({"x": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"t": pd.to_datetime(["2024-01-01", "NaT"])}),
        pd.DataFrame({"c": pd.Categorical(["a", "b", "a"])}),
        pd.DataFrame({"b": [b"\x00", b"\xff"]}),
        pd.DataFrame(
            {"f": np.array([0.5, np.nan], dtype=np.float32), "u": np.array([1, 2], np.uint8)}
        ),
        pd.DataFrame({"x": []}),
        pd.DataFrame({"x": [1, 2, 3]}).iloc[1:],
        pd.DataFrame({"l": [np.array([1.0, 2.0]), np.array([3.0])]}),
    ],
    ids=["texts", "nullable", "dates", "categories", "bytes", "small", "empty", "part", "lists"],
)
def test_tables_come_back_with_types_and_labels(table: pd.DataFrame) -> None:
    found = decode_table(encode_table(table), source="x")
    pd.testing.assert_frame_equal(found, table)


def test_the_same_table_gives_the_same_bytes() -> None:
    table = pd.DataFrame({"x": np.arange(1000), "s": ["a"] * 1000})
    assert encode_table(table) == encode_table(table.copy())


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(st.characters(codec="utf-8"))
        ),
        max_size=8,
    )
)
def test_any_cells_come_back(rows: list[tuple[int, float, str]]) -> None:
    table = pd.DataFrame(rows, columns=["i", "f", "s"]).astype(
        {"i": "int64", "f": "float64", "s": "str"}
    )
    found = decode_table(encode_table(table), source="x")
    pd.testing.assert_frame_equal(found, table)
    assert table_checksum(found) == table_checksum(table)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"x": [1, "a"]}),
        pd.DataFrame({"x": [object(), object()]}),
        pd.DataFrame({"x": [1j]}),
    ],
)
def test_cells_that_parquet_cannot_hold_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        encode_table(table)
    assert caught.value.hint


DATA = encode_table(pd.DataFrame({"x": range(50), "s": ["text"] * 50}))


@given(st.integers(0, len(DATA) - 1))
def test_a_cut_file_is_a_damaged_file(length: int) -> None:
    with pytest.raises(DamagedFileError, match=r"^table\.parquet is not a readable parquet file"):
        decode_table(DATA[:length], source="table.parquet")


@pytest.mark.parametrize(
    "data", [b"", b"text", b"PAR1" * 10, b"{}", DATA[4:], DATA[:-8] + b"\xff" * 8]
)
def test_other_bytes_are_a_damaged_file(data: bytes) -> None:
    with pytest.raises(DamagedFileError) as caught:
        decode_table(data, source="table.parquet")
    assert isinstance(caught.value, OSError)


@pytest.mark.parametrize(
    "values",
    [[1, 2.5, None], [2**70, 1, 2], [1, "a", None], [1j, 2j, 3j]],
    ids=["numbers as objects", "beyond 64 bits", "mixed", "complex"],
)
def test_what_parquet_cannot_give_back_is_refused(values: list[Any]) -> None:
    table = pd.DataFrame({"y": [1.0, 2.0, 3.0], "odd": np.array(values, dtype=object)})
    with pytest.raises(InvalidDatasetError) as caught:
        encode_table(table)
    assert caught.value.hint


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_come_back_or_are_refused(unit: str) -> None:
    table = pd.DataFrame({"t": np.array(["2020-01-01"], f"M8[{unit}]")})
    if unit == "s":
        with pytest.raises(InvalidDatasetError, match="datetime64"):
            encode_table(table)
    else:
        back = decode_table(encode_table(table), source="here")
        assert table_checksum(back, None) == table_checksum(table, None)


def test_rows_without_columns_are_refused() -> None:
    with pytest.raises(InvalidDatasetError, match="no column"):
        encode_table(pd.DataFrame({"x": [1]})[[]])


CATEGORIES = [
    pd.Categorical([1, 2, 1]),
    pd.Categorical([1, 2, None], categories=[3, 2, 1], ordered=True),
    pd.Categorical([True, False, None]),
    pd.Categorical([1.5, np.nan]),
    pd.Categorical(np.array([1, 2], dtype="uint8")),
    pd.Categorical(np.array([0.1, 0.2], dtype="float32")),
    pd.Categorical(pd.array([1, 2], dtype="Int64")),
    pd.Categorical([], categories=[1, 2]),
    pd.Categorical(["b", "a"], categories=["c", "b", "a"], ordered=True),
]


@pytest.mark.parametrize("column", CATEGORIES)
def test_categories_come_back_as_they_were(column: pd.Categorical) -> None:
    table = pd.DataFrame({"k": column, "x": np.arange(len(column))})
    back = decode_table(encode_table(table), source="table.parquet")
    pd.testing.assert_frame_equal(back, table)
    assert table_checksum(back) == table_checksum(table)


def test_categories_that_are_times_come_back_as_times_with_the_same_checksum() -> None:
    times = pd.to_datetime(["2020-01-01", "2021-01-01"]).astype("datetime64[us]")
    table = pd.DataFrame({"k": pd.Categorical(times)})
    back = decode_table(encode_table(table), source="table.parquet")
    assert back["k"].tolist() == list(times)
    assert table_checksum(back) == table_checksum(table)


def test_other_readers_find_plain_columns_where_categories_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(encode_table(pd.DataFrame({"k": pd.Categorical([1, 2, 1])})))
    assert pd.read_parquet(path)["k"].tolist() == [1, 2, 1]


def test_half_a_character_in_a_cell_is_one_clear_error() -> None:
    table = pd.DataFrame({"x": pd.Series(["a\ud800"], dtype=object)})
    for read in (encode_table, table_checksum):
        with pytest.raises(InvalidDatasetError, match="a text that is no Unicode") as caught:
            read(table)
        assert "surrogates" in caught.value.hint
