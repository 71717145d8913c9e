"""Paths that are none, that are of the other kind, or that nothing can be written to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, create_dataset_from_file
from polaris.errors import InvalidInputError, PolarisError, StorageError
from polaris.evaluate import BenchmarkResults

PROC = Path("/proc/self")


@pytest.fixture
def results(benchmark: SingleTaskBenchmarkSpecification) -> BenchmarkResults:
    return benchmark.evaluate([1.0, 2.0])


@pytest.fixture(params=["dataset", "benchmark", "results"])
def save(
    request: pytest.FixtureRequest,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    results: BenchmarkResults,
) -> Callable[[Any], Any]:
    """Saves one of the kinds of artifact to a path."""
    kinds: dict[str, Any] = {"dataset": dataset, "benchmark": benchmark, "results": results}
    method: Callable[[Any], Any] = kinds[request.param].to_json
    return method


LOADERS: list[Callable[[Any], Any]] = [
    po.load_dataset,
    po.load_benchmark,
    Dataset.from_json,
    SingleTaskBenchmarkSpecification.from_json,
    BenchmarkResults.from_json,
    create_dataset_from_file,
]
NO_PATHS: list[Any] = [None, 5, b"file.json", [], "", "  "]


@pytest.mark.parametrize("path", NO_PATHS)
@pytest.mark.parametrize("load", LOADERS)
def test_loading_from_what_is_no_path_is_refused(load: Callable[[Any], Any], path: Any) -> None:
    with pytest.raises(InvalidInputError, match="is not a path") as caught:
        load(path)
    assert caught.value.hint


@pytest.mark.parametrize("path", NO_PATHS)
def test_saving_to_what_is_no_path_is_refused(save: Callable[[Any], Any], path: Any) -> None:
    with pytest.raises(InvalidInputError, match="is not a path"):
        save(path)


@pytest.mark.parametrize("path", ["x" * 300, "x/" * 3000, "x" * 300 + ".json", "~nobody-here/x"])
@pytest.mark.parametrize("load", LOADERS)
def test_a_path_that_the_system_refuses_is_one_short_error(
    load: Callable[[Any], Any], path: str, tmp_path: Path
) -> None:
    with pytest.raises(PolarisError) as caught:
        load(path if path.startswith("~") else f"{tmp_path}/{path}")
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("path", ["x" * 300, "x/" * 3000, "~nobody-here/x", "a\0b", "\ud800"])
def test_saving_to_a_path_that_the_system_refuses_is_one_short_error(
    save: Callable[[Any], Any], path: str, tmp_path: Path
) -> None:
    with pytest.raises(PolarisError) as caught:
        save(path if path.startswith("~") else f"{tmp_path}/{path}/results.json")
    assert len(str(caught.value)) < 1000


@pytest.mark.skipif(not PROC.exists(), reason="there is no folder without files here")
@pytest.mark.timeout(60)
def test_saving_where_no_file_can_be_made_ends(save: Callable[[Any], Any]) -> None:
    with pytest.raises(StorageError) as caught:
        save(PROC / "made-by-a-test")
    assert caught.value.hint


def test_results_do_not_take_the_place_of_a_folder(
    results: BenchmarkResults, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="is a folder") as caught:
        results.to_json(tmp_path)
    assert "Debug" not in str(caught.value)
    assert tmp_path.is_dir()


@pytest.mark.parametrize("end", ["/", "/.", "/.."])
def test_the_path_of_a_folder_is_told_from_one_of_a_file(
    results: BenchmarkResults, tmp_path: Path, end: str
) -> None:
    with pytest.raises(InvalidInputError, match="is the path of a folder, not of a file"):
        results.to_json(f"{tmp_path}{end}")
    with pytest.raises(InvalidInputError, match="is the path of a folder, not of a file"):
        BenchmarkResults.from_json(f"{tmp_path}{end}")


def test_an_archive_may_be_given_as_a_path_object(zarr_dataset: Dataset) -> None:
    path: Any = Path(str(zarr_dataset.zarr_root_path))
    again = Dataset(
        table=zarr_dataset.table, annotations=zarr_dataset.annotations, zarr_root_path=path
    )
    assert again.zarr_root_path == str(path)
    assert again.get_data(0, "fp").tolist() == [0.0, 1.0, 2.0]
    again.zarr_root_path = path
    assert again == zarr_dataset


@pytest.mark.parametrize("path", [5, b"a.zarr", ""])
def test_an_archive_that_is_no_path_is_refused(zarr_dataset: Dataset, path: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"zarr_root_path: .* is not a path"):
        zarr_dataset.zarr_root_path = path
