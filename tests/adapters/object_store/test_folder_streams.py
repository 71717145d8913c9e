"""Streams into a folder: what is half-written, and what is remembered."""

from __future__ import annotations

import errno
import os
import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from polaris.application.storage_powers import sweep
from polaris.errors import StorageError
from polaris.ports.storage import IfExists, Read, Write, digest_of
from polaris.testing.suites.storage_listings import all_below
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.object_store.staging import SumMemory


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_what_is_half_written_is_no_object_and_leaves_no_file(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    seen: list[str] = []

    async def looked_at() -> AsyncIterator[bytes]:
        yield b"x" * 5_000_000
        seen.extend(path.name for path in (tmp_path / "a").iterdir())
        assert await all_below(store) == []
        assert await store.get([Read("a/object")]) == [None]
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await store.put_stream("a/object", looked_at())
    assert [name.partition("#")[0] for name in seen] == ["object"]
    assert list((tmp_path / "a").iterdir()) == []


async def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    await store.put([Write("a/object", b"whole")])
    abandoned = tmp_path / "a" / "object#12"
    abandoned.write_bytes(b"half")
    now = datetime.now(UTC)
    long_ago = (now - timedelta(hours=2)).timestamp()
    for path in (abandoned, tmp_path / "a" / "object"):
        os.utime(path, (long_ago, long_ago))
    (tmp_path / "a" / "object#34").write_bytes(b"still being written")
    before = now - timedelta(hours=1)
    [found] = await sweep(store, before, remove=False)
    assert (found.key, found.size) == ("a/object#12", 4)
    assert await sweep(store, before, remove=True) == [found]
    assert await sweep(store, before, remove=True) == []
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["object", "object#34"]
    assert await sweep(FolderStorage(tmp_path / "none"), before, remove=True) == []


async def test_sums_are_known_while_the_file_stays_the_same(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    expected = digest_of("object", b"content").sha256
    await store.put_stream("object", _pieces(b"content"))
    [kept] = await store.kept_sums(["object"])
    assert kept is not None
    assert kept.sha256 == expected
    # Another file of the same length and time, as a copying tool leaves it.
    before = (tmp_path / "object").stat()
    (tmp_path / "other").write_bytes(b"CONTENT")
    os.utime(tmp_path / "other", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "other").replace(tmp_path / "object")
    for other in (store, FolderStorage(tmp_path)):
        [kept] = await other.kept_sums(["object"])
        assert kept is not None
        assert (kept.size, kept.sha256) == (7, None)


def test_only_so_many_sums_are_remembered(tmp_path: Path) -> None:
    memory = SumMemory(most=2)
    paths = [str(tmp_path / name) for name in ("a", "b", "c")]
    for path in paths:
        Path(path).write_bytes(b"x")
        stat = Path(path).stat()
        memory.keep(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns), "0" * 64)
    assert [memory.find(path) for path in paths] == [None, "0" * 64, "0" * 64]
    Path(paths[2]).unlink()
    assert memory.find(paths[2]) is None


async def test_a_store_goes_to_another_process_without_what_it_has_seen(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    await store.put_stream("object", _pieces(b"content"))
    again: FolderStorage = pickle.loads(pickle.dumps(store))
    assert again == store
    [kept] = await again.kept_sums(["object"])
    assert kept is not None
    assert (kept.size, kept.sha256) == (7, None)


@pytest.mark.parametrize("if_exists", list(IfExists))
async def test_a_stream_does_not_take_the_place_of_a_folder(
    tmp_path: Path, if_exists: IfExists
) -> None:
    store = FolderStorage(tmp_path)
    await store.put([Write("folder/object", b"x")])
    with pytest.raises(StorageError, match="folder is a folder"):
        await store.put_stream("folder", _pieces(b"y"), if_exists=if_exists)
    assert [stat.key for stat in await all_below(store)] == ["folder/object"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


async def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left") as caught:
        await FolderStorage(tmp_path).put_stream("object", _pieces(b"x"))
    assert caught.value.hint == "Free some space, then try again."
    assert list(tmp_path.iterdir()) == []


async def test_names_that_are_no_keys_do_not_stop_a_listing(tmp_path: Path) -> None:
    (tmp_path / "by\thand").write_bytes(b"x")
    (tmp_path / "half#12").write_bytes(b"x")
    store = FolderStorage(tmp_path)
    found = [stat.key async for page in store.list_sorted() for stat in page]
    assert found == ["by\thand"] == [stat.key for stat in await all_below(store)]
