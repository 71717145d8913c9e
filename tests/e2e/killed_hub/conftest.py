"""What is under fire: a hub on SQLite and a folder, or on PostgreSQL and a bucket."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.killed_hub.fire import UnderFire
from tests.e2e.killed_hub.killable_hub import KillableHub
from tests.e2e.killed_hub.own_store import BUCKET, own_store
from tests.postgres_server import own_postgres
from tests.s3_fixtures import KEY, SECRET

_KILL_SEED = os.environ.get("POLARIS_KILL_SEED")
# Submissions of a process that was killed are scored by the next one after so many seconds.
_JOBS = {"POLARIS_SERVER_JOB_POLL": "0.5", "POLARIS_SERVER_JOB_LEASE": "6"}


@pytest.fixture
def dice() -> random.Random:
    """Decides what is killed when; ``POLARIS_KILL_SEED`` makes a run again."""
    seed = _KILL_SEED or str(random.randrange(2**32))
    print(f"POLARIS_KILL_SEED={seed}")
    return random.Random(seed)


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POLARIS_", "XDG_", "AWS_"))}
    return {**kept, "HOME": str(home), "NO_PROXY": "*", **_JOBS}


@pytest.fixture
def in_a_folder(tmp_path: Path) -> Iterator[UnderFire]:
    """A hub on SQLite and a folder, in one process."""
    home = tmp_path / "home"
    home.mkdir()
    hub = KillableHub(home, ["--metrics", "off"], _environment(home))
    fire = UnderFire(hub, tmp_path, {"kill server": (hub.kill, hub.start, 3.0)})
    yield fire
    fire.end()


@pytest.fixture
def on_servers(tmp_path: Path) -> Iterator[UnderFire]:
    """A hub on PostgreSQL and SeaweedFS, in two processes."""
    home = tmp_path / "home"
    home.mkdir()
    with own_postgres() as postgres, own_store(tmp_path / "store") as store:
        environment = _environment(home) | {
            "POLARIS_SERVER_DATABASE": postgres.new_database(),
            "POLARIS_SERVER_STORAGE": f"s3://{BUCKET}/hub",
            "POLARIS_SERVER_STORAGE_ENDPOINT": store.url,
            "POLARIS_SERVER_STORAGE_ACCESS_KEY": KEY,
            "POLARIS_SERVER_STORAGE_SECRET_KEY": SECRET,
        }
        hub = KillableHub(home, ["--workers", "2", "--metrics", "off"], environment)
        deeds = {
            "kill server": (hub.kill, hub.start, 3.0),
            "kill PostgreSQL": (postgres.kill, postgres.start, 3.0),
            "kill store": (store.kill, store.start, 3.0),
        }
        fire = UnderFire(hub, tmp_path, deeds)
        yield fire
        fire.end()
