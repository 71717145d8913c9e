"""From a path or URL, as users type them, to a store."""

from __future__ import annotations

from typing import Protocol

from polaris.ports.storage import StoragePort

__all__ = ["StorageLocator"]


class StorageLocator(Protocol):
    """Opens stores at places outside a hub: folders of this machine, buckets, web servers."""

    def folder(self, location: str, /, *, create: bool = False) -> StoragePort:
        """Return the store whose root is a folder.

        Args:
            location: A path (``~`` and ``$VAR`` are expanded) or a URL of a folder.
            create: Make a local folder where there is none.

        Raises:
            ObjectNotFoundError: A local folder does not exist and is not to be created.
            InvalidInputError: No store serves the scheme of the URL.
            StorageError: The place cannot be opened.
        """
        ...
