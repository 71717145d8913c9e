"""Predictions of single rows as parquet."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from polaris.codec.examples import decode_examples, encode_examples
from polaris.domain.examples import Examples
from polaris.domain.predictions import BenchmarkPredictions
from polaris.errors import DamagedFileError, InvalidResultError


def _predictions(nested: dict[str, dict[str, Any]]) -> BenchmarkPredictions:
    return BenchmarkPredictions(
        predictions=nested,
        target_labels=list(next(iter(nested.values()))),
        test_set_labels=list(nested),
        test_set_sizes={test: len(next(iter(by.values()))) for test, by in nested.items()},
    )


@pytest.mark.parametrize(
    "values",
    [
        [0.1, 1e-300, np.nan, -np.inf],
        [1, 0, 2**60, -1],
        [True, False, True, True],
        ["a", "b", "ü", ""],
        np.array(["a", None, "b", "a"], dtype=object),
        np.array([True, False, True, True], dtype=object),
        np.array([0.1, 0.2, 0.3, 0.4], dtype=np.float32),
        np.arange(4, dtype=np.uint8),
    ],
)
def test_values_come_back_as_they_were(values: Any) -> None:
    examples = Examples(_predictions({"near": {"y": values[:3]}, "far": {"y": values[3:]}}))
    assert examples.is_plain
    again = decode_examples(encode_examples(examples), source="x")
    assert again.y_pred is not None
    assert again.y_prob is None
    assert again.test_set_sizes == {"near": 3, "far": 1}
    for test, part in (("near", values[:3]), ("far", values[3:])):
        found = again.y_pred.predictions[test]["y"]
        np.testing.assert_array_equal(found, np.asarray(part))
        if isinstance(part, np.ndarray) and part.dtype.kind in "fu":
            assert found.dtype == part.dtype


def test_scores_of_classes_and_several_targets_come_back() -> None:
    random = np.random.default_rng(0)
    labels = _predictions({"test": {"y": [1, 0, 2], "a/b": ["p", "q", "q"]}})
    scores = _predictions({"test": {"y": random.random((3, 3)), "a/b": random.random((3, 1))}})
    again = decode_examples(encode_examples(Examples(labels, scores)), source="x")
    assert again.target_labels == ["y", "a/b"]
    assert again.y_pred is not None
    assert again.y_prob is not None
    for target in ("y", "a/b"):
        for new, old in ((again.y_pred, labels), (again.y_prob, scores)):
            found, given = new.predictions["test"][target], old.predictions["test"][target]
            assert found.shape == given.shape
            assert (found == given).all()


def test_the_file_is_a_table_that_others_can_read() -> None:
    examples = Examples(_predictions({"near": {"y": [0.5, 1.5]}, "far": {"y": [2.5]}}))
    data = encode_examples(examples)
    assert encode_examples(examples) == data
    table = pd.read_parquet(io.BytesIO(data))
    assert table.to_dict("list") == {
        "test_set": ["near", "near", "far"], "row": [0, 1, 0], "y_pred/y": [0.5, 1.5, 2.5],
    }  # fmt: skip


def test_a_test_set_may_be_empty() -> None:
    examples = Examples(_predictions({"near": {"y": np.array([])}, "far": {"y": [2.5]}}))
    again = decode_examples(encode_examples(examples), source="x")
    assert again.test_set_sizes == {"near": 0, "far": 1}


class _Molecule:
    pass


@pytest.mark.parametrize(
    "values",
    [
        np.array([_Molecule(), _Molecule()], dtype=object),
        np.array([1j, 2j]),
        np.array(["a", 1], dtype=object),
        np.zeros((2, 2, 2)),
    ],
)
def test_what_a_file_cannot_hold_is_refused(values: Any) -> None:
    examples = Examples(_predictions({"test": {"y": values}}))
    with pytest.raises(
        InvalidResultError, match="cannot be kept in a file: y_pred of 'y'"
    ) as error:
        encode_examples(examples)
    assert "examples = None" in error.value.hint


def _altered(change: Any) -> bytes:
    data = encode_examples(Examples(_predictions({"test": {"y": [0.5, 1.5]}})))
    table = pq.read_table(io.BytesIO(data))
    buffer = io.BytesIO()
    pq.write_table(change(table), buffer)
    return buffer.getvalue()


def _described(**changes: Any) -> Any:
    def change(table: pa.Table) -> pa.Table:
        described = json.loads(table.schema.metadata[b"polaris.examples"]) | changes
        return table.replace_schema_metadata({b"polaris.examples": json.dumps(described)})

    return change


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1 and no more",
        _altered(lambda table: table.replace_schema_metadata({})),
        _altered(lambda table: table.slice(1)),
        _altered(lambda table: table.drop_columns(["y_pred/y"])),
        _altered(_described(given=[])),
        _altered(_described(given=["y_pred", "y_prob"])),
        _altered(_described(test_set_sizes={"test": 3})),
        _altered(_described(test_set_sizes=None)),
        _altered(_described(version=2)),
    ],
    ids=[
        "empty", "cut", "undescribed", "short", "no-column", "nothing", "too-much", "size",
        "no-sizes", "version",
    ],
)  # fmt: skip
def test_a_damaged_file_is_named(data: bytes) -> None:
    with pytest.raises(DamagedFileError, match=r"results\.examples\.parquet") as caught:
        decode_examples(data, source="results.examples.parquet")
    assert caught.value.hint
