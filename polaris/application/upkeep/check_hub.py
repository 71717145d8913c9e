"""Checking a hub: rows against each other, revisions against objects, objects against rows.

A publication under way is no damage: its row is there before its first object, and what is
committed has all its objects. So the check needs no pause of the hub; each pass looks at what it
compares with after what it compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import attrs

from polaris.application.layout import MANIFEST
from polaris.application.upkeep.areas import QUARANTINE, StoreAreas, name_of_key
from polaris.application.upkeep.check_revision import CheckRevision, RevisionFaults
from polaris.application.upkeep.expected_objects import at_most
from polaris.application.upkeep.findings import CheckReport, Finding
from polaris.application.upkeep.quarantine import Quarantine
from polaris.domain.identity import ArtifactKind
from polaris.ports.clock import Clock
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import StoragePort, Write
from polaris.ports.upkeep import RowCheck, RowFault, UpkeepLocks
from polaris.ports.upkeep_ledger import RevisionEntry, RevisionLedger, RevisionName, RevisionState

__all__ = ["CheckHub"]

_PAGE = 64


@attrs.frozen
class CheckHub:
    """Finds, and on request repairs, what does not belong.

    Attributes:
        ledger: The revisions in the database.
        rows: The rows of the database.
        areas: The hub's stores.
        locks: Keeps away what removes.
        clock: Names the quarantine.
        progress: Shows how far it has come.
    """

    ledger: RevisionLedger
    rows: RowCheck
    areas: StoreAreas
    locks: UpkeepLocks
    clock: Clock
    progress: ProgressPort

    async def __call__(self, *, deep: bool = False, repair: bool = False) -> CheckReport:
        """Check the hub.

        Args:
            deep: Read every object and compare it with its checksum.
            repair: Do what can be done without losing anything that is whole.

        Raises:
            HubBusyError: Something is being removed from the hub; or, for a repair, a backup or
                another check is under way.
        """
        with self.locks.upkeep(alone=repair):
            run = _Run(self, deep, Quarantine(f"{self.clock.now():%Y%m%dT%H%M%SZ}"), repair)
            await run.rows()
            await run.revisions()
            await run.objects()
            return CheckReport(tuple(run.findings), run.checked, run.seen, deep)


@attrs.define
class _Run:
    """One check."""

    hub: CheckHub
    deep: bool
    quarantine: Quarantine
    repair: bool
    findings: list[Finding] = attrs.field(factory=list, init=False)
    checked: int = attrs.field(default=0, init=False)
    seen: int = attrs.field(default=0, init=False)

    @property
    def check(self) -> CheckRevision:
        """What compares a revision with its objects."""
        return CheckRevision(self.hub.areas, self.deep)

    async def rows(self) -> None:
        """Compare the rows with each other."""
        with self.hub.progress.task("Checking rows", total=None, unit="rows"):
            faults = await self.hub.rows.faults()
            repaired = await self.hub.rows.repair() if self.repair else []
            left = await self.hub.rows.faults() if repaired else faults
        # One repair may mend what several faults are about, or bring others to light.
        found = [*faults, *(fault for fault in repaired if fault not in faults)]
        self.findings += [_finding(fault, is_repaired=fault not in left) for fault in found]

    async def revisions(self) -> None:
        """Compare the committed revisions with their objects."""
        after = 0
        with self.hub.progress.task("Checking revisions", total=None, unit="revisions") as task:
            while entries := await self.hub.ledger.page(after=after, limit=_PAGE):
                after = entries[-1].id
                whole = [entry for entry in entries if entry.state is RevisionState.COMMITTED]
                for entry, faults in zip(whole, await at_most(whole, self.check), strict=True):
                    await self._noted(entry, faults)
                for entry in entries:
                    if entry.state is RevisionState.REMOVING:
                        self.findings.append(_unfinished(entry))
                self.checked += len(whole)
                task.advance(len(entries))

    async def _noted(self, entry: RevisionEntry, faults: RevisionFaults) -> None:
        self.seen += faults.objects
        if not faults.findings:
            return
        if not self.repair:
            self.findings += faults.findings
            return
        moved: set[str] = set()
        for area, keys in faults.foreign.items():
            store = self.hub.areas.of_revisions[area]
            moved |= {f"{area}/{key}" for key in await self.quarantine.move(store, keys)}
        for area, manifest in faults.manifests.items():
            store = self.hub.areas.of_revisions[area]
            key = f"{entry.name.folder}/{MANIFEST}"
            await store.put([Write(key, manifest.text.encode())])
        if faults.is_damaged and (await self.check(entry)).is_damaged:
            # Looked at once more: it may have been published again in the meantime.
            await self.hub.ledger.withdraw(entry)
        for finding in faults.findings:
            is_done = finding.code != "foreign-object" or finding.where in moved
            self.findings.append(attrs.evolve(finding, is_repaired=is_done))

    async def objects(self) -> None:
        """Look for objects that no row knows."""
        with self.hub.progress.task("Looking for strays", total=None, unit="objects") as task:
            for area, store in self.hub.areas.of_revisions.items():
                orphans: dict[RevisionName, int] = {}
                async for page in store.list():
                    keys = [s.key for s in page if not s.key.startswith(f"{QUARANTINE}/")]
                    await self._strays(area, store, keys, orphans)
                    task.advance(len(page))
                for name, count in orphans.items():
                    self._note_orphan(area, name, count)

    async def _strays(
        self, area: str, store: StoragePort, keys: Sequence[str], orphans: dict[RevisionName, int]
    ) -> None:
        names = {key: name_of_key(key) for key in keys}
        known = await self.hub.ledger.known({n for n in names.values() if n is not None})
        if area == "hidden":
            known = {name for name in known if name.kind == ArtifactKind.COMPETITION}
        strays = {key: name for key, name in names.items() if name is None or name not in known}
        moved = await self._moved(store, strays) if self.repair else set()
        if self.repair:
            left = {name for key, name in strays.items() if name is not None and key not in moved}
            announced = await self.hub.ledger.known(left)
            strays = {key: name for key, name in strays.items() if name not in announced}
        self._note_strays(area, strays, moved, orphans)

    async def _moved(
        self, store: StoragePort, strays: Mapping[str, RevisionName | None]
    ) -> set[str]:
        """Move strays into quarantine; what somebody has announced meanwhile is left to them."""
        by_name: dict[RevisionName | None, list[str]] = {}
        for key, name in strays.items():
            by_name.setdefault(name, []).append(key)
        moved = await self.quarantine.move(store, by_name.pop(None, []))
        for name, keys in by_name.items():
            copied = await self.quarantine.copy(store, keys)
            assert name is not None, "those of no name were taken out"
            if name.kind != ArtifactKind.COMPETITION and store is self.hub.areas.hidden:
                # There are no test targets of anything else, whether it is announced or not.
                await store.delete(copied)
            elif not await self.hub.ledger.remove_unknown(name, partial(store.delete, copied)):
                continue
            moved |= set(copied)
        return moved

    def _note_strays(
        self,
        area: str,
        strays: Mapping[str, RevisionName | None],
        moved: set[str],
        orphans: dict[RevisionName, int],
    ) -> None:
        for key, name in strays.items():
            if name is not None and (key in moved or not self.repair):
                orphans[name] = orphans.get(name, 0) + 1
                continue
            finding = Finding(
                "foreign-object",
                f"{area}/{key}",
                "No hub writes an object of this name",
                remedy="it is moved into quarantine, if a store can take its name",
                is_repaired=key in moved,
            )
            self.findings.append(finding)

    def _note_orphan(self, area: str, name: RevisionName, count: int) -> None:
        finding = Finding(
            "orphan-objects",
            f"{area}/{name.folder}",
            f"{count} objects of a revision that the database does not know",
            remedy="they are moved into quarantine",
            is_repaired=self.repair,
        )
        self.findings.append(finding)


def _finding(fault: RowFault, *, is_repaired: bool) -> Finding:
    return Finding(
        fault.code, fault.where, fault.message, fault.severity, fault.remedy, is_repaired
    )


def _unfinished(entry: RevisionEntry) -> Finding:
    return Finding(
        "unfinished-removal",
        entry.name.folder,
        "polaris hub gc was interrupted while it removed this",
        severity="warning",
        remedy=None,
    )
