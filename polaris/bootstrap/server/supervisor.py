"""Keeping the processes that serve alive."""

from __future__ import annotations

import logging

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

__all__ = ["Supervisor"]

_LOG = logging.getLogger("polaris.server")


class Supervisor(Multiprocess):
    """The supervisor of uvicorn, which kills no process because it is slow.

    uvicorn asks each process whether it lives, and kills those that do not answer in time. On a
    busy machine one that begins takes longer than that, so none ever would; and of one that dies
    while it is asked, the answer is waited for in vain, all the time that slow ones are given.
    Here, processes that have ended are replaced, and no others.

    It also lets go of the port as soon as it tells its processes to end. As long as it held on,
    the system would take connections that nobody answers, and cut them at the end.
    """

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
            process.join()
            if process.exitcode == STARTUP_FAILURE:
                # The next one would fail in the same way.
                _LOG.error("Process %s could not begin", process.pid)
                self.should_exit.set()
                return
            _LOG.warning("Process %s ended with %s; another begins", process.pid, process.exitcode)
            self.processes[place] = Process(self.config, self.sockets)
            self.processes[place].start()
