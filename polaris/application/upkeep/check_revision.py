"""Comparing one revision with its objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import attrs

from polaris.application.layout import MANIFEST
from polaris.application.object_tree import batches
from polaris.application.upkeep.areas import StoreAreas, has_folder
from polaris.application.upkeep.expected_objects import Seal, read_seal
from polaris.application.upkeep.findings import Finding
from polaris.codec.json_text import loads
from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.identity import ArtifactKind
from polaris.errors import DamagedFileError
from polaris.ports.storage import StoragePort
from polaris.ports.upkeep_ledger import RevisionEntry

__all__ = ["CheckRevision", "RevisionFaults"]

_WITHDRAW = "the revision is withdrawn; publishing it again mends it"
_MOVE = "it is moved into quarantine"
_REWRITE = "the manifest is written again from the objects, which are whole"
_BATCH = 256


@attrs.frozen
class RevisionFaults:
    """What is wrong with a revision.

    Attributes:
        findings: All of it.
        foreign: Objects that are not its own, by the name of their store.
        manifests: Manifests that are to be written again, by the name of their store.
        is_damaged: Whether its content is not what was published.
        objects: How many objects it has.
    """

    findings: tuple[Finding, ...] = ()
    foreign: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    manifests: Mapping[str, Sha256Manifest] = attrs.field(factory=dict)
    is_damaged: bool = False
    objects: int = 0


@attrs.frozen
class CheckRevision:
    """Compares revisions with their objects.

    Attributes:
        areas: The hub's stores.
        deep: Whether every object is read.
    """

    areas: StoreAreas
    deep: bool

    async def __call__(self, entry: RevisionEntry) -> RevisionFaults:
        """Return what is wrong with a committed revision."""
        if not has_folder(entry.name):
            text = "The artifact has a name that none can have"
            finding = Finding("name-damaged", str(entry.name), text, remedy=_WITHDRAW)
            return RevisionFaults((finding,), is_damaged=True)
        found = await self._shown(entry)
        if entry.name.kind == ArtifactKind.COMPETITION:
            hidden = await self._hidden(entry)
            found = RevisionFaults(
                (*found.findings, *hidden.findings),
                {**found.foreign, **hidden.foreign},
                {**found.manifests, **hidden.manifests},
                found.is_damaged or hidden.is_damaged,
                found.objects + hidden.objects,
            )
        return found

    async def _shown(self, entry: RevisionEntry) -> RevisionFaults:
        folder, store = entry.name.folder, self.areas.objects
        seal = await read_seal(store, entry.name)
        try:
            document = loads(entry.document, source="the document")
        except DamagedFileError as error:
            finding = Finding(
                "document-damaged", str(entry.name), f"{error.message}", remedy=_WITHDRAW
            )
            return RevisionFaults((finding,), is_damaged=True)
        if not seal.fault and revision_of(document, seal.manifest) == entry.name.revision:
            return await self._compared(entry, "objects", store, seal)
        rebuilt = await _rebuilt(store, folder)
        where = f"objects/{folder}/{MANIFEST}"
        if revision_of(document, rebuilt) == entry.name.revision:
            code = "manifest-missing" if seal.sha256 is None else "manifest-damaged"
            text = "The manifest is missing" if seal.sha256 is None else "The manifest was altered"
            finding = Finding(code, where, f"{text}; all objects are whole", remedy=_REWRITE)
            return RevisionFaults(
                (finding,), manifests={"objects": rebuilt}, objects=len(rebuilt.entries)
            )
        if seal.sha256 is None:
            code, message = "manifest-missing", "The manifest is missing, and so may be objects"
        elif seal.fault:
            code, message = "manifest-damaged", seal.fault
        else:
            code = "content-mismatch"
            message = "The revision is not the sha256 over its document and its manifest"
        finding = Finding(code, where, message, remedy=_WITHDRAW)
        return RevisionFaults((finding,), is_damaged=True, objects=len(rebuilt.entries))

    async def _hidden(self, entry: RevisionEntry) -> RevisionFaults:
        seal = await read_seal(self.areas.hidden, entry.name)
        where = f"hidden/{entry.name.folder}/{MANIFEST}"
        if seal.sha256 is None:
            text = "The test targets of the competition are missing"
            finding = Finding("hidden-targets-missing", where, text, remedy=_WITHDRAW)
            return RevisionFaults((finding,), is_damaged=True)
        if seal.fault:
            finding = Finding("manifest-damaged", where, seal.fault, remedy=_WITHDRAW)
            return RevisionFaults((finding,), is_damaged=True)
        return await self._compared(entry, "hidden", self.areas.hidden, seal)

    async def _compared(
        self, entry: RevisionEntry, area: str, store: StoragePort, seal: Seal
    ) -> RevisionFaults:
        """Compare what a manifest names with what is there."""
        folder, expected = entry.name.folder, dict(seal.manifest.entries)
        if seal.sha256 is not None:
            expected[MANIFEST] = seal.sha256
        there: set[str] = set()
        foreign: list[str] = []
        async for key in _keys(store, folder):
            if key in expected:
                there.add(key)
            else:
                foreign.append(key)
        findings = [
            Finding(
                "object-missing",
                f"{area}/{folder}/{key}",
                "An object of the revision is missing",
                remedy=_WITHDRAW,
            )
            for key in sorted(expected.keys() - there)
        ]
        if self.deep:
            findings += await _altered(area, store, folder, {k: expected[k] for k in there})
        is_damaged = bool(findings)
        manifests = {}
        if not seal.is_exact:
            manifests[area] = seal.manifest
            findings.append(
                Finding(
                    "manifest-damaged",
                    f"{area}/{folder}/{MANIFEST}",
                    "The manifest says what it said, but with other bytes",
                    remedy=_REWRITE,
                )
            )
        findings += [
            Finding(
                "foreign-object",
                f"{area}/{folder}/{key}",
                "The object is not one of the revision in whose folder it is",
                remedy=_MOVE,
            )
            for key in foreign
        ]
        return RevisionFaults(
            tuple(findings),
            {area: tuple(f"{folder}/{key}" for key in foreign)} if foreign else {},
            manifests,
            is_damaged=is_damaged,
            objects=len(there) + len(foreign),
        )


async def _keys(store: StoragePort, folder: str) -> AsyncIterator[str]:
    async for page in store.list(folder):
        for stat in page:
            yield stat.key[len(folder) + 1 :]


async def _rebuilt(store: StoragePort, folder: str) -> Sha256Manifest:
    """Return the manifest of the objects that are there."""
    sums: dict[str, str] = {}
    keys = [key async for key in _keys(store, folder) if key != MANIFEST]
    for batch in batches(keys, _BATCH):
        for digest in await store.digest([f"{folder}/{key}" for key in batch]):
            if digest is not None:
                sums[digest.key[len(folder) + 1 :]] = digest.sha256
    return Sha256Manifest.of(sums)


async def _altered(
    area: str, store: StoragePort, folder: str, expected: Mapping[str, str]
) -> list[Finding]:
    found = []
    for batch in batches(sorted(expected), _BATCH):
        digests = await store.digest([f"{folder}/{key}" for key in batch])
        for key, digest in zip(batch, digests, strict=True):
            if digest is None or digest.sha256 != expected[key]:
                size = "" if digest is None else f" (it has {digest.size} bytes)"
                found.append(
                    Finding(
                        "object-damaged",
                        f"{area}/{folder}/{key}",
                        f"The object differs from its checksum{size}",
                        remedy=_WITHDRAW,
                    )
                )
    return found
