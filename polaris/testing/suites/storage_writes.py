"""What writing to, and removing from, a `StoragePort` promises."""

from __future__ import annotations

import pytest

from polaris.errors import ObjectExistsError
from polaris.ports.storage import IfExists, Read, StoragePort, Write

__all__ = ["StorageWritesSuite"]


class StorageWritesSuite:
    """Replacing, refusing, skipping and removing; part of `StorageSuite`."""

    async def test_a_write_replaces_unless_told_otherwise(self, storage: StoragePort) -> None:
        await storage.put([Write("object", b"a longer content")])
        assert await storage.put([Write("object", b"new")]) == [True]
        assert await storage.get([Read("object")]) == [b"new"]
        [stat] = await storage.stat(["object"])
        assert stat is not None
        assert stat.size == 3

    async def test_raise_leaves_what_is_there_untouched(self, storage: StoragePort) -> None:
        await storage.put([Write("folder/object", b"old")])
        with pytest.raises(ObjectExistsError) as caught:
            await storage.put([Write("folder/object", b"new")], if_exists=IfExists.RAISE)
        assert caught.value.keys == ("folder/object",)
        assert caught.value.code == "object_exists"
        assert await storage.get([Read("folder/object")]) == [b"old"]

    async def test_raise_leaves_the_rest_of_the_batch_whole_or_absent(
        self, storage: StoragePort
    ) -> None:
        await storage.put([Write("3", b"old")])
        writes = [Write(str(i), b"new") for i in range(8)]
        with pytest.raises(ObjectExistsError) as caught:
            await storage.put(writes, if_exists=IfExists.RAISE)
        assert "3" in caught.value.keys
        found = await storage.get([Read(write.key) for write in writes])
        assert found.pop(3) == b"old"
        assert set(found) <= {b"new", None}

    async def test_raise_writes_what_is_not_there(self, storage: StoragePort) -> None:
        writes = [Write("a", b"1"), Write("b/c", b"2")]
        assert await storage.put(writes, if_exists=IfExists.RAISE) == [True, True]
        assert await storage.get([Read("a"), Read("b/c")]) == [b"1", b"2"]

    async def test_skip_tells_what_was_written(self, storage: StoragePort) -> None:
        await storage.put([Write("there", b"old")])
        writes = [Write("new", b"new"), Write("there", b"new"), Write("new too", b"new")]
        assert await storage.put(writes, if_exists=IfExists.SKIP) == [True, False, True]
        keys = ["new", "there", "new too"]
        assert await storage.get([Read(key) for key in keys]) == [b"new", b"old", b"new"]

    @pytest.mark.parametrize("if_exists", [IfExists.RAISE, IfExists.SKIP])
    async def test_an_empty_object_counts_as_one_that_exists(
        self, storage: StoragePort, if_exists: IfExists
    ) -> None:
        await storage.put([Write("empty", b"")])
        if if_exists is IfExists.RAISE:
            with pytest.raises(ObjectExistsError):
                await storage.put([Write("empty", b"new")], if_exists=if_exists)
        else:
            assert await storage.put([Write("empty", b"new")], if_exists=if_exists) == [False]
        assert await storage.get([Read("empty")]) == [b""]

    async def test_of_two_writes_of_one_key_one_wins(self, storage: StoragePort) -> None:
        written = await storage.put([Write("object", b"first"), Write("object", b"second")])
        assert written == [True, True]
        assert await storage.get([Read("object")]) in ([b"first"], [b"second"])

    async def test_what_is_removed_is_gone(self, storage: StoragePort) -> None:
        await storage.put([Write(key, b"x") for key in ("a", "folder/b", "folder/c")])
        await storage.delete(["folder/b", "a"])
        keys = ["a", "folder/b", "folder/c"]
        assert await storage.get([Read(key) for key in keys]) == [None, None, b"x"]
        assert await storage.stat(["a"]) == [None]

    async def test_removing_passes_over_what_is_missing(self, storage: StoragePort) -> None:
        await storage.put([Write("folder/there", b"x"), Write("folder/stays", b"y")])
        await storage.delete(["missing", "folder/there", "folder/there", "no/such/folder"])
        assert await storage.get([Read("folder/there"), Read("folder/stays")]) == [None, b"y"]

    async def test_removing_a_folder_removes_nothing(self, storage: StoragePort) -> None:
        await storage.put([Write("folder/object", b"x")])
        await storage.delete(["folder"])
        assert await storage.get([Read("folder/object")]) == [b"x"]

    @pytest.mark.parametrize("if_exists", list(IfExists))
    async def test_a_removed_object_can_be_written_anew(
        self, storage: StoragePort, if_exists: IfExists
    ) -> None:
        await storage.put([Write("folder/object", b"old")])
        await storage.delete(["folder/object"])
        assert await storage.put([Write("folder/object", b"new")], if_exists=if_exists) == [True]
        assert await storage.get([Read("folder/object")]) == [b"new"]
