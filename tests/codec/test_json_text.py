"""JSON text."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.codec.json_text import dumps, loads
from polaris.errors import DamagedFileError, InvalidInputError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(st.text(st.characters(codec="utf-8")), values, max_size=4)


@given(objects, st.none() | st.integers(0, 4))
def test_objects_round_trip_through_their_text(value: dict[str, Any], indent: int | None) -> None:
    assert loads(dumps(value, indent=indent), source="x") == value


def test_text_is_compact_keeps_the_order_of_keys_and_its_letters() -> None:
    assert dumps({"b": [1, 2], "a": "é"}) == '{"b":[1,2],"a":"é"}'
    assert dumps({"b": 1}, indent=1) == '{\n "b": 1\n}'


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, object(), {1, 2}, {(1, 2): 3}, b"x"]
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        dumps({"x": [value]})
    assert caught.value.hint


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InvalidInputError):
        dumps({"x": loop})


def test_broken_text_is_reported_with_file_line_and_column() -> None:
    with pytest.raises(DamagedFileError) as caught:
        loads('{\n  "a": 1,\n  "b" 2\n}', source="dataset.json")
    assert caught.value.message.startswith("dataset.json is not JSON")
    assert caught.value.message.endswith("at line 3, column 7")


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"{", "[" * 100_000, '{"a": ' + "1" * 5000 + "}", b"PAR1\x00\x15"],
    ids=["empty", "no text", "cut", "too deep", "too long a number", "parquet"],
)
def test_what_is_no_json_is_a_damaged_file(data: bytes | str) -> None:
    with pytest.raises(DamagedFileError, match=r"^x\.json is not JSON"):
        loads(data, source="x.json")


@pytest.mark.parametrize("data", ["[]", "5", "null", '"text"', "true"])
def test_a_document_is_an_object(data: str) -> None:
    with pytest.raises(DamagedFileError, match="not an object"):
        loads(data, source="x.json")


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    assert loads(b'\xef\xbb\xbf{"a": 1}', source="x") == {"a": 1}
