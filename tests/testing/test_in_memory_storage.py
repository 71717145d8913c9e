from __future__ import annotations

import pytest

from polaris.ports.storage import StoragePort
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.storage import StorageSuite

_check: type[StoragePort] = InMemoryStorage


class TestInMemoryStorage(StorageSuite):
    @pytest.fixture
    def storage(self) -> StoragePort:
        return InMemoryStorage()
