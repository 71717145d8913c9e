"""Moving objects out of the way, so that nothing is lost by a repair."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from polaris.application.object_keys import check_key
from polaris.application.upkeep.areas import QUARANTINE
from polaris.application.upkeep.copying import Copied, copy_objects
from polaris.errors import InvalidNameError
from polaris.ports.storage import StoragePort

__all__ = ["Quarantine"]


@attrs.frozen
class Quarantine:
    """A folder of a store for what one repair has moved.

    Attributes:
        name: Name of the repair; each has a folder of its own, so that nothing is overwritten.
    """

    name: str

    @property
    def folder(self) -> str:
        """Return the folder."""
        return f"{QUARANTINE}/{self.name}"

    async def move(self, store: StoragePort, keys: Sequence[str]) -> set[str]:
        """Move objects, and return those that were; some have names that no store takes."""
        copied = await self.copy(store, keys)
        await store.delete(copied)
        return set(copied)

    async def copy(self, store: StoragePort, keys: Sequence[str]) -> list[str]:
        """Copy objects, and return those that were; whoever moves them removes them then."""
        stats = await store.stat([key for key in keys if _is_key(f"{self.folder}/{key}")])
        wanted = [
            Copied(stat.key, f"{self.folder}/{stat.key}", stat.size, None)
            for stat in stats
            if stat is not None
        ]
        whole = await copy_objects(store, store, wanted)
        return [item.source for item, is_there in zip(wanted, whole, strict=True) if is_there]


def _is_key(key: str) -> bool:
    try:
        check_key(key)
    except InvalidNameError:
        return False
    return True
