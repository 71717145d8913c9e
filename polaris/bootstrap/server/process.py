"""A process that serves: its application, its log, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from types import FrameType
from typing import Any

import attrs
from starlette.applications import Starlette

from polaris.bootstrap.operators import hub_locks
from polaris.bootstrap.server.app import build_app
from polaris.bootstrap.server.logs import set_up_log
from polaris.bootstrap.server.ports import open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.hub_server.operation import forget_dead_processes

__all__ = ["HubProcess"]

# Seconds that are left for what has to be closed, some of which waits for five.
_LAST = 8.0


@attrs.frozen
class HubProcess:
    """Makes the application of a process.

    It goes to worker processes through a pipe, settings and all: secrets stand neither in their
    arguments nor in their environment.

    Attributes:
        settings: What the hub is made of.
    """

    settings: ServerSettings

    def __call__(self) -> Starlette:
        """Return the application; called once in each process."""
        set_up_log(self.settings)
        forget_dead_processes()
        # Until the process ends, so that nobody restores or migrates what it serves.
        held = ExitStack()
        held.enter_context(hub_locks(self.settings).serving())
        app = build_app(open_server(self.settings), self.settings, close_ports=True)
        inner = app.router.lifespan_context

        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            with held:
                async with inner(app):
                    _say_so_before_ending(app, self.settings.drain)
                    yield
                    # What computes in a thread cannot be stopped, and Python waits for it.
                    _end_in_any_case()

        app.router.lifespan_context = lifespan
        return app


def _say_so_before_ending(app: Starlette, seconds: float) -> None:
    """Let a signal to end be told by ``/readyz`` first, and be obeyed after some seconds.

    Until then requests are answered, so that a balancer in front can send them elsewhere; the job
    under way is given back at once. A second signal is obeyed at once.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop, readiness, jobs = asyncio.get_running_loop(), app.state.readiness, app.state.jobs
    for number in (signal.SIGTERM, signal.SIGINT):
        obey = signal.getsignal(number)
        if not callable(obey):
            continue

        def told(
            number: int,
            frame: FrameType | None,
            obey: Callable[[int, FrameType | None], Any] = obey,
        ) -> None:
            is_first, readiness.is_stopping = not readiness.is_stopping, True
            if jobs is not None:
                jobs.end()
            if is_first and seconds > 0:
                loop.call_soon_threadsafe(loop.call_later, seconds, obey, number, None)
            else:
                obey(number, frame)

        signal.signal(number, told)


def _end_in_any_case() -> None:
    def end() -> None:
        time.sleep(_LAST)
        os._exit(0)

    threading.Thread(target=end, name="polaris-end", daemon=True).start()
