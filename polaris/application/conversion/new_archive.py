"""The archive that a factory writes: made when needed, and never at the cost of what is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from polaris.application.loop_thread import run_blocking
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisError,
)
from polaris.ports.archives import ArchivePort, ArchiveWriter, IOMode
from polaris.ports.locations import StorageLocator
from polaris.ports.storage import StoragePort

__all__ = ["NewArchive", "WhenThere"]

WhenThere = Literal["raise", "replace"]


class NewArchive:
    """An archive that is to be written.

    Args:
        locator: Opens its folder.
        archives: Opens it.
        path: Its folder; None where there is to be none.
        if_exists: What to do where an archive with arrays lies there.
    """

    def __init__(
        self,
        locator: StorageLocator,
        archives: ArchivePort,
        path: str | None,
        if_exists: WhenThere,
    ) -> None:
        self.path = path
        self._locator = locator
        self._archives = archives
        self._if_exists = if_exists
        self._writer: ArchiveWriter | None = None

    def writer(self) -> ArchiveWriter:
        """Return what adds arrays to it; the first time the archive is made.

        Raises:
            InvalidDatasetError: It has no path.
            ObjectExistsError: There is something already.
        """
        if self._writer is None:
            if self.path is None:
                raise InvalidDatasetError(
                    "Arrays need an archive, and the factory has none",
                    hint="Give a zarr_root_path, the folder in which the archive is written.",
                )
            folder = self._locator.folder(self.path, create=True)
            mode = self._mode(folder)
            try:
                run_blocking(self._archives.open_group(folder, "", mode=mode, consolidated=False))
            except ObjectExistsError as cause:
                raise self._there() from cause
            self._writer = self._archives.writer(folder, "")
        return self._writer

    def _mode(self, folder: StoragePort) -> IOMode:
        try:
            root = run_blocking(self._archives.open_group(folder, "", mode="r", consolidated=False))
        except ObjectNotFoundError:
            # What else may lie there is never emptied.
            return "w-"
        except PolarisError:
            if self._if_exists == "replace":
                return "w"
            raise
        if not list(root.keys()):
            # An archive without arrays is what is left of work that was refused.
            return "a"
        if self._if_exists == "replace":
            return "w"
        raise self._there()

    def _there(self) -> ObjectExistsError:
        return ObjectExistsError(
            f"There is something at {self.path} already",
            hint="Choose another zarr_root_path; or, for an archive, give if_exists='replace'.",
        )

    def refuse_source(self, source: str) -> None:
        """Refuse a file that writing the archive would change.

        Raises:
            InvalidInputError: It lies where the archive does, inside of it or around it.
        """
        if self.path is None or "://" in self.path or "://" in source:
            return
        own, other = Path(self.path).resolve(), Path(source).expanduser().resolve()
        if other.is_relative_to(own) or own.is_relative_to(other):
            raise InvalidInputError(
                f"The archive at {self.path} cannot be written without changing {source}",
                hint="Choose a zarr_root_path outside of what is converted.",
            )

    def names(self) -> Sequence[str]:
        """Return the names of what the root holds; nothing where the archive was not made yet."""
        return () if self._writer is None else self._writer.names()

    def keep_only(self, names: Sequence[str]) -> None:
        """Remove what the root holds beside some names."""
        for name in {*self.names()} - {*names}:
            self.writer().remove(name)
