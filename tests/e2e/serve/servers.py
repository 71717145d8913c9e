"""`polaris serve` in a process of its own, in an empty home."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import attrs
import httpx
import pytest

__all__ = ["COMMAND", "SECONDS", "Serve", "Serving"]

# Modules are found in the tree, as `python -m pytest` finds them.
COMMAND = [sys.executable, "-m", "polaris_adapters.cli"]
SECONDS = 60.0


@attrs.define
class Serving:
    """A server that runs.

    Attributes:
        process: The process that was started.
        told: What it wrote to standard output as JSON when it was about to serve.
        log: The lines of its standard error, so far.
        environment: The environment of everything that belongs to it.
        data: Its folder.
    """

    process: subprocess.Popen[str]
    told: Mapping[str, Any]
    log: list[str]
    environment: Mapping[str, str]
    data: Path

    @property
    def url(self) -> str:
        """Address of the hub."""
        return str(self.told["url"])

    def http(self, **given: Any) -> httpx.Client:
        """Return a client of it that knows nothing of proxies."""
        return httpx.Client(**{"base_url": self.url, "trust_env": False, "timeout": 30, **given})

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on its machine, in another process."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def token(self, user: str = "admin", *more: str) -> str:
        """Return a new token of a user."""
        made = self.run("hub", "token", "new", user, "--data", str(self.data), *more)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=SECONDS)


class Serve:
    """Starts servers, and ends them when the test has ended."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._started: list[tuple[subprocess.Popen[str], tuple[threading.Thread, ...]]] = []

    @property
    def environment(self) -> dict[str, str]:
        """An environment with an empty home, and no settings of whoever runs the tests."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("POLARIS_", "XDG_"))}
        return {**kept, "HOME": str(self.home), "NO_PROXY": "*"}

    def __call__(
        self,
        *arguments: str,
        data: Path | None = None,
        settings: Mapping[str, str] | None = None,
        **environment: str,
    ) -> Serving:
        """Start a server at a port that is free, and return once it is ready.

        Args:
            *arguments: Of the command.
            data: Its folder.
            settings: Further variables of its environment.
            **environment: The same.
        """
        folder = data or self.home / "hub"
        given = ["serve", "--json", "--port", "0", "--data", str(folder), *arguments]
        env = {**self.environment, **(settings or {}), **environment}
        process = subprocess.Popen(
            [*COMMAND, *given],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        log: list[str] = []
        lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        assert process.stderr is not None
        readers = (
            _reader(process.stderr, log.append),
            _reader(process.stdout, lines.put),
        )
        self._started.append((process, readers))
        serving = Serving(process, _told(process, lines, log), log, env, folder)
        _wait_until_ready(serving)
        return serving

    def close(self) -> None:
        """End all servers."""
        for process, readers in self._started:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for reader in readers:
                reader.join(timeout=SECONDS)


def _reader(pipe: IO[str], take: Callable[[str], None]) -> threading.Thread:
    """Read a pipe to its end, so that nobody has to wait to write to it."""

    def read() -> None:
        with pipe:
            for line in pipe:
                take(line)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _told(
    process: subprocess.Popen[str], lines: queue.Queue[str], log: list[str]
) -> Mapping[str, Any]:
    """Return the JSON that a server writes before it serves."""
    text = ""
    while not text.endswith("\n}\n"):
        try:
            text += lines.get(timeout=SECONDS)
        except queue.Empty:
            process.kill()
            pytest.fail(f"The server said only {text!r}; its log: {''.join(log)}")
    found: Mapping[str, Any] = json.loads(text)
    return found


def _wait_until_ready(serving: Serving) -> None:
    # Requests wait at the port until the server takes them.
    certificates = {"verify": False} if serving.url.startswith("https") else {}
    with serving.http(**certificates) as http:
        deadline = time.monotonic() + SECONDS
        while http.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline, "".join(serving.log)
            time.sleep(0.05)
