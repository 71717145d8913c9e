"""A zarr store over a StoragePort passes zarr's own suite."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from zarr.core.buffer import Buffer, cpu, default_buffer_prototype
from zarr.testing.store import StoreTests

from polaris.errors import InvalidInputError, InvalidNameError, ObjectNotFoundError
from polaris.ports.storage import Read, Write
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.zarr_arrays import StoragePortStore


class TestStoragePortStore(StoreTests[StoragePortStore, cpu.Buffer]):
    """The store in a folder of a storage that holds other things too."""

    store_cls = StoragePortStore
    buffer_cls = cpu.Buffer

    async def set(self, store: StoragePortStore, key: str, value: Buffer) -> None:
        await store.storage.put([Write(f"{store.prefix}/{key}", value.to_bytes())])

    async def get(self, store: StoragePortStore, key: str) -> Buffer:
        [data] = await store.storage.get([Read(f"{store.prefix}/{key}")])
        assert data is not None
        return self.buffer_cls.from_bytes(data)

    @pytest.fixture
    def store_kwargs(self, tmp_path: Path) -> dict[str, Any]:
        storage = FolderStorage(tmp_path)
        asyncio.run(storage.put([Write("neighbour/x", b""), Write("data.zarr2/x", b"")]))
        return {"storage": storage, "prefix": "data.zarr"}

    def test_store_repr(self, store: StoragePortStore) -> None:
        assert "data.zarr" in repr(store)
        assert str(store).endswith("/data.zarr")

    def test_store_supports_writes(self, store: StoragePortStore) -> None:
        assert store.supports_writes

    def test_store_supports_listing(self, store: StoragePortStore) -> None:
        assert store.supports_listing


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


async def test_the_empty_prefix_is_the_storage_itself(storage: InMemoryStorage) -> None:
    store = StoragePortStore(storage)
    await store.set("a/b", cpu.Buffer.from_bytes(b"1"))
    assert await storage.get([Read("a/b")]) == [b"1"]
    assert [key async for key in store.list()] == ["a/b"]
    assert [name async for name in store.list_dir("")] == ["a"]


async def test_listing_by_prefix_goes_by_text_as_zarr_has_it(storage: InMemoryStorage) -> None:
    store = StoragePortStore(storage, "root")
    await storage.put([Write(f"root/{key}", b"") for key in ("ab/1", "ac/2", "b/a")])
    assert sorted([key async for key in store.list_prefix("a")]) == ["ab/1", "ac/2"]


async def test_sizes_are_of_the_folder_alone(storage: InMemoryStorage) -> None:
    store = StoragePortStore(storage, "root")
    await storage.put([Write("root/a/1", b"123"), Write("root/ab/1", b"4567")])
    assert await store.getsize_prefix("a") == 3


async def test_clearing_leaves_what_lies_beside_the_folder(storage: InMemoryStorage) -> None:
    await storage.put([Write("root/a", b"1"), Write("root2/a", b"1")])
    await StoragePortStore(storage, "root").clear()
    assert [s.key async for page in storage.list() for s in page] == ["root2/a"]


async def test_a_suffix_of_nothing_is_empty(storage: InMemoryStorage) -> None:
    from zarr.abc.store import SuffixByteRequest

    await storage.put([Write("a", b"123")])
    found = await StoragePortStore(storage).get(
        "a", default_buffer_prototype(), SuffixByteRequest(0)
    )
    assert found is not None
    assert found.to_bytes() == b""


async def test_errors_are_of_our_family(storage: InMemoryStorage) -> None:
    store = StoragePortStore(storage, "root", read_only=True)
    with pytest.raises(ObjectNotFoundError, match="root/missing"):
        await store.getsize("missing")
    with pytest.raises(InvalidInputError, match="read-only"):
        await store.delete_dir("a")
    with pytest.raises(InvalidInputError, match="read-only"):
        await store.set_if_not_exists("a", cpu.Buffer.from_bytes(b"1"))
    with pytest.raises(InvalidNameError):
        await store.get("../a", default_buffer_prototype())


def test_stores_of_other_folders_differ(storage: InMemoryStorage) -> None:
    assert StoragePortStore(storage, "a") != StoragePortStore(storage, "b")
    assert StoragePortStore(storage, "a") != "a"
