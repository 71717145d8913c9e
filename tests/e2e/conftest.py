"""Hubs that serve for a whole run, and processes that may be killed while they work."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.e2e.served_hubs import ServedHub, served_hub
from tests.postgres_server import PostgresServer
from tests.s3_fixtures import KEY, SECRET


class RunKilled(Protocol):
    """Runs a program that writes ``ready``, and works once it has read a line."""

    def __call__(
        self, program: str, *arguments: str, kill_after: float | None = None
    ) -> float | None:
        """Return how long it worked, in seconds, if it came to its end."""
        ...


@pytest.fixture
def run_killed() -> RunKilled:
    return _run_killed


def _run_killed(program: str, *arguments: str, kill_after: float | None = None) -> float | None:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    answer = process.stdout.read().split()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    return float(answer[1]) if answer else None


@pytest.fixture(scope="session")
def folder_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHub]:
    """A hub on SQLite and a folder, in one process; tests take it as `emptied`."""
    with served_hub(tmp_path_factory.mktemp("folder-hub")) as hub:
        yield hub


@pytest.fixture(scope="session")
def cluster_hub(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, s3_server: str
) -> Iterator[ServedHub]:
    """A hub on PostgreSQL and a bucket, in two processes."""
    with served_hub(
        tmp_path_factory.mktemp("cluster-hub"),
        "--workers",
        "2",
        database=postgres_server.new_database(),
        storage=f"s3://polaris/{secrets.token_hex(8)}",
        storage_endpoint=s3_server,
        storage_access_key=KEY,
        storage_secret_key=SECRET,
    ) as hub:
        yield hub


@pytest.fixture
def running(request: pytest.FixtureRequest) -> ServedHub:
    """A hub, with what others left there: ``folder``, or what the test is parametrized by."""
    hub: ServedHub = request.getfixturevalue(f"{getattr(request, 'param', 'folder')}_hub")
    return hub


@pytest.fixture
def emptied(running: ServedHub) -> ServedHub:
    """The same, with nothing that anybody published."""
    running.empty()
    return running
