"""Checksums and manifests of archives in folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.dataset.zarr import compute_zarr_checksum, generate_zarr_manifest
from polaris.errors import InvalidInputError, ObjectNotFoundError
from tests.hub.conftest import make_archive


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    make_archive(tmp_path / "somewhere" / "data.zarr")
    return tmp_path / "somewhere" / "data.zarr"


def test_the_checksum_lists_every_file(archive: Path) -> None:
    digest, files = compute_zarr_checksum(archive)
    found = {path.relative_to(archive).as_posix(): path for path in archive.rglob("*")}
    sizes = {key: path.stat().st_size for key, path in found.items() if path.is_file()}
    assert {file.path: file.size for file in files} == sizes
    assert (digest.count, digest.size) == (len(sizes), sum(sizes.values()))
    assert digest.digest == f"{digest.md5}-{digest.count}-{digest.size}"


def test_a_copy_has_the_same_checksum_and_a_changed_chunk_another(
    archive: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.zarr"
    shutil.copytree(archive, copy)
    before = compute_zarr_checksum(archive)[0]
    assert compute_zarr_checksum(copy)[0] == before
    array = zarr.open_group(str(copy), mode="r+")["fingerprints"]
    assert isinstance(array, zarr.Array)
    array[0] = np.zeros(3, dtype=np.float32)
    array[1] = np.ones(3, dtype=np.float32)
    assert compute_zarr_checksum(copy)[0] != before


def test_a_folder_has_several_spellings(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = compute_zarr_checksum(archive)
    monkeypatch.chdir(archive.parent)
    monkeypatch.setenv("HOME", str(archive.parent))
    monkeypatch.setenv("WHERE_IT_LIES", str(archive.parent))
    for spelling in (
        "data.zarr",
        "./data.zarr",
        "../somewhere/data.zarr",
        "~/data.zarr",
        "$WHERE_IT_LIES/data.zarr",
    ):
        assert compute_zarr_checksum(spelling) == expected, spelling


@pytest.mark.parametrize("url", ["s3://bucket/data.zarr", "https://example.org/data.zarr"])
def test_an_archive_elsewhere_has_to_be_downloaded_first(url: str) -> None:
    with pytest.raises(InvalidInputError, match="not a local archive") as caught:
        compute_zarr_checksum(url)
    assert "Download" in caught.value.hint


def test_what_is_not_there_has_no_checksum(tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFoundError):
        compute_zarr_checksum(tmp_path / "nothing.zarr")
    with pytest.raises(ObjectNotFoundError):
        generate_zarr_manifest(tmp_path / "nothing.zarr", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_has_the_path_and_the_checksum_of_every_file(
    archive: Path, tmp_path: Path
) -> None:
    path = generate_zarr_manifest(archive, tmp_path / "new" / "folder")
    assert path == str(tmp_path / "new" / "folder" / "zarr_manifest.parquet")
    table = pd.read_parquet(path)
    _, files = compute_zarr_checksum(archive)
    assert list(table.columns) == ["path", "md5_checksum"]
    assert list(table.itertuples(index=False, name=None)) == sorted(
        (file.path, file.md5sum) for file in files
    )
