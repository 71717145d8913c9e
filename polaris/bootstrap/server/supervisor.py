"""Keeping the processes that serve alive."""

from __future__ import annotations

import logging
import time
from typing import Any

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

__all__ = ["Supervisor"]

_LOG = logging.getLogger("polaris.server")
# Seconds between two tries to begin.
_LONGEST_PAUSE = 30.0


class Supervisor(Multiprocess):
    """The supervisor of uvicorn, which kills no process because it is slow.

    uvicorn asks each process whether it lives, and kills those that do not answer in time. On a
    busy machine one that begins takes longer than that, so none ever would; and of one that dies
    while it is asked, the answer is waited for in vain, all the time that slow ones are given.
    Here, processes that have ended are replaced, and no others.

    One that cannot even begin ends the server if it is of the first ones: the others would fail in
    the same way. One that is to replace another is tried again after a while, since what it needs,
    such as the database, may be away for a moment only.

    It also lets go of the port as soon as it tells its processes to end. As long as it held on,
    the system would take connections that nobody answers, and cut them at the end.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # By place among the processes: how many in a row could not begin, and when to try again.
        self._failures: dict[int, int] = {}
        self._due: dict[int, float] = {}

    def terminate_all(self) -> None:
        """Tell all processes to end; each stops listening by itself."""
        super().terminate_all()
        for listener in self.sockets:
            listener.close()

    def keep_subprocess_alive(self) -> None:
        """Replace the processes that have ended."""
        for place, process in enumerate(self.processes):
            if self.should_exit.is_set() or process.process.is_alive():
                continue
            if time.monotonic() < self._due.get(place, 0.0):
                continue
            if place in self._due:
                self._replace(place)
                continue
            process.join()
            if process.exitcode == STARTUP_FAILURE and place not in self._failures:
                _LOG.error("Process %s could not begin", process.pid)
                self.should_exit.set()
                return
            self._noted(place, process)

    def _noted(self, place: int, process: Process) -> None:
        """Replace a process that has ended, or say when it will be tried to."""
        if process.exitcode != STARTUP_FAILURE:
            _LOG.warning("Process %s ended with %s; another begins", process.pid, process.exitcode)
            self._failures[place] = 0
            self._replace(place)
            return
        self._failures[place] += 1
        pause = min(_LONGEST_PAUSE, 2.0 ** self._failures[place])
        _LOG.error("Process %s could not begin; another try in %g s", process.pid, pause)
        self._due[place] = time.monotonic() + pause

    def _replace(self, place: int) -> None:
        self._due.pop(place, None)
        self.processes[place] = Process(self.config, self.sockets)
        self.processes[place].start()
