"""Hubs to measure: databases that are filled, and thrown away afterwards."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from benchmarks.hub_load.corpus import Corpus
from benchmarks.hub_load.seeding import make_caller, seed_postgres, seed_sqlite
from polaris.bootstrap.server.settings import ServerSettings
from tests.postgres_server import NO_POSTGRES, own_postgres, postgres_binaries

__all__ = ["SeededHub", "hub_factory"]

# As much as a small server gives it; the machine's own cache holds the rest.
_SHARED_BUFFERS = "512MB"


@attrs.frozen
class SeededHub:
    """A hub that has been filled.

    Attributes:
        settings: Where it is.
        token: Of the user in whose name requests are made.
        database_bytes: How large its database was.
        seeded_in: Seconds that it took to fill it.
    """

    settings: ServerSettings
    token: str
    database_bytes: int
    seeded_in: float


@contextmanager
def hub_factory(kind: str, kept: Path | None) -> Iterator[Callable[[Corpus], SeededHub]]:
    """Give what makes hubs on one kind of database; each takes the place of the one before.

    Args:
        kind: Which database.
        kept: Folder in which hubs on SQLite are kept, and taken from in later runs.
    """
    if kind == "sqlite" and kept is not None:
        yield lambda corpus: _kept_on_sqlite(kept / str(corpus.size), corpus)
        return
    with tempfile.TemporaryDirectory(prefix="polaris-load-") as name:
        folder = Path(name) / "hub"
        if kind == "sqlite":
            yield lambda corpus: _on_sqlite(folder, corpus)
            return
        if postgres_binaries() is None:
            raise SystemExit(NO_POSTGRES)
        with own_postgres(shared_buffers=_SHARED_BUFFERS) as server:
            last: list[str] = []

            def make(corpus: Corpus) -> SeededHub:
                while last:
                    server.drop_database(last.pop())
                _emptied(folder)
                last.append(server.new_database())
                settings = ServerSettings(data=folder, database=last[0])
                return _made(settings, lambda: seed_postgres(last[0], corpus))

            yield make


def _on_sqlite(folder: Path, corpus: Corpus) -> SeededHub:
    _emptied(folder)
    return _made(ServerSettings(data=folder), lambda: seed_sqlite(folder, corpus))


def _kept_on_sqlite(folder: Path, corpus: Corpus) -> SeededHub:
    facts = folder / "load.json"
    if facts.exists():
        return SeededHub(ServerSettings(data=folder), **json.loads(facts.read_text()))
    folder.parent.mkdir(parents=True, exist_ok=True)
    hub = _on_sqlite(folder, corpus)
    told = {name: getattr(hub, name) for name in ("token", "database_bytes", "seeded_in")}
    facts.write_text(json.dumps(told))
    return hub


def _made(settings: ServerSettings, seed: Callable[[], int]) -> SeededHub:
    began = time.monotonic()
    size = seed()
    seconds = time.monotonic() - began
    return SeededHub(settings, asyncio.run(make_caller(settings)), size, seconds)


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder
