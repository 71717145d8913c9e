"""A store compared with a dict, over sequences of calls that Hypothesis makes up."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from polaris.application.object_keys import check_key
from polaris.errors import InvalidNameError, ObjectExistsError
from polaris.ports.storage import ByteRange, IfExists, Read, StoragePort, Write
from polaris.testing.suites.storage_keys import ODD_KEYS
from polaris.testing.suites.storage_listings import all_below

__all__ = ["check_against_model", "keys"]

R = TypeVar("R")


def _is_key(text: str) -> bool:
    try:
        check_key(text)
    except InvalidNameError:
        return False
    return True


def _leaf(text: str) -> str:
    # Some file systems do not tell capital letters, or ways to write an accent, apart.
    return unicodedata.normalize("NFC", text.casefold())


def keys() -> st.SearchStrategy[str]:
    """Return a strategy for keys of which none is a folder of another."""
    folders = st.lists(st.sampled_from(["d.dir", "e e.dir", "%.dir"]), max_size=2)
    leaves = st.one_of(
        st.sampled_from([key for key in ODD_KEYS if "/" not in key]),
        # With a slash in it, a leaf would make a folder of a name that is a key as well.
        st.text(
            st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"),
            min_size=1,
            max_size=8,
        ),
    )
    named = leaves.map(_leaf).filter(lambda leaf: not leaf.endswith(".dir"))
    return st.builds(lambda parts, leaf: "/".join([*parts, leaf]), folders, named).filter(_is_key)


def check_against_model(
    storage: StoragePort, *, examples: int = 25, steps: int = 20, unkept: str = ""
) -> None:
    """Make sequences of calls and compare what the store answers with what a dict would.

    Args:
        storage: The store; everything in it is removed.
        examples: How many sequences.
        steps: Longest sequence.
        unkept: Characters that keys must not have.

    Raises:
        AssertionError: They differ; the shortest sequence that shows it has been printed.
    """
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:

        class Machine(_StorageMachine):
            def __init__(self) -> None:
                super().__init__(storage, runner, unkept)

        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )


class _StorageMachine(RuleBasedStateMachine):
    known = Bundle[str]("known")

    def __init__(self, storage: StoragePort, runner: asyncio.Runner, unkept: str) -> None:
        super().__init__()
        self.storage = storage
        self.unkept = unkept
        self.runner = runner
        self.model: dict[str, bytes] = {}
        self.run(storage.delete([stat.key for stat in self.run(all_below(storage))]))

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        return self.runner.run(work)

    @rule(target=known, key=keys())
    def name(self, key: str) -> str:
        return "".join("_" if character in self.unkept else character for character in key)

    @rule(
        batch=st.lists(
            st.tuples(known, st.binary(max_size=40)), max_size=4, unique_by=lambda pair: pair[0]
        ),
        if_exists=st.sampled_from(IfExists),
    )
    def put(self, batch: list[tuple[str, bytes]], if_exists: IfExists) -> None:
        there = [key for key, _ in batch if key in self.model]
        work = self.storage.put([Write(*pair) for pair in batch], if_exists=if_exists)
        if if_exists is IfExists.RAISE and there:
            self._refused(work, batch, there)
            return
        written = [if_exists is not IfExists.SKIP or key not in self.model for key, _ in batch]
        assert self.run(work) == written
        self.model |= {key: data for (key, data), new in zip(batch, written, strict=True) if new}

    def _refused(
        self, work: Coroutine[Any, Any, object], batch: list[tuple[str, bytes]], there: list[str]
    ) -> None:
        with pytest.raises(ObjectExistsError) as caught:
            self.run(work)
        assert set(caught.value.keys) & set(there)
        # The others may have been written, but then whole.
        for key, data in batch:
            [found] = self.run(self.storage.get([Read(key)]))
            if key not in there and found is not None:
                assert found == data
                self.model[key] = data

    @rule(wanted=st.lists(known, max_size=4))
    def delete(self, wanted: list[str]) -> None:
        self.run(self.storage.delete(wanted))
        for key in wanted:
            self.model.pop(key, None)

    @rule(
        wanted=st.lists(known, max_size=4),
        start=st.integers(0, 45),
        size=st.integers(0, 45) | st.none(),
    )
    def get(self, wanted: list[str], start: int, size: int | None) -> None:
        stop = None if size is None else start + size
        found = self.run(self.storage.get([Read(key, ByteRange(start, stop)) for key in wanted]))
        assert found == [
            self.model[key][start:stop] if key in self.model else None for key in wanted
        ]

    @rule(key=known, count=st.integers(1, 45))
    def get_end(self, key: str, count: int) -> None:
        expected = self.model[key][-count:] if key in self.model else None
        assert self.run(self.storage.get([Read(key, ByteRange(-count))])) == [expected]

    @rule(prefix=st.sampled_from(["", "d.dir", "e e.dir", "d.dir/e e.dir", "%.dir/%.dir"]))
    def list_folder(self, prefix: str) -> None:
        head = f"{prefix}/" if prefix else ""
        rest = [key.removeprefix(head) for key in self.model if key.startswith(head)]
        found = self.run(self.storage.list_folder(prefix))
        assert found.folders == tuple(sorted({k.split("/")[0] for k in rest if "/" in k}))
        assert [s.key for s in found.objects] == sorted(head + k for k in rest if "/" not in k)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        stats = self.run(all_below(self.storage))
        assert {stat.key: stat.size for stat in stats} == {k: len(v) for k, v in self.model.items()}
        wanted = sorted(self.model)
        assert self.run(self.storage.get([Read(key) for key in wanted])) == [
            self.model[key] for key in wanted
        ]
