"""A table and its metrics need no chemistry, no cloud and no old versions of anything."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata

import pytest

OPTIONAL = (
    "biotite", "boto3", "botocore", "dask", "datamol", "fastpdb", "fsspec", "imagecodecs", "loguru",
    "matplotlib", "networkx", "polars", "rdkit", "rich", "s3fs", "seaborn", "sqlalchemy", "zarr",
)  # fmt: skip

WORK = f"""
import sys
class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OPTIONAL!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NotInstalled())
import pandas as pd
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset

table = pd.DataFrame({{"smiles": ["C", "CC", "CCC"], "y": [0.5, 1.5, 2.5]}})
benchmark = SingleTaskBenchmarkSpecification(
    dataset=Dataset(table=table), input_cols="smiles", target_cols="y",
    split=([0], [1, 2]), metrics=["mean_absolute_error", "spearmanr"],
)
train, test = benchmark.get_train_test_split()
assert list(train.y) == [0.5] and list(test.X) == ["CC", "CCC"]
assert len(benchmark.evaluate([1.5, 2.5]).results) == 2
"""


def _required() -> dict[str, str]:
    """Return what is always installed, by name, with the versions that are allowed."""
    found = metadata.requires("polaris-hub") or []
    always = [text for text in found if "extra ==" not in text]
    return {re.split(r"[^\w.-]", text)[0].lower(): text for text in always}


def test_nothing_for_a_niche_is_always_installed() -> None:
    """polaris-lib requires RDKit, structures, plots and a cloud for whoever reads a table."""
    niche = set(OPTIONAL) - {"zarr"}
    assert len(_required()) > 5
    assert not niche & set(_required())


def test_new_versions_of_python_and_arrays_are_allowed() -> None:
    """Upper bounds kept users from Python 3.13, from pyarrow 18 and from Zarr 3."""
    python = metadata.metadata("polaris-hub")["Requires-Python"]
    assert "<" not in python
    assert "<" not in _required()["pyarrow"]
    assert re.search(r">=3", _required()["zarr"])


@pytest.mark.slow
def test_a_table_is_evaluated_where_nothing_else_is_installed() -> None:
    """Importing polaris-lib imports RDKit, Zarr, structures and plots, needed or not."""
    done = subprocess.run(
        [sys.executable, "-c", WORK], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
