"""The stores of a hub, and where the objects of a revision are in them."""

from __future__ import annotations

import re

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.storage import StoragePort
from polaris.ports.upkeep_ledger import RevisionName

__all__ = ["QUARANTINE", "StoreAreas", "has_folder", "name_of_key"]

# A folder of a store: what `fsck` has moved out of the way.
QUARANTINE = "quarantine"
_REVISION = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"([^/]+)s/([^/]+)/([^/]+)/([0-9a-f]{64})/.+", re.DOTALL)


@attrs.frozen
class StoreAreas:
    """The stores of a hub, each as a whole.

    Attributes:
        objects: The objects of its artifacts.
        hidden: The test targets of its competitions.
        incoming: Uploads of released clients that are not complete.
    """

    objects: StoragePort
    hidden: StoragePort
    incoming: StoragePort

    @property
    def of_revisions(self) -> dict[str, StoragePort]:
        """The stores that have a folder for each revision, by name."""
        return {"objects": self.objects, "hidden": self.hidden}


def has_folder(name: RevisionName) -> bool:
    """Say whether a revision can have objects: a damaged row may have a name that no key takes."""
    try:
        ArtifactRef(ArtifactKind(name.kind), name.owner, name.slug)
    except ValueError:
        return False
    return _REVISION.fullmatch(name.revision) is not None


def name_of_key(key: str) -> RevisionName | None:
    """Return the revision that an object is of, by its key; None if it is of none."""
    found = _KEY.fullmatch(key)
    return None if found is None else RevisionName(*found.groups())
