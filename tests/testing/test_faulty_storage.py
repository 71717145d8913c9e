from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from polaris.errors import StorageError
from polaris.ports.storage import IfExists, Read, StoragePort, Write
from polaris.testing.fakes.faulty_storage import Fault, FaultyStorage, Verb
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.storage import StorageSuite
from polaris.testing.suites.storage_listings import all_below

_check: type[StoragePort] = FaultyStorage

CALLS: dict[Verb, Callable[[StoragePort], Awaitable[object]]] = {
    "get": lambda storage: storage.get([Read("0")]),
    "stat": lambda storage: storage.stat(["0"]),
    "put": lambda storage: storage.put([Write("0", b"x"), Write("1", b"x"), Write("2", b"x")]),
    "delete": lambda storage: storage.delete(["0", "1", "2"]),
    "list": all_below,
    "list_folder": lambda storage: storage.list_folder(),
    "digest": lambda storage: storage.digest(["0"]),
}


class TestFaultyStorage(StorageSuite):
    @pytest.fixture
    def storage(self) -> StoragePort:
        return FaultyStorage(InMemoryStorage())


@pytest.mark.parametrize("retryable", [False, True])
@pytest.mark.parametrize("verb", CALLS)
async def test_the_chosen_calls_fail_and_no_other(verb: Verb, retryable: bool) -> None:
    storage = FaultyStorage(InMemoryStorage(), fail=Fault(verb, 2, times=2, retryable=retryable))
    await CALLS[verb](storage)
    for _ in range(2):
        with pytest.raises(StorageError, match=f"Cannot {verb}") as caught:
            await CALLS[verb](storage)
        assert caught.value.retryable is retryable
    await CALLS[verb](storage)
    assert storage.calls == {verb: 4}
    for other in CALLS.keys() - {verb}:
        await CALLS[other](storage)


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_a_write_can_fail_after_a_part_of_the_batch(after: int) -> None:
    inner = InMemoryStorage()
    storage = FaultyStorage(inner, fail=Fault("put", after=after))
    with pytest.raises(StorageError):
        await CALLS["put"](storage)
    assert [stat.key for stat in await all_below(inner)] == ["0", "1", "2"][:after]


async def test_a_removal_can_fail_after_a_part_of_the_batch() -> None:
    storage = FaultyStorage(InMemoryStorage(), fail=Fault("delete", after=2))
    await CALLS["put"](storage)
    with pytest.raises(StorageError):
        await CALLS["delete"](storage)
    assert [stat.key for stat in await all_below(storage)] == ["2"]


@pytest.mark.parametrize("after", [0, 1, 9])
async def test_a_listing_can_fail_after_some_pages(after: int) -> None:
    storage = FaultyStorage(InMemoryStorage(), fail=Fault("list", after=after))
    await storage.put([Write(str(i), b"") for i in range(600)])
    pages: list[int] = []

    async def collect() -> None:
        async for page in storage.list():
            pages.append(len(page))  # noqa: PERF401  what came before the error is kept

    with pytest.raises(StorageError):
        await collect()
    whole = [len(page) async for page in storage.list()]
    assert pages == whole[:after]


async def test_faults_can_be_combined() -> None:
    storage = FaultyStorage(
        InMemoryStorage(), fail=[Fault("put", 1), Fault("put", 3), Fault("get")]
    )
    outcomes: list[bool] = []
    for _ in range(4):
        try:
            await storage.put([Write("a", b"x")], if_exists=IfExists.SKIP)
        except StorageError:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert outcomes == [False, True, False, True]
    with pytest.raises(StorageError, match="Cannot get"):
        await storage.get([Read("a")])
    assert await storage.get([Read("a")]) == [b"x"]


@pytest.mark.parametrize("numbers", [{"call": 0}, {"times": 0}, {"after": -1}])
def test_a_fault_that_could_never_strike_is_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be >="):
        Fault("put", **numbers)  # type: ignore[arg-type]  # only numbers are given
