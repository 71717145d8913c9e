"""Our manifest of SHA-256 sums."""

from __future__ import annotations

import hashlib
import pickle
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.errors import DamagedFileError

A, B = "a" * 64, "b" * 64

paths = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
sums = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.dictionaries(paths, sums, max_size=6))
def test_a_manifest_round_trips_through_its_text(entries: dict[str, str]) -> None:
    manifest = Sha256Manifest.of(entries)
    parsed = Sha256Manifest.parse(manifest.text)
    assert dict(parsed.entries) == entries
    assert (parsed.text, parsed.digest) == (manifest.text, manifest.digest)


@given(st.dictionaries(paths, sums, min_size=2, max_size=6))
def test_the_text_is_the_same_whatever_the_order_of_the_entries(entries: dict[str, str]) -> None:
    turned = dict(reversed(entries.items()))
    assert Sha256Manifest.of(turned).text == Sha256Manifest.of(entries).text


def test_a_manifest_is_written_as_the_sha256sum_tool_writes_it() -> None:
    manifest = Sha256Manifest.of({"table.parquet": B, "data.zarr/0": A, "a\nb\\c": A})
    assert manifest.text == f"\\{A}  a\\nb\\\\c\n{A}  data.zarr/0\n{B}  table.parquet\n"
    assert manifest.digest == hashlib.sha256(manifest.text.encode()).hexdigest()


def test_the_sha256sum_tool_accepts_the_manifest(tmp_path: Path) -> None:
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("THE TOOL sha256sum IS NOT INSTALLED: the format is not compared with it")
    contents = {"plain": b"1", "with space": b"2", "back\\slash": b"3", "new\nline": b"4"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    manifest = Sha256Manifest.of(
        {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    )
    (tmp_path / "SUMS").write_text(manifest.text)
    done = subprocess.run([tool, "--check", "--strict", "SUMS"], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_the_binary_marker_of_the_tool_is_understood() -> None:
    assert dict(Sha256Manifest.parse(f"{A} *x\n\n{B}  y").entries) == {"x": A, "y": B}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nonsense", 1),
        (f"{A}  x\n{A} x\n", 2),
        (f"{A[1:]}  x", 1),
        (f"{A.upper()}  x", 1),
        (f"{A}  ", 1),
    ],
)
def test_a_damaged_line_is_named(text: str, line: int) -> None:
    with pytest.raises(DamagedFileError, match=f"Line {line} of the checksum manifest"):
        Sha256Manifest.parse(text)


def test_a_manifest_cannot_be_changed() -> None:
    manifest = Sha256Manifest.of({"x": A})
    with pytest.raises(TypeError):
        manifest.entries["y"] = B  # type: ignore[index]


def test_a_revision_names_document_and_objects_by_their_content() -> None:
    one, other = Sha256Manifest.of({"x": A}), Sha256Manifest.of({"x": B})
    document = {"name": "é", "tags": ["b", "a"]}
    same = {"tags": ["b", "a"], "name": "é"}
    assert revision_of(document, one) == revision_of(same, one)
    revisions = {
        revision_of(document, one),
        revision_of(document, other),
        revision_of(document | {"tags": ["a", "b"]}, one),
    }
    assert len(revisions) == 3
    assert all(len(revision) == 64 for revision in revisions)


def test_a_manifest_survives_pickling() -> None:
    manifest = Sha256Manifest.of({"b": "1" * 64, "a": "0" * 64})
    again = pickle.loads(pickle.dumps(manifest))
    assert again == manifest
    assert again.text == manifest.text
