"""The server that is measured: `polaris serve`, as an operator starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import psutil  # type: ignore[import-untyped]

__all__ = ["Served", "served"]

_PATIENCE = 60.0


@attrs.frozen
class Served:
    """A server that runs.

    Attributes:
        address: Host and port.
        process: Its first process.
    """

    address: tuple[str, int]
    process: psutil.Process

    def processor_seconds(self) -> float:
        """Return how much time of processors its processes have had, those of user and system."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes())

    def memory(self) -> list[float]:
        """Return the memory of its own of each process that serves, MiB; the largest first."""
        return sorted((p.memory_full_info().uss / 2**20 for p in self._processes()), reverse=True)

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def served(data: Path, *, database: str | None, workers: int) -> Iterator[Served]:
    """Serve a hub for as long as the block runs."""
    command = [
        sys.executable, "-m", "polaris_adapters.cli", "serve", "--data", str(data),
        "--port", "0", "--no-jobs", "--workers", str(workers),
    ]  # fmt: skip
    # Not on the command line, where everybody would see its password.
    named = {} if database is None else {"POLARIS_SERVER_DATABASE": database}
    with (data / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **named}
        )
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                text = (data / "serve.log").read_text("utf-8", "replace")
                raise RuntimeError(f"The server did not begin: {text[-2000:]}")
            url = said.decode().split()[-1]  # The hub is at …
            _wait(f"{url}/readyz")
            found = urlsplit(url)
            address = (found.hostname or "", found.port or 0)
            yield Served(address, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _wait(url: str) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=_PATIENCE).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
