from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.bootstrap.operators import hub_locks
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.identity import ArtifactKind
from polaris.errors import HubBusyError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord
from polaris.ports.storage import Write
from polaris_adapters.sql_catalogue.history import SqlHistory
from tests.application.upkeep.conftest import HubUnderTest, everything, new_clock
from tests.application.upkeep.damages import DAMAGES, add_accounts

Shown = Mapping[str, tuple[ArtifactRecord, Mapping[str, bytes]]]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a hub that is whole; to be copied."""
    folder = tmp_path_factory.mktemp("healthy") / "hub"

    async def fill() -> None:
        hub = HubUnderTest(ServerSettings(data=folder), new_clock())
        dataset = await hub.publish("data-one")
        await hub.publish("data-one", text="second")
        await hub.publish("data-two")
        await hub.publish("bench", {}, kind=ArtifactKind.BENCHMARK, subject=dataset.ref)
        await hub.publish("contest", kind=ArtifactKind.COMPETITION)
        await hub.publish("try-one", kind=ArtifactKind.PREDICTION, evaluate=True)
        gone = await hub.publish("gone-data")
        ports = hub.ports
        await SqlHistory(ports.database, hub.clock).delete(gone.ref)
        await ports.aclose()

    asyncio.run(fill())
    add_accounts(folder)
    return folder


def _copy(healthy: Path, folder: Path) -> HubUnderTest:
    shutil.copytree(healthy, folder)
    return HubUnderTest(ServerSettings(data=folder), new_clock())


async def _shown(hub: HubUnderTest) -> Shown:
    """Return what readers see, by slug."""
    ports = hub.ports
    found = {}
    for kind in ArtifactKind:
        for record in (await ports.artifacts.page(ArtifactQuery(kind))).records:
            objects = await everything(await ports.storage.open(record.location))
            found[record.ref.slug] = (record, objects)
    await ports.aclose()
    return found


def test_a_hub_that_is_whole_is_clean(healthy: Path, tmp_path: Path) -> None:
    hub = _copy(healthy, tmp_path / "hub")
    for options in ({}, {"deep": True}, {"deep": True, "repair": True}):
        report = asyncio.run(hub.operations().check(**options))
        assert report.findings == ()
        assert report.revisions == 7


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_damage_is_found_and_repaired(
    healthy: Path, tmp_path: Path, name: str, seed: int
) -> None:
    _damaged(healthy, tmp_path / "hub", [(name, seed)])


def _damaged(healthy: Path, folder: Path, damages: list[tuple[str, int]]) -> None:
    """Damage a hub, and assert that the check finds it and the repair loses nothing else."""
    hub = _copy(healthy, folder)
    before = asyncio.run(_shown(hub))
    done = [DAMAGES[name](folder, Random(seed)) for name, seed in damages]
    hurt = {slug for slug in done if slug is not None}

    async def run() -> None:
        report = await hub.operations().check(deep=True)
        assert not report.is_clean
        repaired = await hub.operations().check(deep=True, repair=True)
        assert {f.code for f in report.findings} <= {f.code for f in repaired.findings}
        assert repaired.is_clean, repaired.findings
        after = await hub.operations().check(deep=True, repair=True)
        assert [f for f in after.findings if f.severity == "error"] == []
        shown = await _shown(hub)
        for slug in before.keys() - hurt:
            assert shown[slug] == before[slug]
        # What is still seen is what was published.
        for slug in shown.keys() & before.keys():
            assert shown[slug][1] == before[slug][1]

    asyncio.run(run())


_SOME_DAMAGES = st.lists(
    st.tuples(st.sampled_from(sorted(DAMAGES)), st.integers(0, 2**32)), min_size=1, max_size=6
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=_SOME_DAMAGES)
def test_many_damages_at_once(healthy: Path, damages: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _damaged(healthy, Path(folder) / "hub", damages)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=60)
@given(damages=_SOME_DAMAGES)
def test_very_many_damages(healthy: Path, damages: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _damaged(healthy, Path(folder) / "hub", damages)


async def test_what_was_withdrawn_is_mended_by_publishing_it_again(hub: HubUnderTest) -> None:
    record = await hub.publish("data-one")
    [path] = hub.settings.data.glob("objects/**/a.txt")
    path.write_bytes(b"damaged")
    report = await hub.operations().check(deep=True, repair=True)
    assert [(f.code, f.is_repaired) for f in report.findings] == [("object-damaged", True)]
    assert await _shown(hub) == {}
    again = await hub.publish("data-one")
    assert again.location == record.location
    assert path.read_bytes() == b"data-one a"
    assert (await hub.operations().check(deep=True)).findings == ()


async def test_a_manifest_is_written_again_where_all_else_is_whole(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    before = await _shown(hub)
    [path] = hub.settings.data.glob("objects/**/sha256sums.txt")
    for damage in (path.unlink, lambda: path.write_text("nonsense")):
        damage()
        assert not (await hub.operations().check()).is_clean
        assert (await hub.operations().check(repair=True)).is_clean
        assert await _shown(hub) == before


async def test_strays_are_moved_and_not_lost(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    ports = hub.ports
    strays = {
        "stray": b"1",
        "datasets/acme/data-one/stray": b"2",
        f"datasets/acme/data-one/{'0' * 64}/stray": b"3",
    }
    await ports.objects.put([Write(key, data) for key, data in strays.items()])
    report = await hub.operations().check(repair=True)
    codes = sorted(finding.code for finding in report.findings)
    assert codes == ["foreign-object", "foreign-object", "orphan-objects"]
    moved = {
        key.split("/", 2)[2]: data
        for key, data in (await everything(ports.objects)).items()
        if key.startswith("quarantine/")
    }
    assert moved == strays
    assert (await hub.operations().check(deep=True)).findings == ()


async def test_uploads_under_way_are_no_damage(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    ports = hub.ports
    from polaris.testing.suites.artifact_drafts import draft_of

    publication = await ports.artifacts.begin(draft_of("half-done"))
    store = await ports.storage.open(publication.location, write=True)
    await store.put([Write("a.txt", b"12345")])
    assert (await hub.operations().check(deep=True, repair=True)).findings == ()
    assert await store.stat(["a.txt"]) != [None]


async def test_damage_by_which_only_a_deep_check_is_troubled(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    [path] = hub.settings.data.glob("objects/**/a.txt")
    path.write_bytes(b"damaged")
    assert (await hub.operations().check()).is_clean
    assert not (await hub.operations().check(deep=True)).is_clean


async def test_a_repair_is_alone_and_a_check_is_not(hub: HubUnderTest) -> None:
    await hub.publish("data-one")
    with hub_locks(hub.settings).upkeep():
        await hub.operations().check()
        with pytest.raises(HubBusyError):
            await hub.operations().check(repair=True)
    with hub_locks(hub.settings).upkeep(alone=True), pytest.raises(HubBusyError):
        await hub.operations().check()


async def test_a_dataset_that_was_deleted_is_a_warning(hub: HubUnderTest) -> None:
    dataset = await hub.publish("data-one")
    await hub.publish("bench", kind=ArtifactKind.BENCHMARK, subject=dataset.ref)
    ports = hub.ports
    await SqlHistory(ports.database, hub.clock).delete(dataset.ref)
    report = await hub.operations().check(deep=True, repair=True)
    assert report.is_clean
    assert [(f.code, f.is_repaired) for f in report.findings] == [("subject-missing", False)]
    with closing(sqlite3.connect(hub.settings.data / "catalogue.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM artifacts").fetchone() == (2,)
