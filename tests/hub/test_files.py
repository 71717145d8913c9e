"""Saving artifacts to files and loading them back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import polaris as po
from polaris.benchmark import BenchmarkSpecification, SingleTaskBenchmarkSpecification
from polaris.dataset import ColumnAnnotation, Dataset
from polaris.errors import (
    DamagedFileError,
    InvalidBenchmarkError,
    InvalidDatasetError,
    InvalidInputError,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisChecksumError,
)
from polaris.evaluate import BenchmarkResults


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_saved_dataset_loads_equal(dataset: Dataset, tmp_path: Path) -> None:
    path = dataset.to_json(tmp_path / "out")
    assert Path(path) == tmp_path / "out" / "hello-world.json"
    assert sorted(_contents(tmp_path / "out")) == [
        "hello-world.json",
        "hello-world.sha256",
        "table.parquet",
    ]
    for loaded in (Dataset.from_json(path), po.load_dataset(path)):
        assert loaded == dataset
        assert str(loaded.owner) == "acme"
        assert loaded.license == "CC-BY-4.0"


def test_a_saved_archive_loads_equal_under_the_name_it_had(
    zarr_dataset: Dataset, tmp_path: Path
) -> None:
    path = zarr_dataset.to_json(tmp_path / "out")
    assert (tmp_path / "out" / "data.zarr" / ".zmetadata").is_file()
    loaded = po.load_dataset(path)
    assert loaded == zarr_dataset
    for row in loaded.rows:
        np.testing.assert_array_equal(loaded.get_data(row, "fp"), zarr_dataset.get_data(row, "fp"))


def test_a_saved_folder_can_be_moved(zarr_dataset: Dataset, tmp_path: Path) -> None:
    zarr_dataset.to_json(tmp_path / "out")
    shutil.rmtree(tmp_path / "source")
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    loaded = po.load_dataset(str(tmp_path / "elsewhere" / "with-arrays.json"))
    np.testing.assert_array_equal(loaded.get_data(1, "fp"), np.array([3, 4, 5], np.float32))


def test_a_relative_path_is_one_from_the_working_directory(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = dataset.to_json("out")
    assert path == "out/hello-world.json"
    assert po.load_dataset(path) == dataset


def test_an_unnamed_dataset_is_saved_under_a_sensible_name(
    dataset: Dataset, tmp_path: Path
) -> None:
    path = Dataset(table=dataset.table).to_json(tmp_path)
    assert Path(path).name == "dataset.json"
    assert po.load_dataset(path) == dataset


def test_saving_twice_gives_the_same_bytes(zarr_dataset: Dataset, tmp_path: Path) -> None:
    zarr_dataset.to_json(tmp_path / "a")
    po.load_dataset(tmp_path / "a" / "with-arrays.json").to_json(tmp_path / "b")
    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")


@pytest.mark.parametrize("if_exists", ["replace", "skip"])
def test_saving_where_it_was_loaded_from_harms_nothing(
    zarr_dataset: Dataset, tmp_path: Path, if_exists: str
) -> None:
    path = zarr_dataset.to_json(tmp_path / "out")
    before = _contents(tmp_path / "out")
    loaded = po.load_dataset(path)
    loaded.to_json(tmp_path / "out", if_exists=if_exists)
    loaded.cache(tmp_path / "out", if_exists=if_exists)
    assert _contents(tmp_path / "out") == before
    assert po.load_dataset(path) == zarr_dataset


@pytest.mark.parametrize("link", [False, True])
def test_saving_beside_the_source_archive_keeps_it(
    zarr_dataset: Dataset, tmp_path: Path, link: bool
) -> None:
    folder = tmp_path / "source"
    before = _contents(folder / "data.zarr")
    if link:
        (tmp_path / "link").symlink_to(folder)
        folder = tmp_path / "link"
    path = zarr_dataset.to_json(folder)
    assert _contents(folder / "data.zarr") == before
    assert po.load_dataset(path) == zarr_dataset


def test_saving_into_the_own_archive_is_refused(zarr_dataset: Dataset, tmp_path: Path) -> None:
    before = _contents(tmp_path / "source")
    with pytest.raises(InvalidInputError, match="own archive"):
        zarr_dataset.to_json(tmp_path / "source" / "data.zarr" / "inside")
    assert _contents(tmp_path / "source") == before


def test_raise_refuses_before_anything_is_written(dataset: Dataset, tmp_path: Path) -> None:
    dataset.to_json(tmp_path)
    before = _contents(tmp_path)
    other = Dataset(name="other_name", table=dataset.table.assign(y=0.0))
    with pytest.raises(ObjectExistsError):
        other.to_json(tmp_path, if_exists="raise")
    assert _contents(tmp_path) == before


def test_raise_accepts_an_empty_folder(zarr_dataset: Dataset, tmp_path: Path) -> None:
    path = zarr_dataset.to_json(tmp_path / "fresh", if_exists="raise")
    assert po.load_dataset(path) == zarr_dataset


def test_replacing_leaves_no_file_of_the_old_archive(zarr_dataset: Dataset, tmp_path: Path) -> None:
    stale = tmp_path / "out" / "data.zarr" / "old" / "0"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"old")
    path = zarr_dataset.to_json(tmp_path / "out")
    assert not stale.exists()
    assert po.load_dataset(path) == zarr_dataset


def test_caching_moves_the_archive_below_the_cache(zarr_dataset: Dataset, tmp_path: Path) -> None:
    md5sum = zarr_dataset.md5sum
    folder = zarr_dataset.cache(tmp_path / "cache")
    assert folder == str(tmp_path / "cache")
    assert str(zarr_dataset.zarr_root_path).startswith(str(tmp_path / "cache"))
    shutil.rmtree(tmp_path / "source")
    np.testing.assert_array_equal(zarr_dataset.get_data(2, "fp"), np.array([6, 7, 8], np.float32))
    assert zarr_dataset.md5sum == md5sum


def test_the_default_cache_is_used_again_and_made_only_when_asked_for(
    zarr_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARIS_CACHE_DIR", str(tmp_path / "caches"))
    assert not (tmp_path / "caches").exists()
    assert zarr_dataset.cache() == zarr_dataset.cache()
    documents = list((tmp_path / "caches").rglob("*.json"))
    assert len(documents) == 1


class TestTampering:
    """Files that were altered are refused, unless the caller says that it does not matter."""

    def test_an_altered_table(self, dataset: Dataset, tmp_path: Path) -> None:
        path = dataset.to_json(tmp_path)
        dataset.table.assign(y=9.0).to_parquet(tmp_path / "table.parquet")
        with pytest.raises(PolarisChecksumError, match=r"table\.parquet"):
            po.load_dataset(path)
        loaded = po.load_dataset(path, verify_checksum=False)
        assert isinstance(loaded, Dataset)
        assert (loaded.table["y"] == 9.0).all()

    def test_an_altered_table_without_our_manifest(self, dataset: Dataset, tmp_path: Path) -> None:
        path = dataset.to_json(tmp_path)
        (tmp_path / "hello-world.sha256").unlink()
        dataset.table.assign(y=9.0).to_parquet(tmp_path / "table.parquet")
        for strategy in (True, "verify", "verify_unless_zarr"):
            with pytest.raises(PolarisChecksumError):
                po.load_dataset(path, verify_checksum=strategy)

    @pytest.mark.parametrize("with_manifest", [True, False])
    def test_an_altered_chunk(
        self, zarr_dataset: Dataset, tmp_path: Path, with_manifest: bool
    ) -> None:
        path = zarr_dataset.to_json(tmp_path)
        if not with_manifest:
            (tmp_path / "with-arrays.sha256").unlink()
        chunk = tmp_path / "data.zarr" / "fingerprints" / "0.0"
        chunk.write_bytes(chunk.read_bytes()[:-1] + b"\xff")
        with pytest.raises(PolarisChecksumError):
            po.load_dataset(path)
        assert po.load_dataset(path, verify_checksum=False).n_rows == 10

    def test_an_altered_document(self, dataset: Dataset, tmp_path: Path) -> None:
        path = Path(dataset.to_json(tmp_path))
        path.write_text(path.read_text().replace("CC-BY-4.0", "MIT"))
        with pytest.raises(PolarisChecksumError, match=r"hello-world\.json"):
            po.load_dataset(path)
        assert po.load_dataset(path, verify_checksum=False).license == "MIT"

    def test_an_altered_benchmark(
        self, benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
    ) -> None:
        path = Path(benchmark.to_json(tmp_path))
        document = json.loads(path.read_text())
        document["split"] = [[0, 1], {"test": [2, 3]}]
        path.write_text(json.dumps(document))
        with pytest.raises(PolarisChecksumError):
            po.load_benchmark(path)
        (tmp_path / "benchmark.sha256").unlink()
        with pytest.raises(PolarisChecksumError):
            po.load_benchmark(path)
        assert po.load_benchmark(path, verify_checksum=False).n_train_datapoints == 2


class TestDamage:
    """What cannot be read is one clear error that names the file."""

    def test_a_missing_document(self, tmp_path: Path) -> None:
        with pytest.raises(ObjectNotFoundError, match=r"nothing\.json"):
            po.load_dataset(tmp_path / "nothing.json")

    def test_neither_a_file_nor_an_id(self) -> None:
        for text in ("nothing", "a/b/c", "s3://bucket/x"):
            with pytest.raises(InvalidInputError, match="neither"):
                po.load_dataset(text)

    def test_a_file_that_is_no_document(self, dataset: Dataset, tmp_path: Path) -> None:
        dataset.to_json(tmp_path)
        with pytest.raises(InvalidInputError, match="to_json"):
            po.load_dataset(tmp_path / "table.parquet")

    def test_a_missing_table(self, dataset: Dataset, tmp_path: Path) -> None:
        path = dataset.to_json(tmp_path)
        (tmp_path / "table.parquet").unlink()
        with pytest.raises(ObjectNotFoundError, match=r"table\.parquet"):
            po.load_dataset(path)

    def test_a_missing_table_is_not_taken_from_the_working_directory(
        self, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = dataset.to_json(tmp_path / "out")
        (tmp_path / "out" / "table.parquet").rename(tmp_path / "table.parquet")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ObjectNotFoundError, match=r"table\.parquet"):
            po.load_dataset(path)

    def test_a_damaged_table(self, dataset: Dataset, tmp_path: Path) -> None:
        path = dataset.to_json(tmp_path)
        (tmp_path / "table.parquet").write_bytes(b"PAR1 this is no parquet")
        with pytest.raises(DamagedFileError, match=r"table\.parquet"):
            po.load_dataset(path, verify_checksum=False)

    def test_a_missing_archive(self, zarr_dataset: Dataset, tmp_path: Path) -> None:
        path = zarr_dataset.to_json(tmp_path / "out")
        shutil.rmtree(tmp_path / "source")
        shutil.rmtree(tmp_path / "out" / "data.zarr")
        with pytest.raises(ObjectNotFoundError, match=r"data\.zarr"):
            po.load_dataset(path)

    def test_a_document_that_is_no_json(self, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text('{"table": ')
        with pytest.raises(DamagedFileError, match=r"x\.json"):
            po.load_dataset(tmp_path / "x.json")

    def test_all_problems_of_a_document_are_reported_together(
        self, dataset: Dataset, tmp_path: Path
    ) -> None:
        path = Path(dataset.to_json(tmp_path))
        document = json.loads(path.read_text())
        document |= {"license": "none", "name": "x!", "source": "not a url", "tags": "word"}
        path.write_text(json.dumps(document))
        with pytest.raises(InvalidDatasetError) as caught:
            po.load_dataset(path, verify_checksum=False)
        assert {"license", "name", "source", "tags"} <= {
            problem.path.split(".")[0] for problem in caught.value.problems
        }


def test_a_benchmark_round_trips(
    benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    path = benchmark.to_json(tmp_path / "out")
    assert Path(path).name == "benchmark.json"
    shutil.move(tmp_path / "out", tmp_path / "moved")
    path = str(tmp_path / "moved" / "benchmark.json")
    for loaded in (
        po.load_benchmark(path),
        SingleTaskBenchmarkSpecification.from_json(path),
        BenchmarkSpecification.from_json(path),
    ):
        assert loaded == benchmark
        assert loaded.dataset == benchmark.dataset
    assert isinstance(po.load_benchmark(path), SingleTaskBenchmarkSpecification)


def test_a_benchmark_takes_its_dataset_as_object_fields_or_file(
    dataset: Dataset, tmp_path: Path
) -> None:
    path = dataset.to_json(tmp_path)
    forms = (dataset, {"name": "hello_world", "owner": "acme", "table": dataset.table}, path)
    for form in forms:
        benchmark = SingleTaskBenchmarkSpecification(
            dataset=form,
            input_cols="smiles",
            target_cols="y",
            split=([0, 1], [2]),
            metrics="mean_absolute_error",
        )
        assert benchmark.dataset == dataset
    with pytest.raises(InvalidBenchmarkError, match="dataset"):
        SingleTaskBenchmarkSpecification(
            dataset=3,  # type: ignore[arg-type]
            input_cols="smiles",
            target_cols="y",
            split=([0, 1], [2]),
            metrics="mean_absolute_error",
        )


def test_a_table_may_be_given_as_a_parquet_file(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_parquet(tmp_path / "molecules.parquet")
    assert Dataset(table=str(tmp_path / "molecules.parquet")).table.equals(table)
    assert Dataset(table=tmp_path / "molecules.parquet").table.equals(table)
    with pytest.raises(InvalidDatasetError, match="parquet"):
        Dataset(table="molecules.csv")
    with pytest.raises(ObjectNotFoundError):
        Dataset(table=str(tmp_path / "missing.parquet"))


def test_a_missing_local_archive_is_one_clear_error(table: pd.DataFrame, tmp_path: Path) -> None:
    dataset = Dataset(
        table=table.assign(fp="x#0"),
        zarr_root_path=str(tmp_path / "nothing.zarr"),
        annotations={"fp": ColumnAnnotation(is_pointer=True)},
    )
    with pytest.raises(ObjectNotFoundError, match=r"nothing\.zarr"):
        dataset.get_data(0, "fp")


def test_results_round_trip(benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path) -> None:
    results = benchmark.evaluate([1.0, 2.0])
    assert isinstance(results, BenchmarkResults)
    results.name = "my_results"
    results.to_json(tmp_path / "new" / "results.json")
    loaded = BenchmarkResults.from_json(tmp_path / "new" / "results.json")
    assert loaded.results.equals(results.results)
    assert (loaded.name, loaded.version) == ("my_results", results.version)
    assert loaded.polaris_version == results.polaris_version
    with pytest.raises(ObjectNotFoundError):
        BenchmarkResults.from_json(tmp_path / "missing.json")


def test_a_dataset_is_rebuilt_from_its_dump(dataset: Dataset) -> None:
    dump = dataset.model_dump()
    assert dump["md5sum"] == dataset.md5sum
    again = Dataset.model_validate({**dump, "table": dataset.table})
    assert again == dataset
    assert again.artifact_id == dataset.artifact_id
