"""The conformance suite of `polaris.ports.artifact_storage`."""

from __future__ import annotations

import asyncio

import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidNameError, PolarisUnauthorizedError, StorageError
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing.suites.at_once import at_once
from polaris.testing.suites.storage_listings import all_below

__all__ = ["ArtifactStorageSuite"]

DATASET = ArtifactRef(ArtifactKind.DATASET, "acme-corp", "some-data")
HERE = ArtifactLocation(DATASET, "0" * 64)
#: Locations that differ from the first one in one respect each.
ELSEWHERE = {
    "revision": ArtifactLocation(DATASET, "0" * 63 + "1"),
    "slug": ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme-corp", "some-dat"), "0" * 64),
    "owner": ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme-cor", "some-data"), "0" * 64),
    "kind": ArtifactLocation(
        ArtifactRef(ArtifactKind.BENCHMARK, "acme-corp", "some-data"), "0" * 64
    ),
}


async def _change(store: StoragePort, verb: str) -> None:
    if verb == "put":
        await store.put([Write("object", b"new")])
    else:
        await store.delete(["object"])


class ArtifactStorageSuite:
    """What every `ArtifactStorage` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``artifact_storage``: one
    where nothing has been put yet, with a caller who may read and write everything. The store that
    it opens runs `StorageSuite` besides, in a class of its own. Needs pytest-asyncio in its
    ``auto`` mode.
    """

    async def test_a_revision_is_empty_at_first(self, artifact_storage: ArtifactStorage) -> None:
        for write in (False, True):
            store = await artifact_storage.open(HERE, write=write)
            assert await all_below(store) == []
            assert await store.get([Read("table.parquet")]) == [None]

    async def test_what_was_put_is_found_when_opened_again(
        self, artifact_storage: ArtifactStorage
    ) -> None:
        store = await artifact_storage.open(HERE, write=True)
        await store.put([Write("table.parquet", b"table"), Write("data.zarr/x/0.0", b"chunk")])
        again = await artifact_storage.open(HERE)
        assert [s.key for s in await all_below(again)] == ["data.zarr/x/0.0", "table.parquet"]
        assert await again.get([Read("table.parquet")]) == [b"table"]

    async def test_a_store_that_is_open_sees_what_another_puts(
        self, artifact_storage: ArtifactStorage
    ) -> None:
        reader = await artifact_storage.open(HERE)
        writer = await artifact_storage.open(HERE, write=True)
        await writer.put([Write("object", b"x")])
        assert await reader.get([Read("object")]) == [b"x"]

    @pytest.mark.parametrize("other", ELSEWHERE.values(), ids=ELSEWHERE)
    async def test_locations_are_apart(
        self, artifact_storage: ArtifactStorage, other: ArtifactLocation
    ) -> None:
        here = await artifact_storage.open(HERE, write=True)
        there = await artifact_storage.open(other, write=True)
        await here.put([Write("object", b"here")])
        assert await all_below(there) == []
        await there.put([Write("object", b"there")])
        await there.put([Write("more", b"there")])
        assert await here.get([Read("object"), Read("more")]) == [b"here", None]
        await there.delete(["object"])
        assert [stat.key for stat in await all_below(here)] == ["object"]

    @pytest.mark.parametrize("key", ["../object", f"../{'0' * 63}1/object", "..", "/object"])
    async def test_keys_do_not_lead_out_of_a_revision(
        self, artifact_storage: ArtifactStorage, key: str
    ) -> None:
        store = await artifact_storage.open(HERE, write=True)
        with pytest.raises(InvalidNameError):
            await store.put([Write(key, b"x")])
        with pytest.raises(InvalidNameError):
            await store.get([Read(key)])

    @pytest.mark.parametrize("verb", ["put", "delete"])
    async def test_a_store_that_was_opened_for_reading_cannot_be_changed(
        self, artifact_storage: ArtifactStorage, verb: str
    ) -> None:
        writer = await artifact_storage.open(HERE, write=True)
        await writer.put([Write("object", b"old")])
        reader = await artifact_storage.open(HERE)
        with pytest.raises((PolarisUnauthorizedError, StorageError)):
            await _change(reader, verb)
        assert await writer.get([Read("object")]) == [b"old"]

    async def test_several_can_be_opened_at_once(self, artifact_storage: ArtifactStorage) -> None:
        locations = [HERE, *ELSEWHERE.values()]
        stores = await asyncio.gather(*(artifact_storage.open(x, write=True) for x in locations))
        await asyncio.gather(*(s.put([Write("object", b"%d" % i)]) for i, s in enumerate(stores)))
        for i, store in enumerate(stores):
            assert await store.get([Read("object")]) == [b"%d" % i]

    def test_it_serves_several_event_loops(self, artifact_storage: ArtifactStorage) -> None:
        async def write(number: int) -> None:
            store = await artifact_storage.open(HERE, write=True)
            await store.put([Write(f"{number}", b"x")])

        async def count() -> int:
            return len(await all_below(await artifact_storage.open(HERE)))

        assert at_once(write, 4) == [None] * 4
        assert asyncio.run(count()) == 4
