"""A hub whose processes are killed and started again, at one address."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from tests.e2e.killed_hub.own_store import free_ports
from tests.e2e.serve.servers import COMMAND

__all__ = ["KillableHub"]

_PATIENCE = 90.0
_PAUSE = 0.05


class KillableHub:
    """`polaris serve`, with what belongs to it in a process group of its own.

    Args:
        home: An empty folder.
        arguments: Of `polaris serve`.
        environment: Of all its processes.
    """

    def __init__(
        self, home: Path, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self.home, self.data = home, home / "hub"
        self.environment = dict(environment)
        self._arguments = arguments
        [self._port] = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, the same after every start."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """What it has written to standard error, in all its lives."""
        return (self.home / "log").read_text("utf-8", "replace")

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        command = [*COMMAND, "serve", "--json", "--port", str(self._port), "--data", str(self.data)]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._arguments],
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it says that it is ready."""
        end = time.monotonic() + _PATIENCE
        with httpx.Client(base_url=self.url, trust_env=False, timeout=10) as http:
            while time.monotonic() < end:
                with suppress(httpx.TransportError):
                    if http.get("/readyz").status_code == 200:
                        return
                assert self._process is not None
                assert self._process.poll() is None, self.log[-3000:]
                time.sleep(_PAUSE)
        raise AssertionError(f"The hub is not ready: {self.log[-3000:]}")

    def kill(self) -> None:
        """End all its processes at once, with SIGKILL."""
        if self._process is not None:
            # Also those that have lost the process that started them.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """Tell it to end, and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(timeout=_PATIENCE)
        self._process = None
        return code

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on its machine, in another process."""
        return subprocess.run(
            [*COMMAND, *arguments, "--data", str(self.data)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=2 * _PATIENCE,
            check=False,
        )
