"""What comes out does not depend on how a process orders its sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORK = """
import json, sys
import numpy as np
import pandas as pd
from pathlib import Path
from polaris.benchmark import MultiTaskBenchmarkSpecification
from polaris.dataset import Dataset

columns = ["delta", "alpha", "gamma", "beta", "y2", "y1", "y3"]
table = pd.DataFrame({name: np.arange(6) + 0.5 for name in columns})
benchmark = MultiTaskBenchmarkSpecification(
    name="many_columns", owner="acme",
    dataset=Dataset(name="many_columns", owner="acme", table=table),
    input_cols=columns[:4], target_cols=columns[4:],
    split=([0, 1], {"second": [2, 3], "first": [4, 5]}),
    metrics=["r2", "mean_absolute_error", "mean_squared_error", "explained_var"],
)
predictions = {name: [1.0, 2.0] for name in columns[4:]}
results = benchmark.evaluate({"first": predictions, "second": predictions})
results.name = "some_results"
folder = Path(sys.argv[1])
benchmark.to_json(folder)
results.to_json(folder / "results.json")
train, _ = benchmark.get_train_test_split()
print(results.results.to_csv())
print(benchmark.model_dump_json(by_alias=True))
print(list(train[0][0]), train.as_dataframe().columns.tolist())
for path in sorted(folder.iterdir()):
    print(path.name, path.read_bytes())
"""


@pytest.mark.slow
def test_two_processes_write_the_same(tmp_path: Path) -> None:
    """Rows of results, inputs and the columns in a file came in the order of a set of texts.

    It differs from process to process: files could not be compared, and models that take columns by
    position were given them mixed up.
    """
    shown = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        done = subprocess.run(
            [sys.executable, "-c", WORK, str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        shown.append(done.stdout)
    assert "many-columns.json" in shown[0]
    assert shown[0] == shown[1]
