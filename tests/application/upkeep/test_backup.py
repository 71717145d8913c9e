from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from polaris.bootstrap.operators import Operations, hub_locks, open_backups, verify_backup
from polaris.domain.identity import ArtifactKind
from polaris.errors import (
    HubBusyError,
    PolarisChecksumError,
    PolarisHubError,
    StorageError,
)
from polaris.ports.artifacts import ArtifactQuery
from polaris.ports.storage import StoragePort, Write
from polaris.testing import Fault, FaultyStorage, InMemoryStorage
from tests.application.upkeep.conftest import HubUnderTest, everything

MakeHub = Callable[[str], HubUnderTest]


@pytest.fixture
def backups() -> InMemoryStorage:
    """An empty store for backups."""
    return InMemoryStorage()


async def _filled(hub: HubUnderTest) -> Operations:
    """Publish a few things, and return what operators can do."""
    dataset = await hub.publish("data-one")
    await hub.publish("data-one", text="second")
    await hub.publish("contest", kind=ArtifactKind.COMPETITION, subject=dataset.ref)
    await hub.publish("no-objects", {}, kind=ArtifactKind.RESULT)
    return hub.operations()


async def _assert_same(one: HubUnderTest, other: HubUnderTest) -> None:
    ours, theirs = one.ports, other.ports
    for kind in ArtifactKind:
        page = await theirs.artifacts.page(ArtifactQuery(kind))
        assert page == await ours.artifacts.page(ArtifactQuery(kind))
    assert await everything(theirs.objects) == await everything(ours.objects)
    assert await everything(theirs.hidden_objects) == await everything(ours.hidden_objects)
    await ours.aclose()
    await theirs.aclose()


async def test_a_restored_hub_is_the_same_hub(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    report = await (await _filled(hub)).back_up(backups)
    assert report.manifest.damaged == ()
    assert await verify_backup()(backups) == (report.manifest, [])
    other = make_hub("other")
    restored = await other.operations(new=True).restore(backups)
    assert restored.sent == report.manifest.objects
    await _assert_same(hub, other)
    assert (await other.operations().check(deep=True)).findings == ()


async def test_a_second_backup_copies_only_what_is_new(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    operations = await _filled(hub)
    first = await operations.back_up(backups)
    # One content under two names is copied once.
    assert 0 < first.copied < first.manifest.objects
    hub.clock.advance(1)
    assert (await operations.back_up(backups)).copied == 0
    hub.clock.advance(1)
    await hub.publish("data-two")
    third = await operations.back_up(backups)
    assert third.copied == 3
    # Each of them is whole by itself.
    early = make_hub("early")
    await early.operations(new=True).restore(backups, first.manifest.id)
    page = await early.ports.artifacts.page(ArtifactQuery(ArtifactKind.DATASET))
    assert page.total == 1
    late = make_hub("late")
    await late.operations(new=True).restore(backups)
    await _assert_same(hub, late)


async def test_what_is_published_meanwhile_is_in_none_or_whole(
    hub: HubUnderTest, make_hub: MakeHub
) -> None:
    operations = await _filled(hub)

    class Publishing(InMemoryStorage):
        count = 0

        async def put(self, writes: object, /, **options: object) -> list[bool]:
            Publishing.count += 1
            if Publishing.count < 12:
                await hub.publish(f"during-{Publishing.count}")
            return await super().put(writes, **options)  # type: ignore[arg-type]

    backups = Publishing()
    await operations.back_up(backups)
    other = make_hub("other")
    await other.operations(new=True).restore(backups)
    assert (await other.operations().check(deep=True)).findings == ()


async def test_a_backup_that_was_interrupted_is_none(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    operations = await _filled(hub)
    for calls in range(1, 40):
        faulty = FaultyStorage(backups, fail=Fault("put", calls))
        hub.clock.advance(1)
        try:
            await operations.back_up(faulty)
        except StorageError:
            with pytest.raises(StorageError, match=r"no (complete )?backup"):
                await verify_backup()(backups)
            continue
        break
    else:
        raise AssertionError("the backup never ended")
    assert calls > 4
    assert (await verify_backup()(backups))[1] == []


async def test_a_backup_holds_no_more_than_it_must_of_a_damaged_hub(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    operations = await _filled(hub)
    ports = hub.ports
    [damaged, *_] = [k for k in await everything(ports.objects) if k.endswith("a.txt")]
    await ports.objects.put([Write(damaged, b"something else")])
    await ports.objects.put([Write("datasets/acme/stray", b"nobody's")])
    report = await operations.back_up(backups)
    assert all(damaged.rpartition("/")[2] in text for text in report.manifest.damaged)
    assert report.manifest.damaged
    assert all(b"nobody's" not in data for data in (await everything(backups)).values())
    other = make_hub("other")
    await other.operations(new=True).restore(backups)
    codes = {finding.code for finding in (await other.operations().check()).findings}
    assert codes == {"object-missing"}


async def test_every_byte_of_a_backup_is_checked(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    report = await (await _filled(hub)).back_up(backups)
    whole = await everything(backups)
    for number, (key, data) in enumerate(whole.items()):
        if key == "polaris-backups.json":
            continue
        await backups.put([Write(key, data[:-1] + bytes([data[-1] ^ 1]))])
        if key.endswith("manifest.json"):
            with pytest.raises((PolarisChecksumError, StorageError)):
                await verify_backup()(backups)
        else:
            _, wrong = await verify_backup()(backups)
            assert len(wrong) == 1
            assert key in wrong[0]
        operations = make_hub(f"hub-{number}").operations(new=True)
        if "/revisions-" not in key:
            with pytest.raises((PolarisChecksumError, StorageError)):
                await operations.restore(backups)
            # What was begun is no hub.
            if not key.endswith("manifest.json"):
                with pytest.raises(PolarisHubError, match="being restored"):
                    _ = make_hub(f"hub-{number}").ports
        await backups.put([Write(key, data)])
    _, wrong = await verify_backup()(backups)
    assert wrong == []
    assert report.manifest.objects > 5


async def test_a_restore_goes_on_where_it_was_interrupted(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    await (await _filled(hub)).back_up(backups)
    other = make_hub("other")
    sent = 0
    for calls in range(1, 60):
        faulty = FaultyStorage(backups, fail=Fault("get", calls))
        try:
            report = await other.operations(new=True).restore(faulty)
        except StorageError:
            continue
        sent = report.sent
        break
    assert calls > 3
    assert sent == 0
    await _assert_same(hub, other)


async def test_nothing_is_restored_over_something(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    operations = await _filled(hub)
    await operations.back_up(backups)
    with pytest.raises(PolarisHubError, match="not empty"):
        await operations.restore(backups)
    other = make_hub("other")
    other_operations = other.operations(new=True)
    await (other_operations.restore.areas.hidden).put([Write("left/over", b"1")])
    with pytest.raises(PolarisHubError, match="hidden/left/over"):
        await other_operations.restore(backups)
    # It was not even begun.
    assert await other_operations.restore.dump.is_empty()


async def test_other_folders_are_not_for_backups(hub: HubUnderTest) -> None:
    operations = await _filled(hub)
    other: StoragePort = InMemoryStorage()
    await other.put([Write("my/thesis.txt", b"")])
    with pytest.raises(StorageError, match="something else"):
        await operations.back_up(other)
    await other.put([Write("polaris-backups.json", json.dumps({"format": 99}).encode())])
    with pytest.raises(StorageError, match="newer format"):
        await operations.back_up(other)
    with pytest.raises(StorageError, match="no backups"):
        await verify_backup()(InMemoryStorage())


async def test_a_backup_keeps_away_what_removes_and_lets_the_hub_serve(
    hub: HubUnderTest, backups: InMemoryStorage
) -> None:
    operations = await _filled(hub)
    locks = hub_locks(hub.settings)
    with locks.serving(), locks.upkeep():
        await operations.back_up(backups)
    with locks.upkeep(alone=True), pytest.raises(HubBusyError):
        await operations.back_up(backups)


async def test_only_an_unserved_hub_is_restored(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    await (await _filled(hub)).back_up(backups)
    other = make_hub("other")
    with hub_locks(other.settings).serving(), pytest.raises(HubBusyError, match="served"):
        await other.operations(new=True).restore(backups)


async def test_rows_that_refer_to_nothing_are_left_out(
    hub: HubUnderTest, make_hub: MakeHub, backups: InMemoryStorage
) -> None:
    import sqlite3
    from contextlib import closing

    operations = await _filled(hub)
    with closing(sqlite3.connect(hub.settings.data / "catalogue.sqlite")) as connection:
        connection.execute("DELETE FROM artifacts WHERE slug = 'contest'")
        connection.commit()
    await operations.back_up(backups)
    other = make_hub("other")
    await other.operations(new=True).restore(backups)
    assert (await other.operations().check(deep=True)).findings == ()


def test_a_new_folder_of_backups_is_for_its_owner_alone(hub: HubUnderTest, tmp_path: Path) -> None:
    open_backups(hub.settings, str(tmp_path / "backups"), make=True)
    assert (tmp_path / "backups").stat().st_mode & 0o777 == 0o700
    with pytest.raises(PolarisHubError, match="no folder"):
        open_backups(hub.settings, str(tmp_path / "elsewhere"), make=False)


async def test_the_rows_of_a_backup_can_be_read_without_polaris(
    hub: HubUnderTest, backups: InMemoryStorage
) -> None:
    await (await _filled(hub)).back_up(backups)
    lines = [
        json.loads(line)
        for key, data in (await everything(backups)).items()
        if "/tables/artifacts-" in key
        for line in gzip.decompress(data).splitlines()
    ]
    assert {line["slug"] for line in lines} == {"data-one", "contest", "no-objects"}
