"""Datasets of archives: reading and writing them, and their manifest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris import load_dataset
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.dataset import Dataset, DatasetV2, Subset
from polaris.dataset.zarr import compute_zarr_checksum, write_archive
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    InvalidZarrCodec,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisError,
)
from polaris.hub.settings import PolarisHubSettings
from tests.hub.dataset_v2.conftest import A, B, make_archive, same_data, without_attributes

# -- the archive ----------------------------------------------------------------------------------


def test_cells_are_those_of_the_archive(dataset: DatasetV2, archive: str) -> None:
    root = zarr.open_group(archive, mode="r")
    for row in (0, 17, 99, -1):
        for column in dataset.columns:
            array = root[column]
            assert isinstance(array, zarr.Array)
            np.testing.assert_array_equal(dataset.get_data(row, column), array[row])
            np.testing.assert_array_equal(dataset[row, column], array[row])
            np.testing.assert_array_equal(dataset[row][column], array[row])


def test_loaded_arrays_are_read_when_the_archive_is_gone(dataset: DatasetV2, archive: str) -> None:
    dataset.load_to_memory()
    dataset.load_to_memory()
    shutil.rmtree(archive)
    same_data(dataset)
    assert [row["B"] for row in dataset] == B.tolist()
    np.testing.assert_array_equal(dataset[5, "A"], A[5])


def test_arrays_can_be_made_equally_long_later(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "a.zarr", A=A, B=B[:60])
    with pytest.raises(InvalidDatasetError, match="should have the same length"):
        DatasetV2(name="too_short", zarr_root_path=path)
    root = zarr.open_group(path, mode="r+")
    array = root["B"]
    assert isinstance(array, zarr.Array)
    array.append(B[60:])
    zarr.consolidate_metadata(root.store)
    same_data(DatasetV2(name="long_enough", zarr_root_path=path))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_metadata_has_to_be_consolidated(tmp_path: Path, zarr_format: Literal[2, 3]) -> None:
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=zarr_format)
    root.create_array("A", data=A)
    with pytest.raises(InvalidDatasetError, match="not consolidated"):
        DatasetV2(name="scattered", zarr_root_path=str(tmp_path / "a.zarr"))


def test_an_archive_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFoundError):
        DatasetV2(name="nowhere", zarr_root_path=str(tmp_path / "nothing.zarr"))


def test_a_missing_codec_is_named(tmp_path: Path, archive: str) -> None:
    path = Path(archive, ".zmetadata")
    metadata = json.loads(path.read_bytes())
    metadata["metadata"]["A/.zarray"]["compressor"] = {"id": "no_such_codec"}
    path.write_text(json.dumps(metadata))
    with pytest.raises(InvalidZarrCodec) as caught:
        DatasetV2(name="needs_codec", zarr_root_path=archive)
    assert caught.value.codec_id == "no_such_codec"


def test_the_archive_cannot_be_changed_through_the_dataset(dataset: DatasetV2) -> None:
    with pytest.raises((PolarisError, ValueError)):
        dataset.zarr_root["A"][:] = 0
    same_data(dataset)


def test_the_path_can_be_replaced(dataset: DatasetV2, tmp_path: Path) -> None:
    other = make_archive(tmp_path / "other.zarr", A=A[:10], C=B[:10])
    dataset.zarr_root_path = other
    assert (dataset.columns, len(dataset)) == (["A", "C"], 10)
    assert dataset.annotations["A"].description == "two numbers"
    with pytest.raises(ObjectNotFoundError):
        dataset.zarr_root_path = str(tmp_path / "nothing.zarr")
    assert (dataset.zarr_root_path, len(dataset)) == (other, 10)


def test_tables_and_archives_of_the_same_columns_give_the_same_items(tmp_path: Path) -> None:
    smiles = np.array(["C", "CC", "CCO", "CCN"])
    y = np.array([0.5, 1.5, 2.5, 3.5])
    table = Dataset(name="as_table", table=pd.DataFrame({"smiles": smiles, "y": y}))
    arrays = DatasetV2.from_arrays(tmp_path / "a.zarr", {"smiles": smiles, "y": y})
    rows = [3, 0, 0, 2]
    items = [list(Subset(made, rows, "smiles", "y")) for made in (table, arrays)]
    assert items[0] == items[1]
    assert [type(text) for text, _ in items[1]] == [str] * 4


def test_groups_are_read_in_the_order_of_their_index(tmp_path: Path) -> None:
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    group = root.create_group("structures")
    for name in "abc":
        member = group.create_group(name)
        for axis in "XYZ":
            member.create_array(axis, data=np.full(5, ord(name) + ord(axis)))
    index = np.array(["c", "b", "a"])
    group.create_array("__index__", shape=3, dtype="str")[:] = index
    root.create_array("A", data=A[:3])
    zarr.consolidate_metadata(root.store)
    dataset = DatasetV2(
        name="structures", owner="acme", license="MIT", zarr_root_path=str(tmp_path / "a.zarr")
    )
    assert dataset.columns == ["A", "structures"]
    found = [row["structures"]["X"][0] - ord("X") for row in dataset]
    assert found == [ord(name) for name in "cba"]
    # They can be kept in files, but hubs take no more of them.
    reloaded = load_dataset(dataset.to_json(tmp_path / "out"))
    assert reloaded[0]["structures"]["Z"].tolist() == [ord("c") + ord("Z")] * 5
    with pytest.raises(InvalidDatasetError, match=r"subgroups. Found \['structures'\]"):
        dataset.upload_to_hub(settings=PolarisHubSettings(hub_url="memory://groups"))


# -- new archives ---------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"zarr_format": 3}, {"zarr_format": 3, "shards": True}])
def test_a_dataset_is_made_from_arrays_or_blocks(tmp_path: Path, options: dict[str, Any]) -> None:
    columns = {"A": (A[start : start + 9] for start in range(0, 100, 9)), "B": B}
    made = DatasetV2.from_arrays(tmp_path / "a.zarr", columns, name="from_blocks", **options)
    same_data(made)
    for size, seed in ((8, None), (8, 3)):
        batches = list(made.batches(size, seed=seed))
        rows = np.concatenate([batch["B"] for batch in batches])
        assert sorted(rows) == sorted(B)
    with pytest.raises(ObjectExistsError):
        write_archive(tmp_path / "a.zarr", {"A": A})
    assert write_archive(tmp_path / "b.zarr", {"A": A}) == str(tmp_path / "b.zarr")


@pytest.mark.parametrize(
    "options", [{"zarr_format": 1}, {"shards": True}, {"chunks": -1}, {"chunks": {"A": 1.5}}]
)
def test_a_layout_that_cannot_be(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        write_archive(tmp_path / "a.zarr", {"A": A}, **options)
    assert not (tmp_path / "a.zarr").exists()


# -- the manifest ---------------------------------------------------------------------------------


def test_the_manifest_has_a_row_a_file(tmp_path: Path) -> None:
    archive = without_attributes(make_archive(tmp_path / "single_rows.zarr", rows=1, A=A, B=B))
    dataset = DatasetV2(name="single_rows", zarr_root_path=archive)
    table = pd.read_parquet(dataset.zarr_manifest_path)
    assert list(table.columns) == ["path", "md5_checksum"]
    assert len(table) == 204
    assert table["path"].is_monotonic_increasing
    assert dataset.has_zarr_manifest_md5sum
    _, files = compute_zarr_checksum(archive)
    assert dict(zip(table["path"], table["md5_checksum"], strict=True)) == {
        file.path: file.md5sum for file in files
    }


def test_the_manifest_follows_the_archive(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "single_rows.zarr", rows=1, A=A, B=B)
    before = DatasetV2(name="single_rows", zarr_root_path=archive).zarr_manifest_md5sum
    root = zarr.open_group(archive, mode="r+", use_consolidated=False)
    root.create_array("C", shape=(100,), chunks=(1,), dtype="f8")[:] = B + 1
    zarr.consolidate_metadata(root.store)
    extended = DatasetV2(name="extended", zarr_root_path=without_attributes(archive))
    assert len(pd.read_parquet(extended.zarr_manifest_path)) == 305
    assert extended.zarr_manifest_md5sum != before


def test_the_manifest_does_not_depend_on_the_order_of_a_listing(
    dataset: DatasetV2, tmp_path: Path
) -> None:
    # Files that are made in another order are listed in another order on most file systems.
    target = tmp_path / "other" / "arrays.zarr"
    source = Path(dataset.zarr_root_path or "")
    for path in sorted((p for p in source.rglob("*") if p.is_file()), reverse=True):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())
    copy = DatasetV2(name="copy", zarr_root_path=str(target))
    assert copy.zarr_manifest_md5sum == dataset.zarr_manifest_md5sum
    assert copy == dataset
    files = dataset.zarr_manifest
    assert encode_zarr_manifest(reversed(files)) == encode_zarr_manifest(files)
