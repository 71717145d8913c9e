from __future__ import annotations

import pytest

from polaris.errors import ObjectNotFoundError
from polaris.ports.locations import StorageLocator
from polaris.testing.fakes.in_memory_locations import InMemoryLocations
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.locations import LocationsSuite

_check: type[StorageLocator] = InMemoryLocations


class TestInMemoryLocations(LocationsSuite):
    @pytest.fixture
    def locator(self) -> StorageLocator:
        return InMemoryLocations()

    @pytest.fixture
    def location(self) -> str:
        return "/data/sets"


def test_a_test_can_put_its_own_stores_at_places() -> None:
    store = InMemoryStorage()
    locator = InMemoryLocations({"memory://bucket/folder/": store})
    assert locator.folder("memory://bucket/folder") is store
    with pytest.raises(ObjectNotFoundError):
        locator.folder("/bucket/folder")


def test_a_test_can_look_at_the_folders_that_were_made() -> None:
    locator = InMemoryLocations()
    made = locator.folder("/made/", create=True)
    assert locator.stores == {"/made": made}
