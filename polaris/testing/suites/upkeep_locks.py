"""What `UpkeepLocks` and `SchemaUpkeep` promise."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from polaris.errors import HubBusyError, InvalidInputError
from polaris.ports.upkeep import SchemaUpkeep, UpkeepLocks

__all__ = ["UpkeepLocksSuite"]


class UpkeepLocksSuite:
    """Locks and schemas; part of `UpkeepSuite`."""

    @pytest.mark.parametrize("name", ["serving", "upkeep"])
    @pytest.mark.parametrize(
        ("first", "second", "is_refused"),
        [(False, False, False), (False, True, True), (True, False, True), (True, True, True)],
    )
    def test_one_that_is_alone_keeps_out_all_others(
        self, locks: UpkeepLocks, name: str, first: bool, second: bool, is_refused: bool
    ) -> None:
        lock = getattr(locks, name)
        with lock(alone=first), ExitStack() as stack:
            if is_refused:
                with pytest.raises(HubBusyError, match=r"hub|under way"):
                    stack.enter_context(lock(alone=second))
            else:
                stack.enter_context(lock(alone=second))
        # What has ended keeps out nobody.
        with lock(alone=True):
            pass

    def test_the_two_locks_know_nothing_of_each_other(self, locks: UpkeepLocks) -> None:
        with locks.serving(alone=True), locks.upkeep(alone=True):
            pass

    def test_a_failure_lets_go_of_a_lock(self, locks: UpkeepLocks) -> None:
        with pytest.raises(RuntimeError, match="mine"), locks.upkeep(alone=True):
            raise RuntimeError("mine")
        with locks.upkeep(alone=True):
            pass

    async def test_a_schema_can_be_left_and_come_back_to(self, schema: SchemaUpkeep) -> None:
        head = await schema.plan("head")
        assert head.current == head.target
        assert head.steps == ()
        down = await schema.plan("0002")
        assert down.is_down
        assert [revision for revision, _ in down.steps][-1] == "0003"
        assert all(text for _, text in down.steps)
        assert await schema.migrate("0002") == down
        up = await schema.migrate("head")
        assert not up.is_down
        assert up.current == "0002"
        assert [r for r, _ in up.steps] == [r for r, _ in reversed(down.steps)]
        assert (await schema.plan("head")).steps == ()

    async def test_a_schema_that_there_is_none_of_is_refused(self, schema: SchemaUpkeep) -> None:
        with pytest.raises(InvalidInputError, match="9999"):
            await schema.plan("9999")
        with pytest.raises(InvalidInputError, match="9999"):
            await schema.migrate("9999")
