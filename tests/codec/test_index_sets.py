"""Index sets in JSON files."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from polaris.codec.index_sets import index_set_from_file, index_set_to_file
from polaris.domain.index_set import IndexSet
from polaris.errors import DamagedFileError, PolarisChecksumError


def _read(form: Any, *, verify: bool = True) -> IndexSet:
    return index_set_from_file(form, source="split 'a', test", verify=verify)


def test_small_sets_are_listed() -> None:
    form = index_set_to_file(IndexSet([3, 1, 2]))
    assert form == {
        "datapoints": 3,
        "md5_checksum": IndexSet([1, 2, 3]).md5_checksum,
        "indices": [1, 2, 3],
    }
    assert _read(form) == IndexSet([1, 2, 3])


def test_large_sets_are_bitmaps() -> None:
    held = IndexSet(np.arange(0, 4 * 10**6, 3))
    form = index_set_to_file(held)
    assert base64.b64decode(form["roaring"]) == held.serialize()
    assert "indices" not in form
    assert _read(json.loads(json.dumps(form))) == held


@given(st.sets(st.integers(0, 2**32 - 1), max_size=30))
def test_every_set_comes_back_with_its_checksum(held: set[int]) -> None:
    made = IndexSet(held)
    read = _read(json.loads(json.dumps(index_set_to_file(made))))
    assert read == made
    assert read.md5_checksum == made.md5_checksum


def test_bytes_of_another_encoding_come_back_as_they_were() -> None:
    data = BitMap(list(range(1000)), optimize=False).serialize()
    form = index_set_to_file(IndexSet.deserialize(data))
    assert _read(form).serialize() == data


def test_count_and_checksum_may_be_missing() -> None:
    assert _read({"indices": [4, 5]}) == IndexSet([4, 5])


@pytest.mark.parametrize(
    "form",
    [
        None,
        [1, 2],
        {},
        {"datapoints": 3, "md5Checksum": "0" * 32},
        {"indices": [1, 1]},
        {"indices": [-1]},
        {"indices": "12"},
        {"indices": {"a": 1}},
        {"roaring": None},
        {"roaring": 5},
        {"roaring": "not base64 !"},
        {"roaring": "ümlaut"},
        {"roaring": ""},
        {"roaring": base64.b64encode(b"no bitmap").decode()},
    ],
    ids=str,
)
def test_what_holds_no_set_is_refused(form: Any) -> None:
    with pytest.raises(DamagedFileError, match="split 'a', test"):
        _read(form, verify=False)


@pytest.mark.parametrize(
    ("key", "value"),
    [("datapoints", 4), ("md5_checksum", "0" * 32), ("md5Checksum", "0" * 32)],
)
def test_a_set_that_was_altered_is_noticed(key: str, value: Any) -> None:
    form = {"indices": [1, 2, 3], key: value}
    with pytest.raises(PolarisChecksumError, match="split 'a', test has"):
        _read(form)
    assert _read(form, verify=False) == IndexSet([1, 2, 3])
