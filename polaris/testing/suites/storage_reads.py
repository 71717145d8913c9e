"""What reading from a `StoragePort` promises."""

from __future__ import annotations

import hashlib
import random

import pytest

from polaris.ports.storage import ByteRange, Md5Objects, ObjectDigest, Read, StoragePort, Write

__all__ = ["StorageReadsSuite"]

# More than the parts in which stores move large objects (5 and 8 MiB are common).
LARGE = 17 * 2**20 + 1


class StorageReadsSuite:
    """Round trips, ranges, sizes and checksums; part of `StorageSuite`."""

    @pytest.mark.parametrize("data", [b"", b"\x00", b"one\r\ntwo\n", bytes(range(256))])
    async def test_what_was_written_is_read(self, storage: StoragePort, data: bytes) -> None:
        assert await storage.put([Write("folder/object", data)]) == [True]
        assert await storage.get([Read("folder/object")]) == [data]

    async def test_a_large_object_is_kept_whole(self, storage: StoragePort) -> None:
        data = random.Random(0).randbytes(LARGE)
        await storage.put([Write("large", data)])
        [found] = await storage.get([Read("large")])
        assert found is not None
        # Not compared directly: the report of a difference would be as long as the object.
        assert len(found) == LARGE
        assert hashlib.sha256(found).digest() == hashlib.sha256(data).digest()

    @pytest.mark.parametrize("kind", [bytearray, memoryview])
    async def test_any_buffer_can_be_written(
        self, storage: StoragePort, kind: type[bytearray | memoryview]
    ) -> None:
        await storage.put([Write("object", kind(b"content"))])
        assert await storage.get([Read("object")]) == [b"content"]

    async def test_an_object_does_not_follow_the_buffer_it_was_written_from(
        self, storage: StoragePort
    ) -> None:
        buffer = bytearray(b"before")
        await storage.put([Write("object", buffer)])
        buffer[:] = b"after!"
        assert await storage.get([Read("object")]) == [b"before"]

    async def test_what_is_missing_is_none(self, storage: StoragePort) -> None:
        await storage.put([Write("folder/object", b"x")])
        for key in ("folder/other", "folder", "folder/obj", "other/object", "nowhere"):
            assert await storage.get([Read(key), Read(key, ByteRange(0, 1))]) == [None, None]
            assert await storage.stat([key]) == [None]
            assert await storage.digest([key]) == [None]

    async def test_batches_are_answered_in_the_order_asked(self, storage: StoragePort) -> None:
        keys = [f"part/{i:03}" for i in range(60)]
        await storage.put([Write(key, key.encode()) for key in keys])
        asked = [*reversed(keys), "missing", *keys]
        random.Random(1).shuffle(asked)
        expected = [None if key == "missing" else key.encode() for key in asked]
        assert await storage.get([Read(key) for key in asked]) == expected
        stats = await storage.stat(asked)
        assert [stat and stat.key for stat in stats] == [k if k in keys else None for k in asked]
        digests = await storage.digest(asked)
        assert [d and d.key for d in digests] == [k if k in keys else None for k in asked]

    async def test_one_object_can_be_read_several_times_in_a_batch(
        self, storage: StoragePort
    ) -> None:
        await storage.put([Write("object", b"0123456789")])
        reads = [Read("object"), Read("object", ByteRange(2, 4)), Read("object")]
        assert await storage.get(reads) == [b"0123456789", b"23", b"0123456789"]

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            (ByteRange(0), b"0123456789"),
            (ByteRange(0, 10), b"0123456789"),
            (ByteRange(3), b"3456789"),
            (ByteRange(3, 7), b"3456"),
            (ByteRange(9, 10), b"9"),
            (ByteRange(-3), b"789"),
            (ByteRange(-10), b"0123456789"),
            (ByteRange(-11), b"0123456789"),
            (ByteRange(7, 11), b"789"),
            (ByteRange(7, 10**9), b"789"),
            (ByteRange(0, 0), b""),
            (ByteRange(4, 4), b""),
            (ByteRange(10), b""),
            (ByteRange(10, 12), b""),
            (ByteRange(11), b""),
            (ByteRange(11, 12), b""),
            (ByteRange(10**9, 10**9 + 1), b""),
        ],
    )
    async def test_a_part_is_cut_at_the_end_of_the_object(
        self, storage: StoragePort, part: ByteRange, expected: bytes
    ) -> None:
        await storage.put([Write("object", b"0123456789")])
        assert await storage.get([Read("object", part)]) == [expected]

    @pytest.mark.parametrize(
        "part", [ByteRange(0), ByteRange(0, 5), ByteRange(-5), ByteRange(3, 5), ByteRange(0, 0)]
    )
    async def test_every_part_of_an_empty_object_is_empty(
        self, storage: StoragePort, part: ByteRange
    ) -> None:
        await storage.put([Write("empty", b"")])
        assert await storage.get([Read("empty", part)]) == [b""]

    async def test_sizes_and_times_are_told(self, storage: StoragePort) -> None:
        await storage.put([Write("empty", b""), Write("full", b"12345")])
        empty, full = await storage.stat(["empty", "full"])
        assert empty is not None
        assert full is not None
        assert (empty.size, full.size) == (0, 5)
        assert all(s.modified is None or s.modified.tzinfo is not None for s in (empty, full))

    @pytest.mark.parametrize("data", [b"", b"content", bytes(3 * 2**20 + 1)])
    async def test_checksums_are_those_of_the_bytes(
        self, storage: StoragePort, data: bytes
    ) -> None:
        await storage.put([Write("object", data)])
        expected = ObjectDigest(
            "object",
            len(data),
            hashlib.md5(data, usedforsecurity=False).hexdigest(),
            hashlib.sha256(data).hexdigest(),
        )
        assert await storage.digest(["object", "object"]) == [expected, expected]

    async def test_empty_batches_do_nothing(self, storage: StoragePort) -> None:
        assert await storage.get([]) == []
        assert await storage.stat([]) == []
        assert await storage.digest([]) == []
        assert await storage.put([]) == []
        await storage.delete([])
        assert (await storage.list_folder()).objects == ()

    async def test_md5_alone_is_that_of_the_digest(self, storage: StoragePort) -> None:
        # A power that a store may have; none has to.
        if not isinstance(storage, Md5Objects):
            return
        await storage.put([Write("one", b"abc"), Write("empty", b"")])
        keys = ["empty", "one", "one"]
        digests = await storage.digest(keys)
        expected = [(d.md5, d.size) for d in digests if d is not None]
        assert await storage.md5([*keys, "missing"]) == [*expected, None]
        assert await storage.md5([]) == []
