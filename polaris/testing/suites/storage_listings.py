"""What listing a `StoragePort` promises."""

from __future__ import annotations

import pytest

from polaris.ports.storage import Folder, ObjectStat, StoragePort, Write

__all__ = ["StorageListingsSuite", "all_below"]

TREE = ("a/b/c", "a/b/d", "a/bc", "a/b.c", "a b/c", "ab", "z")


async def all_below(storage: StoragePort, prefix: str = "") -> list[ObjectStat]:
    """Return every object below a folder, sorted by key."""
    found = [stat async for page in storage.list(prefix) for stat in page]
    return sorted(found, key=lambda stat: stat.key)


class StorageListingsSuite:
    """Listings, deep and shallow; part of `StorageSuite`."""

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            ("", sorted(TREE)),
            ("a", ["a/b.c", "a/b/c", "a/b/d", "a/bc"]),
            ("a/b", ["a/b/c", "a/b/d"]),
            ("a b", ["a b/c"]),
            ("a/b/c", []),
            ("ab", []),
            ("a/b/d/e", []),
            ("missing", []),
            ("missing/too", []),
        ],
    )
    async def test_a_listing_is_of_a_folder_not_of_a_beginning(
        self, storage: StoragePort, prefix: str, expected: list[str]
    ) -> None:
        await storage.put([Write(key, key.encode()) for key in TREE])
        found = await all_below(storage, prefix)
        assert [stat.key for stat in found] == expected
        assert [stat.size for stat in found] == [len(key) for key in expected]

    async def test_an_empty_store_lists_nothing(self, storage: StoragePort) -> None:
        assert await all_below(storage) == []
        assert await all_below(storage, "folder") == []
        assert await storage.list_folder() == Folder((), ())
        assert await storage.list_folder("folder") == Folder((), ())

    async def test_a_listing_has_every_object_once(self, storage: StoragePort) -> None:
        # More than stores put on one page.
        keys = [f"{i % 7}/{i:04}" for i in range(1100)]
        await storage.put([Write(key, b"") for key in keys])
        assert [stat.key for stat in await all_below(storage)] == sorted(keys)

    async def test_a_listing_tells_what_stat_tells(self, storage: StoragePort) -> None:
        await storage.put([Write("a/b", b"12"), Write("c", b"")])
        assert await all_below(storage) == await storage.stat(["a/b", "c"])

    @pytest.mark.parametrize(
        ("prefix", "folders", "objects"),
        [
            ("", ("a", "a b"), ["ab", "z"]),
            ("a", ("b",), ["a/b.c", "a/bc"]),
            ("a/b", (), ["a/b/c", "a/b/d"]),
            ("a b", (), ["a b/c"]),
            ("ab", (), []),
            ("missing", (), []),
        ],
    )
    async def test_a_folder_shows_what_lies_directly_in_it(
        self, storage: StoragePort, prefix: str, folders: tuple[str, ...], objects: list[str]
    ) -> None:
        await storage.put([Write(key, key.encode()) for key in TREE])
        found = await storage.list_folder(prefix)
        assert found.folders == folders
        assert [stat.key for stat in found.objects] == objects
        assert [stat.size for stat in found.objects] == [len(key) for key in objects]

    async def test_a_folder_is_sorted_and_names_each_folder_once(
        self, storage: StoragePort
    ) -> None:
        await storage.put([Write(f"in/{i % 5}/{i}", b"") for i in reversed(range(40))])
        await storage.put([Write(f"in/{i:02}.x", b"") for i in reversed(range(40))])
        found = await storage.list_folder("in")
        assert found.folders == ("0", "1", "2", "3", "4")
        assert [stat.key for stat in found.objects] == [f"in/{i:02}.x" for i in range(40)]

    async def test_folders_that_hold_nothing_any_more_are_not_shown(
        self, storage: StoragePort
    ) -> None:
        await storage.put([Write("a/b/c", b""), Write("a/d", b"")])
        await storage.delete(["a/b/c"])
        assert (await storage.list_folder("a")).folders == ()
        await storage.delete(["a/d"])
        assert await storage.list_folder() == Folder((), ())

    async def test_a_listing_that_is_not_finished_does_no_harm(self, storage: StoragePort) -> None:
        keys = [f"{i % 3}/{i:03}" for i in range(300)]
        await storage.put([Write(key, b"x") for key in keys])
        async for page in storage.list():
            assert page
            break
        assert len(await all_below(storage)) == 300

    async def test_objects_can_be_removed_while_they_are_listed(self, storage: StoragePort) -> None:
        keys = [f"{i % 3}/{i:03}" for i in range(300)]
        await storage.put([Write(key, b"x") for key in keys])
        async for page in storage.list():
            await storage.delete([stat.key for stat in page])
        assert await all_below(storage) == []
