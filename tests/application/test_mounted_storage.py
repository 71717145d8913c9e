"""Objects that lie in several places, as one store."""

from __future__ import annotations

import pytest

from polaris.application.mounted_storage import Mount, MountedStorage
from polaris.application.scoped_storage import ScopedStorage
from polaris.errors import StorageError
from polaris.ports.storage import ByteRange, IfExists, Read, StoragePort, Write
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.storage import StorageSuite
from polaris.testing.suites.storage_listings import all_below

_check: type[StoragePort] = MountedStorage


class TestMountedFolder(StorageSuite):
    @pytest.fixture
    def storage(self) -> StoragePort:
        mounts = {
            "other/": Mount(InMemoryStorage()),
            "root/": Mount(ScopedStorage(InMemoryStorage(), "far/away")),
        }
        return ScopedStorage(MountedStorage(mounts, "mounted"), "root")


@pytest.fixture
def parts() -> tuple[InMemoryStorage, InMemoryStorage]:
    return InMemoryStorage(), InMemoryStorage()


@pytest.fixture
def mounted(parts: tuple[InMemoryStorage, InMemoryStorage]) -> MountedStorage:
    files, archive = parts
    mounts = {
        "table.parquet": Mount(files, "datasets/7/t"),
        "splits/0/test.roaring": Mount(files, "b/test"),
        "data.zarr/": Mount(ScopedStorage(archive, "datasets/7/z")),
    }
    return MountedStorage(mounts, "the files of the dataset")


async def test_objects_are_where_they_are_mounted(
    mounted: MountedStorage, parts: tuple[InMemoryStorage, InMemoryStorage]
) -> None:
    files, archive = parts
    writes = [Write("data.zarr/x/0", b"chunk"), Write("table.parquet", b"table")]
    assert await mounted.put(writes) == [True, True]
    assert await files.get([Read("datasets/7/t")]) == [b"table"]
    assert await archive.get([Read("datasets/7/z/x/0")]) == [b"chunk"]
    part = Read("table.parquet", ByteRange(1, 3))
    assert await mounted.get([part, Read("nowhere"), Read("data.zarr/x/0")]) == [
        b"ab", None, b"chunk",
    ]  # fmt: skip
    stats = await mounted.stat(["data.zarr/x/0", "nowhere", "table.parquet"])
    assert [stat and (stat.key, stat.size) for stat in stats] == [
        ("data.zarr/x/0", 5), None, ("table.parquet", 5),
    ]  # fmt: skip
    digests = await mounted.digest(["table.parquet", "data.zarr/x/1"])
    assert [digest and digest.key for digest in digests] == ["table.parquet", None]


async def test_what_lies_elsewhere_in_those_stores_is_not_shown(
    mounted: MountedStorage, parts: tuple[InMemoryStorage, InMemoryStorage]
) -> None:
    files, archive = parts
    await files.put([Write("datasets/8/t", b"x"), Write("b/test", b"bits")])
    await archive.put([Write("datasets/8/z/x/0", b"x"), Write("datasets/7/z/a/0", b"x")])
    keys = ["data.zarr/a/0", "splits/0/test.roaring"]
    assert [stat.key for stat in await all_below(mounted)] == keys
    assert [stat.key for stat in await all_below(mounted, "splits")] == keys[1:]
    root = await mounted.list_folder()
    assert (root.folders, root.objects) == (("data.zarr", "splits"), ())
    assert (await mounted.list_folder("data.zarr")).folders == ("a",)
    [inside] = (await mounted.list_folder("splits/0")).objects
    assert inside.key == "splits/0/test.roaring"


async def test_a_key_without_a_place_is_refused_before_anything_is_written(
    mounted: MountedStorage, parts: tuple[InMemoryStorage, InMemoryStorage]
) -> None:
    with pytest.raises(StorageError) as caught:
        await mounted.put([Write("table.parquet", b"x"), Write("examples.parquet", b"x")])
    assert "examples.parquet" in caught.value.message
    assert await all_below(parts[0]) == []
    await mounted.put([Write("table.parquet", b"x")], if_exists=IfExists.RAISE)
    await mounted.delete(["table.parquet", "examples.parquet"])
    assert await all_below(mounted) == []
