"""A command line to run, and a hub in a folder with something on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.evaluate import BenchmarkResults
from polaris_adapters.cli.main import main


@attrs.frozen
class Ended:
    """How a command ended.

    Attributes:
        code: The exit code.
        out: What it wrote to standard output.
        err: What it wrote to standard error.
    """

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error on standard error, read as JSON."""
        found: dict[str, Any] = json.loads(self.err)["error"]
        return found


Polaris = Callable[..., Ended]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    """The URL of an empty hub in a folder."""
    return (tmp_path / "hub").as_uri()


@pytest.fixture
def polaris(hub_url: str, capfd: pytest.CaptureFixture[str]) -> Polaris:
    """Runs ``polaris`` in this process, on the hub; its arguments are those of the command."""

    def run(*arguments: str, hub: str | None = hub_url) -> Ended:
        capfd.readouterr()
        code = main([*([] if hub is None else ["--hub", hub]), *arguments])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return run


def run_process(
    *arguments: str, environment: Mapping[str, str] | None = None, timeout: float = 100
) -> Ended:
    """Run ``polaris`` in a process of its own.

    Args:
        *arguments: What follows ``polaris``.
        environment: Added to that of this process.
        timeout: Seconds after which it has failed.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "polaris_adapters.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def process() -> Polaris:
    """Runs ``polaris`` in a process of its own."""
    return run_process


@pytest.fixture
def dataset() -> Dataset:
    """Ten molecules with a measured value."""
    table = pd.DataFrame(
        {"smiles": ["C" * (i + 1) for i in range(10)], "y": np.linspace(0.5, 5.0, 10)}
    )
    return Dataset(
        name="hello_world",
        owner="acme",
        license="CC-BY-4.0",
        description="Ten alkanes.",
        table=table,
    )


@pytest.fixture
def benchmark(dataset: Dataset) -> SingleTaskBenchmarkSpecification:
    """A benchmark on the dataset."""
    return SingleTaskBenchmarkSpecification(
        name="hello_benchmark",
        owner="acme",
        dataset=dataset,
        input_cols="smiles",
        target_cols="y",
        split=(list(range(8)), [8, 9]),
        metrics=["r2", "mean_absolute_error"],
        main_metric="mean_absolute_error",
        target_types={"y": "regression"},
    )


@pytest.fixture
def dataset_file(dataset: Dataset, tmp_path: Path) -> str:
    """The document of the dataset, in a folder."""
    return dataset.to_json(tmp_path / "dataset")


@pytest.fixture
def benchmark_file(benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path) -> str:
    """The document of the benchmark, in a folder."""
    return benchmark.to_json(tmp_path / "benchmark")


@pytest.fixture
def published(polaris: Polaris, dataset_file: str, benchmark_file: str) -> Polaris:
    """Runs ``polaris`` on a hub that has the dataset and the benchmark."""
    for noun, file in (("dataset", dataset_file), ("benchmark", benchmark_file)):
        ended = polaris(noun, "put", file, "--access", "public")
        assert ended.code == 0, ended.err
    return polaris


@pytest.fixture
def results_file(
    benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> Callable[[str, float], str]:
    """Writes results that are off by some offset, and returns the path of their file."""

    def write(name: str, offset: float) -> str:
        truth = benchmark.dataset.table["y"].to_numpy()[[8, 9]]
        results = benchmark.evaluate(truth + offset)
        assert isinstance(results, BenchmarkResults)
        results.name = name
        path = tmp_path / f"{name}.json"
        results.to_json(path)
        return str(path)

    return write
