"""Hubs to measure: databases that are filled, and thrown away afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from benchmarks.hub_load.corpus import Corpus
from benchmarks.hub_load.seeding import seed_postgres, seed_sqlite
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
        database_bytes: How large its database is.
    """

    settings: ServerSettings
    database_bytes: int

    @property
    def database(self) -> str | None:
        """URL of its database; None for a file in its folder."""
        return self.settings.database


@contextmanager
def hub_factory(kind: str) -> Iterator[Callable[[Corpus], SeededHub]]:
    """Give what makes hubs on one kind of database; each takes the place of the one before."""
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
                size = seed_postgres(last[0], corpus)
                return SeededHub(ServerSettings(data=folder, database=last[0]), size)

            yield make


def _on_sqlite(folder: Path, corpus: Corpus) -> SeededHub:
    size = seed_sqlite(_emptied(folder), corpus)
    return SeededHub(ServerSettings(data=folder), size)


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder
