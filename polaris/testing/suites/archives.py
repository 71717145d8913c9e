"""The conformance suite of `polaris.ports.archives`."""

from __future__ import annotations

from polaris.testing.suites.archives_columns import ArchivesColumnsSuite
from polaris.testing.suites.archives_opening import ArchivesOpeningSuite
from polaris.testing.suites.archives_reading import ArchivesReadingSuite
from polaris.testing.suites.archives_writing import ArchivesWritingSuite

__all__ = ["ArchivesSuite"]


class ArchivesSuite(
    ArchivesOpeningSuite, ArchivesReadingSuite, ArchivesWritingSuite, ArchivesColumnsSuite
):
    """What every `ArchivePort` promises.

    Derive a class whose name begins with ``Test`` and give it the fixtures ``archives``, the port,
    and ``storage``, an empty `StoragePort`; new ones for each test. Needs pytest-asyncio in its
    ``auto`` mode.

    Example:
        >>> class TestZarrArchives(ArchivesSuite):
        ...     @pytest.fixture
        ...     def archives(self) -> ArchivePort:
        ...         return ZarrArchives()
        ...     @pytest.fixture
        ...     def storage(self) -> StoragePort:
        ...         return InMemoryStorage()  # doctest: +SKIP
    """
