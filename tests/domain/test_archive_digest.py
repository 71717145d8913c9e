"""The digest of a Zarr archive, bit-exact with that of the released clients."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.checksums.archive import ArchiveDigest, FileChecksum, archive_digest
from polaris.errors import InvalidZarrChecksum

EMPTY = "481a2f77ab786a0f45aafd5db0971caa-0-0"
cases = pytest.mark.vector_cases("zarr_checksum.json", "cases")

names = st.text("abcXYZ019._é", min_size=1, max_size=4).filter(lambda n: n not in (".", ".."))
trees = st.recursive(
    st.integers(0, 2**20), lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12
).filter(lambda tree: isinstance(tree, dict))


def _files(tree: Any, parent: str = "") -> list[FileChecksum]:
    found = []
    for name, part in tree.items():
        if isinstance(part, dict):
            found += _files(part, f"{parent}{name}/")
        else:
            found.append(FileChecksum(f"{parent}{name}", f"{part:032x}", part))
    return found


def _stored(archive: Path) -> list[FileChecksum]:
    found = []
    for path in archive.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            md5sum = hashlib.md5(content).hexdigest()
            found.append(FileChecksum(path.relative_to(archive).as_posix(), md5sum, len(content)))
    return found


@cases
def test_file_lists_have_the_digest_of_the_released_clients(case: dict[str, Any]) -> None:
    files = [FileChecksum(f["path"], f["md5Sum"], f["size"]) for f in case["file_manifest"]]
    found = archive_digest(files)
    assert str(found) == found.digest == case["digest"]
    assert (found.md5, found.count, found.size) == (case["md5"], case["count"], case["size"])


@cases
def test_archives_on_disk_have_the_digest_of_the_released_clients(
    case: dict[str, Any], vectors: Path
) -> None:
    assert archive_digest(_stored(vectors / case["archive"])).digest == case["digest"]


@cases
def test_folders_have_the_digest_of_the_released_clients(case: dict[str, Any]) -> None:
    files = [FileChecksum(f["path"], f["md5Sum"], f["size"]) for f in case["file_manifest"]]
    for folder, listing in case["directories"].items():
        prefix = "" if folder == "." else f"{folder}/"
        below = [
            FileChecksum(f.path.removeprefix(prefix), f.md5sum, f.size)
            for f in files
            if f.path.startswith(prefix)
        ]
        assert archive_digest(below).digest == listing["digest"]


def test_the_golden_archives_have_their_digests() -> None:
    contents = {".zgroup": b'{"zarr_format":2}', "A/0": b"abc"}
    files = [
        FileChecksum(path, hashlib.md5(content).hexdigest(), len(content))
        for path, content in contents.items()
    ]
    assert archive_digest(files).digest == "abf702374fe7a8e30c928ff15cd7e978-2-20"
    upstream = [
        FileChecksum("a/b", "9dd4e461268c8034f5c8564e155c67a6", 1),
        FileChecksum("c", "415290769594460e2e485922904f345d", 1),
    ]
    assert archive_digest(upstream).digest == "e53fcb7b5c36b2f4647fbf826a44bdc9-2-2"


def test_an_empty_archive_has_a_digest() -> None:
    assert archive_digest([]).digest == EMPTY
    assert ArchiveDigest.parse(None) == archive_digest([])
    assert ArchiveDigest.parse(EMPTY) == archive_digest([])


@given(trees, st.randoms(use_true_random=False))
def test_the_order_in_which_files_come_has_no_influence(tree: Any, random: Any) -> None:
    files = _files(tree)
    shuffled = random.sample(files, len(files))
    assert archive_digest(shuffled) == archive_digest(files)


@given(trees)
def test_a_digest_counts_files_and_bytes_and_round_trips_as_text(tree: Any) -> None:
    files = _files(tree)
    found = archive_digest(iter(files))
    assert (found.count, found.size) == (len(files), sum(file.size for file in files))
    assert ArchiveDigest.parse(found.digest) == found


def test_a_changed_chunk_a_moved_file_and_another_size_change_the_digest() -> None:
    file = FileChecksum("a/0", "0" * 32, 3)
    variants = [
        [file],
        [FileChecksum("a/0", "1" * 32, 3)],
        [FileChecksum("a/1", "0" * 32, 3)],
        [FileChecksum("a/0", "0" * 32, 4)],
        [file, FileChecksum("b", "0" * 32, 0)],
    ]
    assert len({archive_digest(files).digest for files in variants}) == len(variants)


def test_folders_may_be_nested_deep() -> None:
    files = [FileChecksum("/".join(["d"] * 200 + [str(i)]), "0" * 32, 1) for i in range(50)]
    assert archive_digest(files).count == 50


@pytest.mark.parametrize(
    "text",
    [
        "",
        "invalid",
        EMPTY + "-1",
        EMPTY[:-2],
        "X" + EMPTY[1:],
        EMPTY + "\n",
        EMPTY.replace("-0-0", "--0-0"),
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidZarrChecksum) as caught:
        ArchiveDigest.parse(text)
    assert isinstance(caught.value, ValueError)
    assert caught.value.hint
