from __future__ import annotations

import pytest

from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.errors import InvalidNameError, PolarisUnauthorizedError
from polaris.ports.storage import IfExists, Read, StoragePort, Write
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.storage_listings import all_below

_check: type[StoragePort] = ReadOnlyStorage


@pytest.fixture
async def storage() -> ReadOnlyStorage:
    inner = InMemoryStorage()
    await inner.put([Write("a/b", b"content"), Write("c", b"")])
    return ReadOnlyStorage(inner)


async def test_everything_can_be_read(storage: ReadOnlyStorage) -> None:
    assert await storage.get([Read("a/b"), Read("d")]) == [b"content", None]
    assert [stat.key for stat in await all_below(storage)] == ["a/b", "c"]
    assert (await storage.list_folder()).folders == ("a",)
    assert await storage.stat(["c"]) == await storage.inner.stat(["c"])
    assert await storage.digest(["a/b"]) == await storage.inner.digest(["a/b"])


@pytest.mark.parametrize("if_exists", list(IfExists))
async def test_nothing_can_be_written(storage: ReadOnlyStorage, if_exists: IfExists) -> None:
    with pytest.raises(PolarisUnauthorizedError, match="'new'"):
        await storage.put([Write("new", b"x")], if_exists=if_exists)
    assert await storage.get([Read("new")]) == [None]
    assert await storage.put([], if_exists=if_exists) == []


async def test_nothing_can_be_removed(storage: ReadOnlyStorage) -> None:
    with pytest.raises(PolarisUnauthorizedError, match="'c'"):
        await storage.delete(["c"])
    assert await storage.get([Read("c")]) == [b""]


async def test_keys_are_checked_first(storage: ReadOnlyStorage) -> None:
    with pytest.raises(InvalidNameError):
        await storage.put([Write("../a", b"")])
    with pytest.raises(InvalidNameError):
        await storage.delete(["../a"])
