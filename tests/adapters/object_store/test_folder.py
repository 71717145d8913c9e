"""A folder as a store of objects."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import GenericError

from polaris.application.scoped_storage import ScopedStorage
from polaris.errors import InvalidNameError, PolarisUnauthorizedError, StorageError
from polaris.ports.storage import ByteRange, IfExists, Md5Objects, Read, StoragePort, Write
from polaris.testing.suites.storage import StorageSuite
from polaris.testing.suites.storage_listings import all_below
from polaris_adapters.object_store import FolderStorage

_check: type[StoragePort] = FolderStorage
_check_md5: type[Md5Objects] = FolderStorage
_check_scoped: type[StoragePort] = ScopedStorage


class TestFolderStorage(StorageSuite):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> StoragePort:
        return FolderStorage(tmp_path / "store")


class TestScopedStorage(StorageSuite):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> StoragePort:
        return ScopedStorage(FolderStorage(tmp_path / "store"), "a/folder")


async def test_objects_are_plain_files(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    await store.put([Write("a/b c%20ü.txt", b"text")])
    assert (tmp_path / "a" / "b c%20ü.txt").read_bytes() == b"text"
    (tmp_path / "by-hand.txt").write_bytes(b"hand")
    assert await store.get([Read("by-hand.txt")]) == [b"hand"]


async def test_reading_makes_no_folder(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path / "missing")
    assert await store.get([Read("a")]) == [None]
    assert await all_below(store) == []
    assert not (tmp_path / "missing").exists()


async def test_what_a_killed_writer_left_is_not_an_object(tmp_path: Path) -> None:
    (tmp_path / "chunk#1").write_bytes(b"half")
    store = FolderStorage(tmp_path)
    assert await all_below(store) == []
    assert (await store.list_folder()).objects == ()
    with pytest.raises(InvalidNameError):
        await store.get([Read("chunk#1")])


async def test_a_folder_is_not_an_object(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    store = FolderStorage(tmp_path)
    assert await store.get([Read("folder"), Read("folder", ByteRange(0, 1))]) == [None, None]
    assert await store.stat(["folder"]) == [None]
    assert await store.digest(["folder"]) == [None]
    await store.delete(["folder"])
    assert (tmp_path / "folder").is_dir()


async def test_an_empty_folder_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep" / "empty").mkdir(parents=True)
    assert (await FolderStorage(tmp_path).list_folder()).folders == ()


async def test_a_file_in_place_of_a_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"file")
    store = FolderStorage(tmp_path)
    assert await store.get([Read("a/b")]) == [None]
    with pytest.raises(StorageError, match="a/b") as caught:
        await store.put([Write("a/b", b"x")])
    assert caught.value.hint


async def test_a_full_disk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(*_: object, **__: object) -> None:
        raise GenericError("Unable to copy data to file: No space (os error 28)\n\nDebug source: …")

    monkeypatch.setattr(obstore, "put", put)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        await FolderStorage(tmp_path).put([Write("a", b"x")])
    assert caught.value.hint == "Free some space, then try again."
    assert "Debug" not in str(caught.value)


async def test_an_object_does_not_take_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    with pytest.raises(StorageError, match="folder is a folder") as caught:
        await FolderStorage(tmp_path).put([Write("folder", b"x")])
    assert "Debug" not in str(caught.value)


@pytest.mark.timeout(60)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder without files here")
async def test_writing_where_no_file_can_be_made_ends() -> None:
    with pytest.raises(StorageError, match="made-by-a-test"):
        await FolderStorage(Path("/proc/self")).put([Write("made-by-a-test", b"x")])


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
async def test_a_file_without_permission_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "secret").chmod(0)
    with pytest.raises(PolarisUnauthorizedError, match="secret"):
        await FolderStorage(tmp_path).get([Read("secret")])


async def test_links_to_files_and_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "chunk").write_bytes(b"x")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "array").symlink_to(tmp_path / "elsewhere")
    store = FolderStorage(tmp_path / "store")
    assert [stat.key for stat in await all_below(store)] == ["array/chunk"]


async def test_a_cancelled_batch_stops(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    writes = [Write(f"{i}", b"x") for i in range(5000)]
    task = asyncio.create_task(store.put(writes))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    count = len(await all_below(store))
    assert count < 5000
    await asyncio.sleep(0.05)
    assert len(await all_below(store)) == count


def test_loops_and_threads_share_a_store(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    found: list[list[bytes | None]] = []

    async def work(name: str) -> None:
        await store.put([Write(f"{name}/{i}", name.encode()) for i in range(20)])
        found.append(await store.get([Read(f"{name}/{i}") for i in range(20)]))

    threads = [threading.Thread(target=lambda n=n: asyncio.run(work(n))) for n in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[n.encode()] * 20 for n in "abcd"]


def _read_in_child(folder: str, answers: multiprocessing.SimpleQueue[object]) -> None:
    async def work() -> object:
        store = FolderStorage(folder)
        try:
            await store.put([Write("b", b"child")])
        except StorageError as error:
            refused = "fork" in error.message
        return [*await store.get([Read("a")]), len(await all_below(store)), refused]

    answers.put(asyncio.run(work()))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_reads_and_is_told_why_it_cannot_write(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    asyncio.run(store.put([Write("a", b"parent")]))
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_read_in_child, args=(str(tmp_path), answers))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert answers.get() == [b"parent", 1, True]


async def test_skip_and_raise_leave_the_object_as_it_is(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    await store.put([Write("a", b"old")])
    assert await store.put([Write("a", b"new")], if_exists=IfExists.SKIP) == [False]
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


async def test_md5_alone_is_that_of_the_digest(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    contents = [b"", b"x", bytes(range(256)) * 4096, b"y" * (2**20 + 1)]
    keys = [f"folder/{number}" for number in range(len(contents))]
    await store.put([Write(key, data) for key, data in zip(keys, contents, strict=True)])
    digests = await store.digest(keys)
    assert await store.md5([*keys, "missing", "folder"]) == [
        *((digest.md5, digest.size) for digest in digests if digest is not None), None, None,
    ]  # fmt: skip
