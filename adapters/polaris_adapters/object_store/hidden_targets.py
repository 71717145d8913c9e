"""Where a hub keeps the test targets that it shows to nobody."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.application.scoped_storage import ScopedStorage
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort, Write

__all__ = ["StoredHiddenTargets", "StoredTargetDeposit"]


def _area(storage: StoragePort, location: ArtifactLocation) -> ScopedStorage:
    ref = location.ref
    return ScopedStorage(storage, f"{ref.kind}s/{ref.owner}/{ref.slug}/{location.revision}")


@attrs.frozen
class StoredTargetDeposit:
    """A `TargetDeposit` that gives each revision a folder of its own in a store.

    Args:
        storage: The store; not the one in which the hub keeps what it shows.
    """

    # Private: whoever holds a deposit is not to read by it.
    _storage: StoragePort

    async def deposit(self, location: ArtifactLocation, writes: Sequence[Write], /) -> None:
        """See `TargetDeposit.deposit`."""
        await _area(self._storage, location).put(writes)


@attrs.frozen
class StoredHiddenTargets:
    """The `HiddenTargets` of a `StoredTargetDeposit` over the same store.

    Attributes:
        storage: The store.
    """

    storage: StoragePort

    async def reveal(self, location: ArtifactLocation, /) -> StoragePort:
        """See `HiddenTargets.reveal`."""
        return ReadOnlyStorage(_area(self.storage, location))
