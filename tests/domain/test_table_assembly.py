"""Putting tables together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.table_assembly import beside, joined_on, stacked, typed_texts
from polaris.errors import InvalidDatasetError


def test_columns_are_put_beside_columns_by_position() -> None:
    table = pd.DataFrame({"a": [1, 2]})
    found = beside(table, pd.DataFrame({"b": ["x", "y"]}))
    assert found.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert list(table.columns) == ["a"]


def test_the_first_columns_are_copied() -> None:
    first = pd.DataFrame({"a": [1, 2]})
    found = beside(None, first)
    found.loc[0, "a"] = 9
    assert first["a"].tolist() == [1, 2]


@pytest.mark.parametrize("labelled", [0, 1])
def test_labels_of_rows_are_kept_when_one_table_has_them(labelled: int) -> None:
    parts = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"b": [3, 4]})]
    parts[labelled].index = pd.Index(["x", "y"])
    found = beside(parts[0], parts[1])
    assert found.index.tolist() == ["x", "y"]
    assert found.to_numpy().tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (pd.DataFrame({"a": [3, 4]}), "'a' already"),
        (pd.DataFrame({"b": [3]}), "1 rows, the table has 2"),
        (pd.DataFrame({"b": [3, 4]}, index=["y", "x"]), "other labels"),
    ],
)
def test_columns_that_do_not_fit_are_refused(new: pd.DataFrame, message: str) -> None:
    with pytest.raises(InvalidDatasetError, match=message) as caught:
        beside(pd.DataFrame({"a": [1, 2]}, index=["x", "y"]), new)
    assert caught.value.hint


def test_a_join_keeps_the_order_and_all_rows() -> None:
    table = pd.DataFrame({"k": ["c", "a", "b"], "x": [1, 2, 3]})
    found = joined_on(table, pd.DataFrame({"k": ["d", "b", "c"], "y": [7.0, 8.0, 9.0]}), "k")
    assert found["k"].tolist() == ["c", "a", "b", "d"]
    np.testing.assert_array_equal(found["x"], [1, 2, 3, np.nan])
    np.testing.assert_array_equal(found["y"], [9, np.nan, 8, 7])


def test_one_table_may_repeat_the_key() -> None:
    table = pd.DataFrame({"k": [1, 1, 2]})
    assert joined_on(table, pd.DataFrame({"k": [2, 1], "y": [5, 6]}), "k")["y"].tolist() == [
        6,
        6,
        5,
    ]
    found = joined_on(pd.DataFrame({"k": [1, 2]}), pd.DataFrame({"k": [1, 1], "y": [5, 6]}), "k")
    assert found["k"].tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("table", "new", "message"),
    [
        (None, {"k": [1]}, "no column 'k'"),
        ({"a": [1]}, {"k": [1]}, "The table has no column 'k'"),
        ({"k": [1]}, {"a": [1]}, "The new table has no column 'k'"),
        ({"k": [1], "a": [1]}, {"k": [1], "a": [1]}, "'a' already"),
        ({"k": [1, 1]}, {"k": [1, 1], "b": [1, 2]}, "repeat values"),
        ({"k": [1]}, {"k": ["1"], "b": [1]}, "int64"),
    ],
)
def test_tables_that_cannot_be_joined_are_refused(table: Any, new: Any, message: str) -> None:
    with pytest.raises(InvalidDatasetError, match=message) as caught:
        joined_on(None if table is None else pd.DataFrame(table), pd.DataFrame(new), "k")
    assert caught.value.hint


def test_rows_are_put_below_rows() -> None:
    found = stacked([pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [3], "b": ["x"]})])
    assert found["a"].tolist() == [1, 2, 3]
    assert found.index.tolist() == [0, 1, 2]
    assert found["b"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("texts", "expected", "kind"),
    [
        (["1", "-2", "+3", " 4 "], [1, -2, 3, 4], "i"),
        (["1", "2.5", "1e3", ".5", "-0"], [1, 2.5, 1000, 0.5, 0], "f"),
        (["1", None, ""], [1, np.nan, np.nan], "f"),
        (["nan", "inf", "-Infinity"], [np.nan, np.inf, -np.inf], "f"),
    ],
)
def test_texts_that_are_all_numbers_become_numbers(
    texts: list[str | None], expected: list[float], kind: str
) -> None:
    found = typed_texts(texts)
    assert found.dtype.kind == kind
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "texts",
    [
        ["1", "two"],
        ["007", "1"],
        ["00.5"],
        ["1_000"],
        ["0x1"],
        ["12345678901234567890123"],
        ["123456789012345678", None],
        ["123456789012345678", "1.5"],
        ["\u0661", "1\u0661"],
        ["infinite"],
        ["1\n2"],
    ],
)
def test_other_texts_stay_texts(texts: list[str | None]) -> None:
    found = typed_texts(texts)
    assert [None if pd.isna(cell) else cell for cell in found] == texts


def test_missing_texts_are_missing() -> None:
    assert typed_texts(["a", None]).isna().tolist() == [False, True]
    assert typed_texts([None, None]).isna().all()
    assert typed_texts(["a", ""]).tolist() == ["a", ""]


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1))
def test_whole_numbers_survive(numbers: list[int]) -> None:
    texts = [str(number) for number in numbers]
    fit = all(abs(number) < 10**18 for number in numbers)
    assert typed_texts(texts).tolist() == (numbers if fit else texts)


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_numbers_survive(numbers: list[float]) -> None:
    assert [float(value) for value in typed_texts([repr(number) for number in numbers])] == numbers
