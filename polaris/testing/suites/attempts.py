"""The conformance suite of `polaris.ports.attempts`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from polaris.domain.back_off import BackOff
from polaris.ports.attempts import AttemptStore
from polaris.testing.suites.at_once import at_once

__all__ = ["AttemptStoreSuite"]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BACK_OFF = BackOff(free=3, first=2.0, longest=6.0, forgotten=60.0)


class AttemptStoreSuite:
    """What every `AttemptStore` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``attempts``: an empty
    store. Needs pytest-asyncio in its ``auto`` mode.
    """

    async def _begin(
        self, attempts: AttemptStore, at: datetime = NOW, key: str = "ada"
    ) -> datetime | None:
        return await attempts.begin(key, now=at, back_off=BACK_OFF)

    async def test_after_some_tries_one_has_to_wait_longer_and_longer(
        self, attempts: AttemptStore
    ) -> None:
        now = NOW
        for _ in range(3):
            assert await self._begin(attempts, now) is None
        for wait in (2, 4, 6, 6):
            assert await self._begin(attempts, now) == now + wait * SECOND
            assert await self._begin(attempts, now + (wait - 0.5) * SECOND) == now + wait * SECOND
            now += wait * SECOND
            assert await self._begin(attempts, now) is None

    async def test_keys_know_nothing_of_each_other(self, attempts: AttemptStore) -> None:
        for _ in range(3):
            await self._begin(attempts)
        assert await self._begin(attempts, key="grace") is None
        assert await self._begin(attempts) is not None

    async def test_success_forgets_what_failed(self, attempts: AttemptStore) -> None:
        for _ in range(2):
            for _ in range(3):
                assert await self._begin(attempts) is None
            assert await self._begin(attempts) is not None
            await attempts.forget("ada")
        await attempts.forget("nobody")

    async def test_time_forgets_what_failed(self, attempts: AttemptStore) -> None:
        for _ in range(3):
            await self._begin(attempts)
        for _ in range(3):
            assert await self._begin(attempts, NOW + 60 * SECOND) is None
        assert await self._begin(attempts, NOW + 60 * SECOND) is not None

    async def test_what_was_tried_long_ago_is_purged(self, attempts: AttemptStore) -> None:
        for _ in range(3):
            await self._begin(attempts)
        await self._begin(attempts, NOW + SECOND, "grace")
        assert await attempts.purge(before=NOW) == 0
        assert await attempts.purge(before=NOW + SECOND) == 1
        assert await self._begin(attempts) is None

    def test_many_tries_at_once_are_all_counted(self, attempts: AttemptStore) -> None:
        async def begin(number: int) -> datetime | None:
            return await self._begin(attempts)

        assert at_once(begin, 6).count(None) == 3
