"""The Hub's manifest of an archive."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.codec.zarr_manifest import decode_zarr_manifest, encode_zarr_manifest
from polaris.domain.checksums.archive import FileChecksum
from polaris.errors import DamagedFileError

cases = pytest.mark.vector_cases("zarr_manifest.json", "cases")


def _files(case: dict[str, Any]) -> list[FileChecksum]:
    return [FileChecksum(r["path"], r["md5_checksum"], 0) for r in case["rows_in_file_order"]]


@cases
def test_manifests_of_the_released_clients_are_read_in_their_order(
    case: dict[str, Any], vectors: Path
) -> None:
    data = (vectors / case["manifest"]).read_bytes()
    assert hashlib.md5(data).hexdigest() == case["file_md5"]
    assert decode_zarr_manifest(data, source="x") == [
        (file.path, file.md5sum) for file in _files(case)
    ]


@cases
def test_our_manifests_have_the_same_rows_sorted_by_path(case: dict[str, Any]) -> None:
    rows = decode_zarr_manifest(encode_zarr_manifest(_files(case)), source="x")
    assert rows == sorted((file.path, file.md5sum) for file in _files(case))


@cases
def test_our_manifests_have_the_schema_of_the_released_clients(
    case: dict[str, Any], vectors: Path
) -> None:
    ours = pq.read_schema(io.BytesIO(encode_zarr_manifest(_files(case))))
    theirs = pq.read_schema(vectors / case["manifest"])
    assert ours.names == theirs.names == ["path", "md5_checksum"]
    assert ours.types == theirs.types
    assert all(field.nullable for field in ours)


@cases
def test_manifests_agree_with_the_archives_on_disk(case: dict[str, Any], vectors: Path) -> None:
    archive = vectors / case["archive"]
    found = {
        path.relative_to(archive).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
        for path in archive.rglob("*")
        if path.is_file()
    }
    data = (vectors / case["manifest"]).read_bytes()
    assert dict(decode_zarr_manifest(data, source="x")) == found


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(0), max_size=8),
    st.randoms(use_true_random=False),
)
def test_a_manifest_is_the_same_whatever_the_order_of_the_files(
    sums: dict[str, int], random: Any
) -> None:  # W10
    files = [FileChecksum(path, f"{n % 16**32:032x}", 1) for path, n in sums.items()]
    data = encode_zarr_manifest(files)
    assert encode_zarr_manifest(random.sample(files, len(files))) == data
    assert decode_zarr_manifest(data, source="x") == sorted((f.path, f.md5sum) for f in files)


def test_an_archive_without_files_has_an_empty_manifest() -> None:
    assert decode_zarr_manifest(encode_zarr_manifest([]), source="x") == []


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        encode_zarr_manifest([])[:-5],
        _parquet(pd.DataFrame({"path": ["a"]})),
        _parquet(pd.DataFrame({"x": [1]})),
    ],
    ids=["empty", "text", "cut", "a column less", "other columns"],
)
def test_what_is_no_manifest_is_a_damaged_file(data: bytes) -> None:
    with pytest.raises(DamagedFileError, match=r"^m\.parquet is not the manifest") as caught:
        decode_zarr_manifest(data, source="m.parquet")
    assert caught.value.hint
