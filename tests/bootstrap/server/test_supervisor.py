"""What replaces processes that have ended; the processes themselves are made up."""

from __future__ import annotations

import signal
import types
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import SIGNALS

from polaris.bootstrap.server import supervisor
from polaris.bootstrap.server.supervisor import Supervisor


@attrs.define
class MadeUpProcess:
    """Looks like one of uvicorn's; it ends when the test says so."""

    exitcode: int | None = None
    pid: int = 4711
    joined: bool = False

    @property
    def process(self) -> Any:
        return types.SimpleNamespace(is_alive=lambda: self.exitcode is None)

    def start(self) -> None:
        pass

    def join(self) -> None:
        self.joined = True


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[MadeUpProcess]:
    """Every process that was begun as a replacement, in order."""
    found: list[MadeUpProcess] = []

    def make(*_: Any) -> MadeUpProcess:
        found.append(MadeUpProcess())
        return found[-1]

    monkeypatch.setattr(supervisor, "Process", make)
    return found


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the supervisor sees; changed by the tests."""
    found = [1000.0]
    monkeypatch.setattr(supervisor, "time", types.SimpleNamespace(monotonic=lambda: found[0]))
    return found


@pytest.fixture
def watching(begun: list[MadeUpProcess], now: list[float]) -> Iterator[Any]:
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    found: Any = Supervisor(uvicorn.Config("nothing:here", workers=2), sockets=[])
    found.processes = [MadeUpProcess(), MadeUpProcess()]
    yield found
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_one_that_was_killed_is_replaced_at_once(watching: Any, begun: list[MadeUpProcess]) -> None:
    killed, other = watching.processes
    killed.exitcode = -9
    watching.keep_subprocess_alive()
    assert watching.processes == [begun[0], other]
    assert killed.joined
    assert not watching.should_exit.is_set()


def test_a_first_process_that_cannot_begin_ends_the_server(
    watching: Any, begun: list[MadeUpProcess]
) -> None:
    watching.processes[1].exitcode = STARTUP_FAILURE
    watching.keep_subprocess_alive()
    assert watching.should_exit.is_set()
    assert not begun


def test_a_replacement_that_cannot_begin_is_tried_again_after_longer_and_longer_pauses(
    watching: Any, begun: list[MadeUpProcess], now: list[float]
) -> None:
    watching.processes[0].exitcode = -9
    watching.keep_subprocess_alive()
    pauses = []
    for _ in range(6):
        begun[-1].exitcode = STARTUP_FAILURE
        count, since = len(begun), now[0]
        while len(begun) == count:
            watching.keep_subprocess_alive()
            now[0] += 0.5
        pauses.append(now[0] - 0.5 - since)
    assert pauses == [2, 4, 8, 16, 30, 30]
    assert not watching.should_exit.is_set()


def test_after_one_that_began_well_the_pauses_are_short_again(
    watching: Any, begun: list[MadeUpProcess], now: list[float]
) -> None:
    watching.processes[0].exitcode = -9
    watching.keep_subprocess_alive()
    begun[-1].exitcode = STARTUP_FAILURE
    watching.keep_subprocess_alive()
    now[0] += 2
    watching.keep_subprocess_alive()
    begun[-1].exitcode = -9
    watching.keep_subprocess_alive()
    assert len(begun) == 3
