"""What `polaris.ports.storage_powers` promise, whether a store has them or does without."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from polaris.application.storage_powers import kept_sums, list_sorted, put_stream, sweep
from polaris.errors import InvalidNameError, ObjectExistsError, PolarisChecksumError
from polaris.ports.storage import IfExists, Read, StoragePort, Write, digest_of
from polaris.testing.suites.storage_listings import all_below

__all__ = ["StoragePowersSuite"]

# Names whose order as keys is not that of a walk from folder to folder.
KEYS = ("B", "a", "a-b", "a.b", "a0", "f/b-", "f/b/c", "f/b/z", "f/c", "f-/x", "f0", "é", "中/x")


class _CutOff(Exception):
    """The sender went away."""


async def _pieces(*pieces: bytes, then: BaseException | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if then is not None:
        raise then


async def _sorted(storage: StoragePort, prefix: str = "", after: str = "") -> list[str]:
    return [s.key async for page in list_sorted(storage, prefix, after=after) for s in page]


class StoragePowersSuite:
    """Streams, sorted listings and sums that are kept; part of `StorageSuite`."""

    @pytest.mark.parametrize("sizes", [(), (0,), (3, 0, 4), (70_000,) * 40, (5_000_001, 1)])
    async def test_an_object_is_written_from_its_pieces(
        self, storage: StoragePort, sizes: tuple[int, ...]
    ) -> None:
        pieces = [bytes([i + 1]) * size for i, size in enumerate(sizes)]
        data = b"".join(pieces)
        expected = digest_of("in/a/folder", data)
        found = await put_stream(
            storage,
            "in/a/folder",
            _pieces(*pieces),
            size=len(data),
            sha256=expected.sha256,
        )
        assert found == expected
        assert await storage.get([Read("in/a/folder")]) == [data]
        assert [stat.size for stat in await all_below(storage)] == [len(data)]

    @pytest.mark.parametrize("before", [None, b"before"])
    @pytest.mark.parametrize(
        ("size", "sha256"), [(3, None), (5, None), (None, "0" * 64), (4, "0" * 64)]
    )
    async def test_pieces_that_are_not_what_was_announced_change_nothing(
        self, storage: StoragePort, before: bytes | None, size: int | None, sha256: str | None
    ) -> None:
        await storage.put([Write("object", before)] if before else [])
        with pytest.raises(PolarisChecksumError, match="object"):
            await put_stream(storage, "object", _pieces(b"12", b"34"), size=size, sha256=sha256)
        assert await storage.get([Read("object")]) == [before]
        assert [stat.key for stat in await all_below(storage)] == (["object"] if before else [])

    @pytest.mark.parametrize("size", [10, 300_000])
    async def test_pieces_that_break_off_change_nothing(
        self, storage: StoragePort, size: int
    ) -> None:
        pieces = _pieces(b"x" * size, b"y" * size, then=_CutOff())
        with pytest.raises(_CutOff):
            await put_stream(storage, "folder/object", pieces)
        assert await all_below(storage) == []
        assert await put_stream(storage, "folder/object", _pieces(b"whole")) is not None
        assert await storage.get([Read("folder/object")]) == [b"whole"]

    async def test_a_stream_that_is_cancelled_changes_nothing(self, storage: StoragePort) -> None:
        begun = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield b"x" * 200_000
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(put_stream(storage, "object", endless()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await all_below(storage) == []

    async def test_a_stream_does_with_what_is_there_what_it_is_told(
        self, storage: StoragePort
    ) -> None:
        await storage.put([Write("folder/object", b"old")])
        with pytest.raises(ObjectExistsError) as caught:
            await put_stream(storage, "folder/object", _pieces(b"1"), if_exists=IfExists.RAISE)
        assert caught.value.keys == ("folder/object",)
        skipped = put_stream(storage, "folder/object", _pieces(b"1"), if_exists=IfExists.SKIP)
        assert await skipped is None
        assert await storage.get([Read("folder/object")]) == [b"old"]
        assert await put_stream(storage, "folder/object", _pieces(b"new")) is not None
        for key, conflict in (("one", IfExists.RAISE), ("two", IfExists.SKIP)):
            assert await put_stream(storage, key, _pieces(b"1"), if_exists=conflict) is not None
        keys = ["folder/object", "one", "two"]
        assert await storage.get([Read(key) for key in keys]) == [b"new", b"1", b"1"]

    @pytest.mark.parametrize("key", ["", "../object", "/object", "a//b", "object#1"])
    async def test_a_stream_has_a_key(self, storage: StoragePort, key: str) -> None:
        with pytest.raises(InvalidNameError):
            await put_stream(storage, key, _pieces(b"1"))

    async def test_a_sorted_listing_begins_behind_any_key(self, storage: StoragePort) -> None:
        await storage.put([Write(key, key.encode()) for key in KEYS])
        for after in ("", *KEYS, "f/", "f/b", "f/b/", "f/b/zz", "f/zz", "g", "中/x/y"):
            assert await _sorted(storage, after=after) == sorted(k for k in KEYS if k > after)
        for after in ("", "a", "f/b", "f/b/c", "f/b/z", "f/c", "z"):
            expected = sorted(k for k in KEYS if k.startswith("f/") and k > after)
            assert await _sorted(storage, "f", after) == expected
        assert await _sorted(storage, "missing") == []
        assert await _sorted(storage, "f/b/c") == []

    async def test_a_sorted_listing_has_every_object_once(self, storage: StoragePort) -> None:
        keys = sorted(f"{i % 3}/{i:04}" for i in range(400))
        await storage.put([Write(key, b"12") for key in keys])
        pages = [page async for page in list_sorted(storage)]
        assert [stat.key for page in pages for stat in page] == keys
        assert {stat.size for page in pages for stat in page} == {2}
        assert await _sorted(storage, after=keys[200]) == keys[201:]

    async def test_a_sum_that_is_kept_is_that_of_the_object(self, storage: StoragePort) -> None:
        expected = digest_of("one", b"content").sha256
        await put_stream(storage, "one", _pieces(b"con", b"tent"), sha256=expected)
        await storage.put([Write("two", b"12345")])
        one, two, missing = await kept_sums(storage, ["one", "two", "missing"])
        assert one is not None
        assert two is not None
        assert missing is None
        assert (one.key, one.size, two.key, two.size) == ("one", 7, "two", 5)
        assert one.sha256 in (None, expected)
        assert two.sha256 in (None, hashlib.sha256(b"12345").hexdigest())
        await storage.put([Write("one", b"CONTENT")])
        [changed] = await kept_sums(storage, ["one"])
        assert changed is not None
        assert changed.sha256 in (None, hashlib.sha256(b"CONTENT").hexdigest())

    async def test_what_is_whole_is_never_swept(self, storage: StoragePort) -> None:
        await storage.put([Write("a/object", b"whole")])
        await put_stream(storage, "b/object", _pieces(b"whole"))
        later = datetime.now(UTC) + timedelta(days=1)
        assert await sweep(storage, later, remove=True) == []
        assert await storage.get([Read("a/object"), Read("b/object")]) == [b"whole", b"whole"]
