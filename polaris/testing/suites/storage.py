"""The conformance suite of `polaris.ports.storage`."""

from __future__ import annotations

from polaris.ports.storage import StoragePort
from polaris.testing.suites.storage_concurrency import StorageConcurrencySuite
from polaris.testing.suites.storage_keys import StorageKeysSuite
from polaris.testing.suites.storage_listings import StorageListingsSuite
from polaris.testing.suites.storage_model import check_against_model
from polaris.testing.suites.storage_powers import StoragePowersSuite
from polaris.testing.suites.storage_reads import StorageReadsSuite
from polaris.testing.suites.storage_writes import StorageWritesSuite

__all__ = ["StorageSuite"]


class StorageSuite(
    StorageReadsSuite,
    StorageWritesSuite,
    StorageListingsSuite,
    StorageKeysSuite,
    StorageConcurrencySuite,
    StoragePowersSuite,
):
    """What every `StoragePort` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``storage``: an empty
    store, a new one for each test. Needs pytest-asyncio in its ``auto`` mode, and Hypothesis. Where
    the store behind an adapter cannot keep some characters in keys, name them in ``unkept``.

    Example:
        >>> class TestInMemoryStorage(StorageSuite):
        ...     @pytest.fixture
        ...     def storage(self) -> StoragePort:
        ...         return InMemoryStorage()  # doctest: +SKIP
    """

    def test_a_store_answers_as_a_dict_would(self, storage: StoragePort) -> None:
        check_against_model(storage, unkept=self.unkept)
