"""Columns of texts work whichever type the installed pandas gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2

CLASSES = ["active", "inactive", "active", "inactive"]


@pytest.mark.parametrize("dtype", ["str", "object", "string", "category"])
def test_a_target_of_texts_is_a_classification(dtype: Any) -> None:
    """With the text type of pandas 3, a benchmark on a target of texts failed with a TypeError."""
    table = pd.DataFrame({"x": [1, 2, 3, 4], "class": pd.Series(CLASSES, dtype=dtype)})
    benchmark = SingleTaskBenchmarkSpecification(
        dataset=Dataset(table=table),
        input_cols="x",
        target_cols="class",
        split=([0, 1], [2, 3]),
        metrics=["accuracy"],
    )
    assert benchmark.target_types == {"class": "classification"}
    assert benchmark.n_classes == {"class": 2}
    assert benchmark.evaluate(["active", "active"]).results["Score"].tolist() == [0.5]


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_texts_of_a_table_can_be_put_into_an_archive(tmp_path: Path, dtype: Any) -> None:
    """Writing a column of texts as objects to an archive failed with new versions of pandas."""
    texts = pd.Series(["C", "CCO", "", "é"], dtype=dtype)
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"smiles": texts, "y": np.arange(4.0)})
    assert [dataset[i, "smiles"] for i in dataset.rows] == texts.tolist()


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_the_checksum_of_texts_does_not_depend_on_their_type(dtype: Any) -> None:
    """A dataset that was published with one pandas and read with another has to stay the same."""
    table = pd.DataFrame({"smiles": pd.Series(["CCO", "CCN", "CCC"], dtype=dtype)})
    assert Dataset(table=table) == Dataset(table=table.astype("object"))
