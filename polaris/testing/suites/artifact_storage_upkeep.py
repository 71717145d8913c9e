"""The conformance suite of `polaris.ports.artifact_storage.ArtifactStorageUpkeep`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_storage import ArtifactStorage, ArtifactStorageUpkeep, StoredRevision
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Write
from polaris.testing.suites.storage_listings import all_below

__all__ = ["ArtifactStorageUpkeepSuite"]

DATASET = ArtifactRef(ArtifactKind.DATASET, "acme-corp", "some-data")
FIRST = ArtifactLocation(DATASET, "0" * 64)
SECOND = ArtifactLocation(DATASET, "1" * 64)
OTHER = ArtifactLocation(ArtifactRef(ArtifactKind.MODEL, "acme-corp", "some-data"), "0" * 64)


def _name(location: ArtifactLocation) -> tuple[str, str]:
    return location.ref.urn, location.revision


async def _all(upkeep: ArtifactStorageUpkeep) -> dict[tuple[str, str], StoredRevision]:
    found = [revision async for revision in upkeep.revisions()]
    by_name = {_name(revision.location): revision for revision in found}
    assert len(by_name) == len(found)
    return by_name


class ArtifactStorageUpkeepSuite:
    """What every `ArtifactStorageUpkeep` promises.

    Derive a class whose name begins with ``Test`` and give it the fixtures ``artifact_storage``, an
    empty `ArtifactStorage`, and ``upkeep``, the upkeep of the same objects. Needs pytest-asyncio in
    its ``auto`` mode.
    """

    async def test_there_is_nothing_at_first(self, upkeep: ArtifactStorageUpkeep) -> None:
        assert await _all(upkeep) == {}
        assert [page async for page in upkeep.strays()] == []

    async def test_every_revision_is_measured(
        self, artifact_storage: ArtifactStorage, upkeep: ArtifactStorageUpkeep
    ) -> None:
        for i, location in enumerate((FIRST, SECOND, OTHER)):
            store = await artifact_storage.open(location, write=True)
            await store.put([Write(f"data.zarr/x/{j}", b"12345") for j in range(i + 1)])
        found = {k: (r.objects, r.size) for k, r in (await _all(upkeep)).items()}
        assert found == {_name(FIRST): (1, 5), _name(SECOND): (2, 10), _name(OTHER): (3, 15)}

    async def test_the_time_is_that_of_the_last_write(
        self, artifact_storage: ArtifactStorage, upkeep: ArtifactStorageUpkeep
    ) -> None:
        store = await artifact_storage.open(FIRST, write=True)
        await store.put([Write("first", b"x")])
        await store.put([Write("last", b"x")])
        stats = await store.stat(["first", "last"])
        latest = max(s.modified for s in stats if s is not None and s.modified is not None)
        [found] = (await _all(upkeep)).values()
        assert found.modified == latest
        # Whoever removes old uploads compares it with a clock.
        assert found.modified is not None
        assert abs(datetime.now(UTC) - found.modified) < timedelta(hours=1)

    async def test_a_revision_that_was_only_opened_is_none(
        self, artifact_storage: ArtifactStorage, upkeep: ArtifactStorageUpkeep
    ) -> None:
        store = await artifact_storage.open(FIRST, write=True)
        await store.put([Write("object", b"x")])
        await store.delete(["object"])
        await artifact_storage.open(SECOND)
        assert await _all(upkeep) == {}

    async def test_removing_takes_one_revision_and_no_other(
        self, artifact_storage: ArtifactStorage, upkeep: ArtifactStorageUpkeep
    ) -> None:
        for location in (FIRST, SECOND, OTHER):
            store = await artifact_storage.open(location, write=True)
            await store.put([Write(f"data.zarr/{i}/0.0", b"x") for i in range(5)])
        assert await upkeep.remove(FIRST) == 5
        assert await all_below(await artifact_storage.open(FIRST)) == []
        assert set(await _all(upkeep)) == {_name(SECOND), _name(OTHER)}

    async def test_removing_what_is_not_there_removes_nothing(
        self, upkeep: ArtifactStorageUpkeep
    ) -> None:
        assert await upkeep.remove(FIRST) == 0
        await upkeep.remove_strays([])

    async def test_a_removed_revision_can_be_written_anew(
        self, artifact_storage: ArtifactStorage, upkeep: ArtifactStorageUpkeep
    ) -> None:
        store = await artifact_storage.open(FIRST, write=True)
        await store.put([Write("object", b"old")])
        await upkeep.remove(FIRST)
        await store.put([Write("object", b"new")])
        assert [stat.key for stat in await all_below(store)] == ["object"]
