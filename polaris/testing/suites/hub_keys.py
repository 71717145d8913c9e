"""The conformance suite of `polaris.ports.keys`."""

from __future__ import annotations

import asyncio

import pytest

from polaris.ports.keys import HubKeys
from polaris.testing.suites.at_once import at_once

__all__ = ["HubKeysSuite"]

ANY = bytes(range(256))


def _never() -> bytes:
    raise AssertionError("there is one already")


class HubKeysSuite:
    """What every `HubKeys` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``keys``: an empty store.
    One that outlives the process gives ``reopened`` as well: another store over the same place.
    Needs pytest-asyncio in its ``auto`` mode.
    """

    @pytest.fixture
    def reopened(self, keys: HubKeys) -> HubKeys:
        """The same store once more; replace it where there is something to reopen."""
        return keys

    async def test_a_key_is_made_once(self, keys: HubKeys, reopened: HubKeys) -> None:
        assert await keys.get_or_make("tickets", lambda: ANY) == ANY
        assert await reopened.get_or_make("tickets", _never) == ANY
        assert await keys.get_or_make("other", lambda: b"") == b""
        assert await reopened.get_or_make("other", _never) == b""

    async def test_a_key_that_cannot_be_made_is_not_there(self, keys: HubKeys) -> None:
        with pytest.raises(AssertionError):
            await keys.get_or_make("tickets", _never)
        assert await keys.get_or_make("tickets", lambda: b"made") == b"made"

    async def test_a_key_is_replaced_if_it_is_as_expected(
        self, keys: HubKeys, reopened: HubKeys
    ) -> None:
        assert not await keys.replace("tickets", b"new", expected=b"old")
        await keys.get_or_make("tickets", lambda: b"old")
        assert not await keys.replace("tickets", b"new", expected=b"another")
        assert not await keys.replace("other", b"new", expected=b"old")
        assert await keys.replace("tickets", b"new", expected=b"old")
        assert await reopened.get_or_make("tickets", _never) == b"new"

    def test_all_who_make_a_key_at_once_get_the_same(self, keys: HubKeys) -> None:
        async def make(number: int) -> bytes:
            return await keys.get_or_make("tickets", lambda: b"%d" % number)

        made = at_once(make, 6)
        assert len(set(made)) == 1
        assert asyncio.run(keys.get_or_make("tickets", _never)) == made[0]

    def test_of_many_who_replace_a_key_at_once_one_succeeds(self, keys: HubKeys) -> None:
        asyncio.run(keys.get_or_make("tickets", lambda: b"old"))

        async def replace(number: int) -> bool:
            return await keys.replace("tickets", b"%d" % number, expected=b"old")

        outcomes = at_once(replace, 4)
        assert outcomes.count(True) == 1
        kept = asyncio.run(keys.get_or_make("tickets", _never))
        assert kept == b"%d" % outcomes.index(True)
