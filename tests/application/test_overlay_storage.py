"""A store with changes laid over it."""

from __future__ import annotations

import pytest

from polaris.application.object_tree import below
from polaris.application.overlay_storage import OverlayStorage
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing import InMemoryStorage, StorageSuite

_check: type[StoragePort] = OverlayStorage


class TestOverlayStorage(StorageSuite):
    @pytest.fixture
    def storage(self) -> StoragePort:
        return OverlayStorage(InMemoryStorage())


async def test_changes_stay_above_the_store() -> None:
    inner = InMemoryStorage()
    await inner.put([Write("kept", b"k"), Write("new/old", b"o"), Write("gone", b"g")])
    overlay = OverlayStorage(inner)
    await overlay.put([Write("new/old", b"changed"), Write("added", b"a")])
    await overlay.delete(["gone", "never"])
    assert [s.key for s in await below(overlay, "")] == ["added", "kept", "new/old"]
    assert (await overlay.list_folder("")).folders == ("new",)
    reads = [Read("kept"), Read("new/old"), Read("gone"), Read("added")]
    assert await overlay.get(reads) == [b"k", b"changed", None, b"a"]
    assert await inner.get(reads) == [b"k", b"o", b"g", None]
    assert [s and s.size for s in await overlay.stat(["new/old", "gone", "kept"])] == [7, None, 1]
    assert overlay.changes == {"new/old": b"changed", "added": b"a", "gone": None, "never": None}
    [changed, kept] = await overlay.digest(["new/old", "kept"])
    assert changed is not None
    assert kept is not None
    assert [changed.size, kept.size] == [7, 1]
