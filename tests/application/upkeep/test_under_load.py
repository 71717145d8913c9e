"""Backups and removals while other processes publish; on SQLite and PostgreSQL, folder and S3."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from polaris.application.upkeep.collect_garbage import Graces
from polaris.bootstrap.operators import open_backups, open_operations, verify_backup
from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.object_store.bucket import BucketStorage
from tests.application.upkeep.conftest import HubUnderTest, everything, new_clock

# Each publishes for as long as its input is open: some of its own, some that all publish.
PUBLISH = """
import asyncio, json, select, sys
from pathlib import Path
from polaris.bootstrap.server.settings import ServerSettings
from tests.application.upkeep.conftest import HubUnderTest, new_clock
from polaris.domain.identity import ArtifactKind
from polaris.errors import PolarisCreateArtifactError

settings, number = json.loads(sys.argv[1]), sys.argv[2]
hub = HubUnderTest(ServerSettings(**settings), new_clock())

async def again(*arguments, **options):
    while True:
        try:
            return await hub.publish(*arguments, **options)
        except PolarisCreateArtifactError:
            pass  # It was given up meanwhile, and says so.

async def publish():
    turn = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        await again(f"own-{number}-{turn}")
        await again("shared", text=f"{turn % 3}")
        await again(f"contest-{turn % 4}", kind=ArtifactKind.COMPETITION, text=number)
        turn += 1
        if turn == 2:
            print("ready", flush=True)
    print(turn, flush=True)

asyncio.run(publish())
"""
ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def _publishers(settings: Mapping[str, Any], count: int) -> Iterator[list[subprocess.Popen[str]]]:
    import json

    said = json.dumps({name: str(value) for name, value in settings.items()})
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PUBLISH, said, str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for number in range(count)
    ]  # fmt: skip
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield started
        for process in started:
            out, _ = process.communicate("end\n", timeout=60)
            assert int(out) > 2
            assert process.returncode == 0
    finally:
        for process in started:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                stream.close()


async def _backed_up(hub: HubUnderTest, where: str) -> None:
    operations = hub.operations()
    store = open_backups(hub.settings, where, make=True)
    for _ in range(3):
        report = await operations.back_up(store)
        assert report.manifest.damaged == ()
        hub.clock.advance(1)
    assert (await verify_backup()(store))[1] == []
    operations.database.close()


async def _restored(hub: HubUnderTest, where: str) -> None:
    operations = hub.operations(new=True)
    await operations.restore(open_backups(hub.settings, where, make=False))
    report = await operations.check(deep=True)
    assert report.findings == ()
    assert report.revisions > 8
    operations.database.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_backup_while_four_processes_publish(
    hub: HubUnderTest, make_hub: Callable[[str], HubUnderTest], tmp_path: Path
) -> None:
    where = str(tmp_path / "backups")
    with _publishers({"data": hub.settings.data}, 4):
        asyncio.run(_backed_up(hub, where))
    asyncio.run(_restored(make_hub("other"), where))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_removals_while_four_processes_publish(hub: HubUnderTest) -> None:
    """With no grace at all, every upload is in danger at every moment."""

    async def collect(times: int) -> int:
        ahead = new_clock()
        ahead.advance(3600)
        operations = open_operations(hub.settings, clock=ahead)
        removed = 0
        for _ in range(times):
            # What is seen between begin and commit is given up, and must be published again.
            graces = Graces(uploads=timedelta(seconds=3599))
            report = await operations.collect(graces, dry_run=False)
            removed += len(report.removed)
        operations.database.close()
        return removed

    with _publishers({"data": hub.settings.data}, 4):
        removed = asyncio.run(collect(60))
    assert removed > 0, "nothing was ever removed while it was published"
    asyncio.run(_checked(hub))


async def _checked(hub: HubUnderTest) -> None:
    operations = hub.operations()
    assert (await operations.check(deep=True)).findings == ()
    operations.database.close()


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hub_grows_from_sqlite_and_a_folder_to_postgresql_and_s3_and_back(
    hub: HubUnderTest,
    make_hub: Callable[[str], HubUnderTest],
    tmp_path: Path,
    postgres_url: str,
    open_bucket: Callable[[], BucketStorage],
) -> None:
    place = open_bucket().place
    keys = {"storage_access_key": "polaris-key", "storage_secret_key": "polaris-secret"}
    store = {"storage_endpoint": place.endpoint, "storage_region": place.region, **keys}
    url = f"s3://{place.bucket}/{place.prefix}"
    large: dict[str, Any] = {
        "data": tmp_path / "large", "database": postgres_url, "storage": f"{url}/hub", **store
    }  # fmt: skip
    grown = HubUnderTest(ServerSettings(**large), new_clock())
    first, second = str(tmp_path / "backups"), f"{url}/backups"

    async def run() -> None:
        await hub.publish("data-one")
        operations = hub.operations()
        await operations.back_up(open_backups(hub.settings, first, make=True))
        operations.database.close()
        operations = grown.operations(new=True)
        await operations.restore(open_backups(grown.settings, first, make=False))
        assert (await operations.check(deep=True)).findings == ()
        operations.database.close()

    asyncio.run(run())
    with _publishers(large, 4):
        asyncio.run(_backed_up(grown, second))
    back = make_hub("back")
    settings = attrs.evolve(
        back.settings, storage_endpoint=place.endpoint, storage_region=place.region, **keys
    )
    asyncio.run(_restored(HubUnderTest(settings, back.clock), second))
    asyncio.run(_damaged_and_repaired(grown))


async def _damaged_and_repaired(hub: HubUnderTest) -> None:
    operations = hub.operations()
    objects = operations.check.areas.objects
    key = next(key for key in await everything(objects) if "/own-0-0/" in key)
    await objects.delete([key])
    assert not (await operations.check()).is_clean
    assert (await operations.check(repair=True)).is_clean
    assert (await operations.check(deep=True)).findings == ()
    operations.database.close()
