"""Datasets that are archives, in files and in the cache."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from polaris import load_dataset
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.dataset import Dataset, DatasetV2
from polaris.dataset.zarr import compute_zarr_checksum
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    ObjectExistsError,
    PolarisChecksumError,
)
from tests.hub.dataset_v2.conftest import A, B, make_archive, same_data


def test_a_dataset_is_saved_and_loaded(dataset: DatasetV2, tmp_path: Path) -> None:
    path = dataset.to_json(tmp_path / "out")
    assert path == str(tmp_path / "out" / "many-arrays.json")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "arrays.zarr", "many-arrays.json", "many-arrays.sha256", "zarr_manifest.parquet",
    ]  # fmt: skip
    document = json.loads(Path(path).read_bytes())
    assert (document["version"], document["zarr_root_path"]) == (2, "arrays.zarr")
    for loaded in (load_dataset(path), DatasetV2.from_json(path)):
        same_data(loaded)
        assert isinstance(loaded, DatasetV2)
        assert loaded == dataset
        assert loaded.annotations == dataset.annotations
        assert (loaded.name, loaded.license) == (dataset.name, dataset.license)
        assert loaded.zarr_manifest_md5sum == document["zarr_manifest_md5sum"]
    # The dataset itself reads from where it did.
    assert dataset.zarr_root_path == str(tmp_path / "source" / "arrays.zarr")


def test_a_saved_dataset_can_be_moved(dataset: DatasetV2, tmp_path: Path) -> None:
    dataset.to_json(tmp_path / "out")
    shutil.rmtree(tmp_path / "source")
    shutil.move(tmp_path / "out", tmp_path / "moved")
    same_data(load_dataset(tmp_path / "moved" / "many-arrays.json"))


def test_saving_beside_its_own_archive_loses_nothing(dataset: DatasetV2, tmp_path: Path) -> None:
    for _ in range(2):
        dataset.to_json(tmp_path / "source")
        same_data(load_dataset(tmp_path / "source" / "many-arrays.json"))
    with pytest.raises(InvalidInputError, match="inside the dataset's own archive"):
        dataset.to_json(tmp_path / "source" / "arrays.zarr" / "A")


def test_what_to_do_with_files_that_are_there(dataset: DatasetV2, tmp_path: Path) -> None:
    dataset.to_json(tmp_path / "out", if_exists="raise")
    with pytest.raises(ObjectExistsError):
        dataset.to_json(tmp_path / "out", if_exists="raise")
    dataset.to_json(tmp_path / "out", if_exists="skip")
    make_archive(tmp_path / "source" / "arrays.zarr", A=A + 1, B=B)
    changed = DatasetV2(name="Many_Arrays", zarr_root_path=str(tmp_path / "source" / "arrays.zarr"))
    with pytest.raises(ObjectExistsError):
        changed.to_json(tmp_path / "out", if_exists="skip")
    same_data(load_dataset(tmp_path / "out" / "many-arrays.json"))
    changed.to_json(tmp_path / "out")
    assert load_dataset(tmp_path / "out" / "many-arrays.json") == changed


def test_documents_of_the_other_version_are_refused(dataset: DatasetV2, tmp_path: Path) -> None:
    two = dataset.to_json(tmp_path / "two")
    one = Dataset(name="a_table", table=pd.DataFrame({"y": [1.0]})).to_json(tmp_path / "one")
    with pytest.raises(InvalidDatasetError, match="version 2"):
        Dataset.from_json(two)
    with pytest.raises(InvalidDatasetError, match="version 1"):
        DatasetV2.from_json(one)


def damaged(folder: Path) -> Path:
    """Change a byte of a chunk, in a way that only a checksum tells."""
    chunk = folder / "arrays.zarr" / "B" / "2"
    data = bytearray(chunk.read_bytes())
    data[-1] ^= 1
    chunk.write_bytes(data)
    return chunk


def test_an_altered_chunk_is_found_as_the_strategy_says(dataset: DatasetV2, tmp_path: Path) -> None:
    path = dataset.to_json(tmp_path / "out")
    damaged(tmp_path / "out")
    with pytest.raises(PolarisChecksumError, match="B/2"):
        load_dataset(path)
    lazy = load_dataset(path, verify_checksum="verify_unless_zarr")
    np.testing.assert_array_equal(lazy[49, "B"], B[49])
    with pytest.raises(PolarisChecksumError, match="B/2"):
        _ = lazy[50, "B"]
    assert len(load_dataset(path, verify_checksum=False)) == 100


def test_the_manifest_counts_where_there_is_no_other(dataset: DatasetV2, tmp_path: Path) -> None:
    path = dataset.to_json(tmp_path / "out")
    (tmp_path / "out" / "many-arrays.sha256").unlink()
    same_data(load_dataset(path))
    damaged(tmp_path / "out")
    with pytest.raises(PolarisChecksumError, match="B/2"):
        load_dataset(path)
    manifest = tmp_path / "out" / "zarr_manifest.parquet"
    _, files = compute_zarr_checksum(tmp_path / "out" / "arrays.zarr")
    manifest.write_bytes(encode_zarr_manifest(files))
    with pytest.raises(PolarisChecksumError, match="manifest"):
        load_dataset(path)


def test_caching_moves_the_path_and_happens_once(
    dataset: DatasetV2, cache_dir: Path, tmp_path: Path
) -> None:
    folder = dataset.cache()
    assert Path(folder).is_relative_to(cache_dir)
    assert dataset.zarr_root_path == f"{folder}/arrays.zarr"
    shutil.rmtree(tmp_path / "source")
    same_data(dataset)
    assert dataset.cache() == folder
    same_data(dataset)
    assert len(list(cache_dir.rglob("*.json"))) == 1


def test_a_copy_without_columns_cannot_be_saved(dataset: DatasetV2, tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="left out"):
        dataset.without_columns(["B"]).to_json(tmp_path / "out")


def test_making_and_reading_a_dataset_writes_nothing(
    dataset: DatasetV2, cache_dir: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    list(dataset)
    assert dataset.zarr_manifest_md5sum is not None
    assert sorted(tmp_path.rglob("*")) == before
    assert not cache_dir.exists()


def test_a_dataset_can_be_sent_to_another_process(dataset: DatasetV2) -> None:
    list(dataset)
    same_data(pickle.loads(pickle.dumps(dataset)))


def test_it_dumps_to_plain_values(dataset: DatasetV2) -> None:
    dumped = dataset.model_dump()
    assert (dumped["version"], dumped["n_rows"], dumped["n_columns"]) == (2, 100, 2)
    assert dumped["zarr_manifest_md5sum"] == dataset.zarr_manifest_md5sum
    assert json.loads(dataset.model_dump_json(by_alias=True))["zarrManifestMd5Sum"]
