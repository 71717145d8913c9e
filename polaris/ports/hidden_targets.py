"""The test targets that a hub keeps to itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort, Write

__all__ = ["HiddenTargets", "TargetDeposit"]


class TargetDeposit(Protocol):
    """Takes in test targets and gives none back; the clients' side of a hub's hidden area."""

    async def deposit(self, location: ArtifactLocation, writes: Sequence[Write], /) -> None:
        """Put objects into the hidden area of a revision; those that are there are replaced.

        An object appears at once or not at all. When the call fails or is cancelled, some of the
        objects may have been written; depositing all of them again completes it.

        Raises:
            InvalidNameError: A key is not one; nothing was written.
            PolarisUnauthorizedError: The caller may not write for this owner.
            StorageError: The hub could not write them.
        """
        ...


class HiddenTargets(Protocol):
    """Gives test targets to what scores submissions; no client of a hub has this port."""

    async def reveal(self, location: ArtifactLocation, /) -> StoragePort:
        """Return the hidden objects of a revision, for reading; an empty store if there are none.

        What is deposited is in no store that `polaris.ports.artifact_storage` opens.
        """
        ...
