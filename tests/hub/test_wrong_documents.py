"""Files that are not what they are taken for: one clear error that tells what they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    ObjectNotFoundError,
    PolarisChecksumError,
)


@pytest.fixture
def benchmark_file(dataset: Dataset, tmp_path: Path) -> Path:
    benchmark = SingleTaskBenchmarkSpecification(
        name="hello_benchmark",
        owner="acme",
        dataset=dataset,
        input_cols="smiles",
        target_cols="y",
        split=([0, 1], [2, 3]),
        metrics="mean_absolute_error",
    )
    return Path(benchmark.to_json(tmp_path / "saved"))


def test_the_document_of_something_else_is_not_taken_for_a_dataset(benchmark_file: Path) -> None:
    with pytest.raises(InvalidDatasetError, match=r"benchmark\.json is not the document"):
        po.load_dataset(benchmark_file)


def test_the_document_of_a_dataset_is_not_taken_for_a_benchmark(benchmark_file: Path) -> None:
    document = benchmark_file.parent / "hello-world.json"
    with pytest.raises(DamagedFileError, match="is not the document of a benchmark"):
        po.load_benchmark(document)


@pytest.mark.parametrize("path", ["", ".", "..", "/", 5, {}])
def test_a_benchmark_whose_dataset_is_no_file_is_refused(benchmark_file: Path, path: Any) -> None:
    document = json.loads(benchmark_file.read_text()) | {"dataset": path}
    benchmark_file.write_text(json.dumps(document))
    benchmark_file.with_suffix(".sha256").unlink()
    with pytest.raises(DamagedFileError, match="must be the path of its dataset's document"):
        po.load_benchmark(benchmark_file)


def test_a_folder_is_not_said_to_be_missing(benchmark_file: Path) -> None:
    with pytest.raises(ObjectNotFoundError, match=r"saved is a folder") as caught:
        Dataset.from_json(str(benchmark_file.parent))
    assert ".json" in caught.value.hint


@pytest.mark.parametrize("name", ["hello-world", "benchmark"])
def test_a_manifest_that_was_emptied_is_refused(benchmark_file: Path, name: str) -> None:
    (benchmark_file.parent / f"{name}.sha256").write_bytes(b"")
    with pytest.raises(PolarisChecksumError, match=f"{name}.sha256 does not name {name}.json"):
        po.load_benchmark(benchmark_file)
    assert po.load_benchmark(benchmark_file, verify_checksum=False).name == "hello_benchmark"
