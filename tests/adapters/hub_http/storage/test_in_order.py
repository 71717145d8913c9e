"""The order in which released hubs are sent objects."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from polaris.errors import ObjectExistsError, PolarisUnauthorizedError
from polaris.ports.storage import IfExists, ObjectStat, StoragePort, Write
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.storage import StorageSuite
from polaris_adapters.hub_http.storage.in_order import InOrder

_check: type[StoragePort] = InOrder


class TestInOrder(StorageSuite):
    @pytest.fixture
    def storage(self) -> StoragePort:
        return InOrder(InMemoryStorage())


class Watched(InMemoryStorage):
    """Remembers which keys came in one call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> list[bool]:
        self.calls.append([write.key for write in writes])
        return await super().put(writes, if_exists=if_exists)


KEYS = ["data.zarr/x/0", "data.zarr/.zmetadata", "zarr_manifest.parquet", "data.zarr/.zgroup"]


async def test_the_manifest_comes_first_and_consolidated_metadata_before_chunks() -> None:
    inner = Watched()
    store = InOrder(inner)
    await store.put([Write("data.zarr/x/0", b"old")])
    written = await store.put([Write(key, b"x") for key in KEYS], if_exists=IfExists.SKIP)
    assert written == [False, True, True, True]
    assert inner.calls[1:] == [
        ["zarr_manifest.parquet"],
        ["data.zarr/.zmetadata"],
        ["data.zarr/x/0", "data.zarr/.zgroup"],
    ]


async def test_bitmaps_come_one_after_the_other() -> None:
    inner = Watched()
    keys = ["splits/0/training.roaring", "splits/0/test.roaring"]
    await InOrder(inner).put([Write(key, b"x") for key in keys])
    assert inner.calls == [[key] for key in keys]


async def test_what_may_not_be_looked_at_is_sent() -> None:
    class Blind(InMemoryStorage):
        async def stat(self, keys: Sequence[str], /) -> list[ObjectStat | None]:
            raise PolarisUnauthorizedError("403", hint="Look elsewhere.")

    store = InOrder(Blind())
    assert await store.stat(KEYS) == [None] * len(KEYS)
    assert await store.put([Write(key, b"x") for key in KEYS]) == [True] * len(KEYS)


async def test_what_may_not_replace_writes_all_or_nothing() -> None:
    store = InOrder(InMemoryStorage())
    await store.put([Write(KEYS[0], b"old")])
    with pytest.raises(ObjectExistsError):
        await store.put([Write(key, b"x") for key in KEYS], if_exists=IfExists.RAISE)
    assert await store.stat(KEYS[1:]) == [None, None, None]
