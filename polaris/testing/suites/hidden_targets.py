"""The conformance suite of `polaris.ports.hidden_targets`."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from polaris.application.object_tree import below
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidNameError, PolarisUnauthorizedError, StorageError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.storage import Read, Write
from polaris.testing.suites.at_once import at_once

__all__ = ["HiddenTargetsSuite"]

KIND = ArtifactKind.COMPETITION
HERE = ArtifactLocation(ArtifactRef(KIND, "acme", "the-contest"), "0" * 64)
ELSEWHERE = {
    "revision": ArtifactLocation(HERE.ref, "1" * 64),
    "slug": ArtifactLocation(ArtifactRef(KIND, "acme", "the-contest-2"), "0" * 64),
    "owner": ArtifactLocation(ArtifactRef(KIND, "acme-corp", "the-contest"), "0" * 64),
}


class HiddenTargetsSuite:
    """What every `HiddenTargets`, and every `TargetDeposit`, promises.

    Derive a class whose name begins with ``Test`` and give it the fixtures ``deposit`` and
    ``hidden``: both sides of one hidden area in which nothing is yet. Needs pytest-asyncio in its
    ``auto`` mode.
    """

    async def test_there_is_nothing_at_first(self, hidden: HiddenTargets) -> None:
        store = await hidden.reveal(HERE)
        assert await below(store, "") == []
        assert await store.get([Read("targets.zarr/y/0")]) == [None]

    async def test_what_was_deposited_is_revealed(
        self, deposit: TargetDeposit, hidden: HiddenTargets
    ) -> None:
        before = await hidden.reveal(HERE)
        await deposit.deposit(HERE, [Write("targets.zarr/y/0", b"chunk"), Write("sums", b"")])
        for store in (before, await hidden.reveal(HERE)):
            assert [stat.key for stat in await below(store, "")] == ["sums", "targets.zarr/y/0"]
            assert await store.get([Read("targets.zarr/y/0")]) == [b"chunk"]

    async def test_depositing_again_replaces(
        self, deposit: TargetDeposit, hidden: HiddenTargets
    ) -> None:
        await deposit.deposit(HERE, [Write("a", b"old"), Write("b", b"old")])
        await deposit.deposit(HERE, [Write("a", b"new")])
        store = await hidden.reveal(HERE)
        assert await store.get([Read("a"), Read("b")]) == [b"new", b"old"]

    async def test_depositing_nothing_changes_nothing(
        self, deposit: TargetDeposit, hidden: HiddenTargets
    ) -> None:
        await deposit.deposit(HERE, [])
        assert await below(await hidden.reveal(HERE), "") == []

    @pytest.mark.parametrize("other", ELSEWHERE.values(), ids=ELSEWHERE)
    async def test_revisions_are_apart(
        self, deposit: TargetDeposit, hidden: HiddenTargets, other: ArtifactLocation
    ) -> None:
        await deposit.deposit(HERE, [Write("y", b"here")])
        assert await below(await hidden.reveal(other), "") == []
        await deposit.deposit(other, [Write("y", b"there")])
        assert await (await hidden.reveal(HERE)).get([Read("y")]) == [b"here"]

    @pytest.mark.parametrize("key", ["../y", f"../{'1' * 64}/y", "/y", ".."])
    async def test_keys_do_not_lead_out_of_a_revision(
        self, deposit: TargetDeposit, hidden: HiddenTargets, key: str
    ) -> None:
        with pytest.raises(InvalidNameError):
            await deposit.deposit(HERE, [Write("y", b"good"), Write(key, b"bad")])
        store = await hidden.reveal(HERE)
        assert await below(store, "") == []
        with pytest.raises(InvalidNameError):
            await store.get([Read(key)])

    async def test_what_is_revealed_cannot_be_changed(
        self, deposit: TargetDeposit, hidden: HiddenTargets
    ) -> None:
        await deposit.deposit(HERE, [Write("y", b"true")])
        store = await hidden.reveal(HERE)
        with pytest.raises((PolarisUnauthorizedError, StorageError)):
            await store.put([Write("y", b"false")])
        with pytest.raises((PolarisUnauthorizedError, StorageError)):
            await store.delete(["y"])
        assert await store.get([Read("y")]) == [b"true"]

    def test_the_side_that_takes_in_has_no_other_verb(self, deposit: TargetDeposit) -> None:
        verbs = {
            name
            for name in dir(deposit)
            if not name.startswith("_") and inspect.iscoroutinefunction(getattr(deposit, name))
        }
        assert verbs == {"deposit"}

    def test_several_threads_deposit_at_once(
        self, deposit: TargetDeposit, hidden: HiddenTargets
    ) -> None:
        async def put(number: int) -> None:
            await deposit.deposit(HERE, [Write(f"y/{number}", b"%d" % number)])

        async def count() -> int:
            return len(await below(await hidden.reveal(HERE), ""))

        assert at_once(put, 4) == [None] * 4
        assert asyncio.run(count()) == 4
