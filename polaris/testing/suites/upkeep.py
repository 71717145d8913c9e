"""The conformance suite of the ports of upkeep."""

from __future__ import annotations

from polaris.testing.suites.upkeep_dump import UpkeepDumpSuite
from polaris.testing.suites.upkeep_ledger import UpkeepLedgerSuite
from polaris.testing.suites.upkeep_locks import UpkeepLocksSuite

__all__ = ["UpkeepSuite"]


class UpkeepSuite(UpkeepLedgerSuite, UpkeepDumpSuite, UpkeepLocksSuite):
    """What the database of a hub promises its operators.

    Derive a class whose name begins with ``Test`` and give it these fixtures: ``clock``, a
    `ManualClock`; and, all over one empty database, ``artifacts``, an `ArtifactRepository` that
    goes by the clock, ``history``, its `ArtifactHistory`, ``jobs``, its `JobQueue`, ``ledger``, a
    `RevisionLedger`, ``dump``, a `DatabaseDump` whose parts are at most a few hundred bytes,
    ``rows``, a `RowCheck`, ``schema``, a `SchemaUpkeep`, and ``locks``, `UpkeepLocks` without
    patience; and, over a second database that has not even tables, ``other_dump`` and
    ``open_other``, which opens its `ArtifactRepository` as a hub would. Needs pytest-asyncio in its
    ``auto`` mode.
    """
