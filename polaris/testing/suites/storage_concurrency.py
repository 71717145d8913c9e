"""What a `StoragePort` promises to several callers at once."""

from __future__ import annotations

import asyncio
import contextlib

from polaris.errors import ObjectExistsError
from polaris.ports.storage import IfExists, Read, StoragePort, Write
from polaris.testing.suites.at_once import at_once
from polaris.testing.suites.storage_listings import all_below

__all__ = ["StorageConcurrencySuite"]

WRITERS = 6
ROUNDS = 8
# Long enough to be written in more than one piece.
SIZE = 300_000


class StorageConcurrencySuite:
    """Races, threads, event loops and cancellation; part of `StorageSuite`."""

    def test_exactly_one_of_several_writers_that_may_not_replace_wins(
        self, storage: StoragePort
    ) -> None:
        for turn in range(ROUNDS):
            key = f"race/{turn}"

            async def write(number: int, key: str = key) -> list[bool]:
                data = bytes([number]) * 1000
                return await storage.put([Write(key, data)], if_exists=IfExists.RAISE)

            outcomes = at_once(write, WRITERS)
            winners = [i for i, outcome in enumerate(outcomes) if outcome == [True]]
            losers = [outcome for outcome in outcomes if isinstance(outcome, ObjectExistsError)]
            assert len(winners) == 1
            assert len(losers) == WRITERS - 1
            assert all(loser.keys == (key,) for loser in losers)
            assert asyncio.run(storage.get([Read(key)])) == [bytes(winners) * 1000]

    def test_exactly_one_of_several_writers_that_skip_writes(self, storage: StoragePort) -> None:
        async def write(number: int) -> list[bool]:
            writes = [Write(f"skip/{turn}", bytes([number])) for turn in range(ROUNDS)]
            return await storage.put(writes, if_exists=IfExists.SKIP)

        outcomes = [outcome for outcome in at_once(write, WRITERS) if isinstance(outcome, list)]
        assert len(outcomes) == WRITERS
        for turn in range(ROUNDS):
            [winner] = [i for i, written in enumerate(outcomes) if written[turn]]
            assert asyncio.run(storage.get([Read(f"skip/{turn}")])) == [bytes([winner])]

    def test_readers_meet_the_object_of_one_writer_whole(self, storage: StoragePort) -> None:
        asyncio.run(storage.put([Write("object", bytes([0]) * SIZE)]))

        async def write_or_read(number: int) -> list[bytes | None]:
            if number % 2 == 0:
                for _ in range(ROUNDS):
                    await storage.put([Write("object", bytes([number]) * (SIZE - number))])
                return []
            return [(await storage.get([Read("object")]))[0] for _ in range(ROUNDS)]

        allowed = {bytes([number]) * (SIZE - number) for number in range(0, WRITERS, 2)}
        seen: list[bytes | None] = asyncio.run(storage.get([Read("object")]))
        for outcome in at_once(write_or_read, WRITERS):
            assert isinstance(outcome, list)
            seen += outcome
        assert all(data in allowed for data in seen)

    def test_objects_can_be_removed_by_several_at_once(self, storage: StoragePort) -> None:
        keys = [f"folder/{i}" for i in range(50)]
        asyncio.run(storage.put([Write(key, b"x") for key in keys]))

        async def remove(_: int) -> None:
            await storage.delete(keys)

        assert at_once(remove, WRITERS) == [None] * WRITERS
        assert asyncio.run(all_below(storage)) == []

    def test_writing_and_removing_in_one_folder_do_not_disturb_each_other(
        self, storage: StoragePort
    ) -> None:
        async def come_and_go(number: int) -> list[bytes | None]:
            key = f"shared/folder/{number}"
            for _ in range(ROUNDS):
                await storage.put([Write(key, b"x")])
                await storage.delete([key])
            await storage.put([Write(key, key.encode())])
            return await storage.get([Read(key)])

        expected = [[f"shared/folder/{number}".encode()] for number in range(WRITERS)]
        assert at_once(come_and_go, WRITERS) == expected

    def test_a_store_serves_one_event_loop_after_the_other(self, storage: StoragePort) -> None:
        asyncio.run(storage.put([Write("object", b"first")]))
        assert asyncio.run(storage.get([Read("object")])) == [b"first"]
        assert at_once(lambda _: storage.get([Read("object")]), 2) == [[b"first"]] * 2

    async def test_tasks_of_one_event_loop_share_a_store(self, storage: StoragePort) -> None:
        await asyncio.gather(
            *(storage.put([Write(f"{i}/{j}", b"x") for j in range(10)]) for i in range(10))
        )
        listings = await asyncio.gather(*(all_below(storage, str(i)) for i in range(10)))
        assert [len(listing) for listing in listings] == [10] * 10

    async def test_a_cancelled_write_leaves_whole_objects_only(self, storage: StoragePort) -> None:
        data = b"x" * SIZE
        writes = [Write(f"cancelled/{i}", data) for i in range(64)]
        for turns in range(4):
            task = asyncio.create_task(storage.put(writes))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            found = await all_below(storage)
            assert {stat.size for stat in found} <= {SIZE}
            assert {stat.key for stat in found} <= {write.key for write in writes}
        assert await storage.put(writes) == [True] * 64
        assert await storage.get([Read(write.key) for write in writes]) == [data] * 64

    async def test_a_store_works_on_after_a_cancelled_read(self, storage: StoragePort) -> None:
        await storage.put([Write(f"{i}", b"x" * SIZE) for i in range(16)])
        task = asyncio.create_task(storage.get([Read(f"{i}") for i in range(16)]))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert await storage.get([Read(f"{i}") for i in range(16)]) == [b"x" * SIZE] * 16
