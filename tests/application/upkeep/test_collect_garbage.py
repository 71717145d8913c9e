from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from polaris.application.upkeep.collect_garbage import GarbageReport, Graces
from polaris.bootstrap.operators import hub_locks
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ArtifactNotFoundError,
    HubBusyError,
    PolarisCreateArtifactError,
    StorageError,
)
from polaris.ports.artifacts import Publication
from polaris.ports.storage import Write
from polaris.testing.suites.artifact_drafts import draft_of
from polaris_adapters.sql_catalogue.history import SqlHistory
from tests.application.upkeep.conftest import HubUnderTest, everything

DAY = 24 * 3600.0


async def _begun(hub: HubUnderTest, slug: str = "half-done") -> Publication:
    """Begin an upload and put an object, in both areas."""
    ports = hub.ports
    publication = await ports.artifacts.begin(draft_of(slug, kind=ArtifactKind.COMPETITION))
    store = await ports.storage.open(publication.location, write=True)
    await store.put([Write("a.txt", b"12345")])
    await ports.deposit.deposit(publication.location, [Write("y", b"678")])
    await ports.aclose()
    return publication


async def _collected(
    hub: HubUnderTest, *, dry_run: bool = False, deleted: float | None = None
) -> GarbageReport:
    graces = Graces(deleted=None if deleted is None else timedelta(days=deleted))
    operations = hub.operations()
    try:
        return await operations.collect(graces, dry_run=dry_run)
    finally:
        operations.database.close()


async def test_what_a_killed_writer_left_is_removed(hub: HubUnderTest) -> None:
    record = await hub.publish("data-one")
    folder = hub.settings.data / "objects" / f"datasets/{record.ref.artifact_id}"
    left = folder / record.location.revision / "a.txt#7"
    left.write_bytes(b"hal")
    assert (await _collected(hub)).removed == ()
    hub.clock.advance(DAY + 60)
    shown = await _collected(hub, dry_run=True)
    [one] = shown.removed
    assert (one.what, one.objects, one.size) == ("unfinished object", 1, 3)
    assert one.where == f"objects/{left.relative_to(hub.settings.data / 'objects')}"
    assert left.exists()
    assert (await _collected(hub)).removed == shown.removed
    assert not left.exists()
    assert left.with_name("a.txt").exists()


async def test_an_abandoned_upload_is_removed_and_can_be_made_again(hub: HubUnderTest) -> None:
    record = await hub.publish("data-one")
    publication = await _begun(hub)
    assert (await _collected(hub)).removed == ()
    hub.clock.advance(DAY + 60)
    shown = await _collected(hub, dry_run=True)
    [one] = shown.removed
    assert (one.what, one.objects, one.size) == ("abandoned upload", 2, 8)
    assert (await _collected(hub)).removed == shown.removed
    assert (await _collected(hub)).removed == ()
    ports = hub.ports
    assert all("half-done" not in key for key in await everything(ports.objects))
    assert await everything(ports.hidden_objects) == {}
    with pytest.raises(PolarisCreateArtifactError, match="never begun"):
        await ports.artifacts.commit(publication)
    assert await ports.artifacts.get(record.ref) == record
    await ports.aclose()
    assert (await hub.operations().check(deep=True)).findings == ()
    await hub.publish("half-done")


async def test_an_upload_to_which_something_came_is_left_alone(hub: HubUnderTest) -> None:
    await _begun(hub)
    hub.clock.advance(DAY + 60)
    [path] = hub.settings.data.glob("objects/competitions/acme/half-done/*/a.txt")
    late = hub.clock.now().timestamp() - 60
    os.utime(path, (late, late))
    assert (await _collected(hub)).removed == ()
    assert path.exists()


async def test_what_was_committed_is_never_removed(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    first = await hub.publish("data-one", text="second")
    # The first one once more: announced, and once committed.
    ports = hub.ports
    await ports.artifacts.begin(draft_of("data-one"))
    before = await everything(ports.objects)
    hub.clock.advance(400 * DAY)
    report = await _collected(hub, deleted=30)
    assert [one.objects for one in report.removed] == [0]
    assert await everything(ports.objects) == before
    assert await ports.artifacts.get(first.ref) == first


async def test_what_was_deleted_goes_only_on_request_and_late(hub: HubUnderTest) -> None:
    record = await hub.publish("data-one")
    await hub.publish("contest", kind=ArtifactKind.COMPETITION)
    contest = ArtifactRef(ArtifactKind.COMPETITION, "acme", "contest")
    ports = hub.ports
    history = SqlHistory(ports.database, hub.clock)
    await history.delete(record.ref)
    await history.delete(contest)
    hub.clock.advance(29 * DAY)
    assert (await _collected(hub, deleted=30)).removed == ()
    hub.clock.advance(2 * DAY)
    assert (await _collected(hub)).removed == ()
    await history.restore(contest)
    report = await _collected(hub, deleted=30)
    assert [(one.what, one.objects) for one in report.removed] == [("deleted revision", 3)]
    with pytest.raises(ArtifactNotFoundError):
        await history.restore(record.ref)
    assert (await ports.artifacts.get(contest)).number == 1
    assert (await hub.operations().check(deep=True)).findings == ()


async def test_a_removal_that_was_interrupted_is_finished(
    hub: HubUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = await _begun(hub)
    hub.clock.advance(DAY + 60)
    operations = hub.operations()

    async def killed(*_: object) -> None:
        raise StorageError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(type(operations.collect.areas.objects), "delete", killed)
        with pytest.raises(StorageError):
            await operations.collect(Graces(), dry_run=False)
    [warning] = (await operations.check()).findings
    assert (warning.code, warning.severity) == ("unfinished-removal", "warning")
    # Nobody can complete it any more, but it can be begun anew, and is then left alone.
    with pytest.raises(PolarisCreateArtifactError):
        await hub.ports.artifacts.commit(publication)
    await _begun(hub)
    [one] = (await _collected(hub)).removed
    assert one.what == "unfinished removal"
    await hub.ports.artifacts.commit(publication)
    [path] = hub.settings.data.glob("objects/competitions/acme/half-done/*/a.txt")
    assert path.read_bytes() == b"12345"


async def test_uploads_of_released_clients_are_removed_when_they_are_quiet(
    hub: HubUnderTest,
) -> None:
    ports = hub.ports
    old, new = "datasets/acme/data-one", "datasets/acme/data-two"
    for folder in (old, new):
        writes = [Write(f"{folder}/{'0' * 32}/table.parquet", b"123")]
        writes += [Write(f"{folder}/{'0' * 32}.parts/x/1", b"45")]
        await ports.incoming.put([*writes, Write(f"{folder}/announced.json", b"{}")])
    hub.clock.advance(DAY + 60)
    late = hub.clock.now().timestamp() - 60
    for path in (hub.settings.data / "incoming" / new).rglob("*"):
        os.utime(path, (late, late))
    assert (await _collected(hub)).size == 5
    left = await everything(ports.incoming)
    assert {key.rsplit("/")[2] for key in left} == {"data-two", "data-one"}
    # What was announced goes when there is nothing more to come.
    assert (await _collected(hub)).objects == 1
    assert (await _collected(hub)).removed == ()
    assert len(await everything(ports.incoming)) == 3


async def test_what_has_ended_is_counted(hub: HubUnderTest) -> None:
    ports = hub.ports
    now: datetime = hub.clock.now()
    await ports.replies.begin("me", "key", "call", token="t", now=now, until=now)
    assert (await _collected(hub, dry_run=True)).purged["replies"] is None
    assert (await _collected(hub)).purged["replies"] == 0
    hub.clock.advance(31 * DAY)
    assert (await _collected(hub)).purged == {
        "replies": 1,
        "credentials": 0,
        "tries to sign in": 0,
    }


async def test_it_waits_for_backups_and_checks(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    with hub_locks(hub.settings).upkeep():
        with pytest.raises(HubBusyError, match="under way"):
            await _collected(hub)
        await _collected(hub, dry_run=True)


async def test_publishers_of_the_same_content_lose_nothing(hub: HubUnderTest) -> None:
    await _begun(hub, "data-one")
    hub.clock.advance(DAY + 60)

    async def publish() -> None:
        # Each begins, looks at what is there, puts the rest and commits.
        await hub.publish("data-one", {"a.txt": b"12345"})

    async def collect() -> None:
        for _ in range(5):
            await _collected(hub)

    await asyncio.gather(publish(), collect(), publish())
    assert (await hub.operations().check(deep=True)).is_clean


async def test_a_hub_without_anything_is_fine(hub: HubUnderTest, tmp_path: Path) -> None:
    await hub.ports.aclose()
    assert (await _collected(hub)).removed == ()
