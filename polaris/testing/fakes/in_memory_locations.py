"""A `StorageLocator` over a dict."""

from __future__ import annotations

import os.path
import threading
from collections.abc import Mapping

from polaris.errors import InvalidInputError, ObjectNotFoundError
from polaris.ports.storage import StoragePort
from polaris.testing.fakes.in_memory_storage import InMemoryStorage

__all__ = ["InMemoryLocations"]


class InMemoryLocations:
    """Folders that exist in this process only; one within another is a store of its own.

    Args:
        stores: The folders that exist from the start, by location.

    Attributes:
        stores: All folders, by location without a ``/`` at its end.
    """

    schemes = frozenset({"", "file", "memory"})

    def __init__(self, stores: Mapping[str, StoragePort] | None = None) -> None:
        self.stores: dict[str, StoragePort] = {
            self._place(location): store for location, store in (stores or {}).items()
        }
        self._lock = threading.Lock()

    def folder(self, location: str, /, *, create: bool = False) -> StoragePort:
        """See `StorageLocator.folder`; serves paths, ``file://`` and ``memory://``."""
        place = self._place(location)
        with self._lock:
            if create:
                self.stores.setdefault(place, InMemoryStorage())
            if place not in self.stores:
                raise ObjectNotFoundError(
                    f"There is no folder {location!r}", hint="Check the path, or create the folder."
                )
            return self.stores[place]

    def _place(self, location: str) -> str:
        scheme, mark, rest = os.path.expandvars(location).rpartition("://")
        if scheme not in self.schemes:
            raise InvalidInputError(
                f"No store serves {scheme}:// in {location!r}",
                hint="Give a path, or a file:// or memory:// URL.",
            )
        path = os.path.expanduser(rest).rstrip("/") or "/"  # noqa: PTH111  it may be no path here
        return path if scheme == "file" else f"{scheme}{mark}{path}"
