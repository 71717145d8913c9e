"""What conversion works with, and how it reads the paths that users type."""

from __future__ import annotations

import os

import attrs

from polaris.application.load_files import split_location
from polaris.application.loop_thread import run_blocking
from polaris.domain.locations import absolute_path, location_text
from polaris.errors import ObjectNotFoundError
from polaris.ports.archives import ArchivePort
from polaris.ports.locations import StorageLocator
from polaris.ports.molecular_files import MoleculeFiles, StructureFiles
from polaris.ports.storage import Read

__all__ = ["FORMATS", "ConversionServices", "extension_of", "located"]

# Extensions of the files that can be converted without registering a converter.
FORMATS = frozenset({"pdb", "sdf", "zarr"})


@attrs.frozen
class ConversionServices:
    """What factories work with.

    Attributes:
        locator: Opens folders and URLs.
        archives: Opens Zarr archives.
        molecules: Reads files of molecules.
        structures: Reads files of structures.
    """

    locator: StorageLocator
    archives: ArchivePort
    molecules: MoleculeFiles
    structures: StructureFiles

    def read_file(self, path: str) -> bytes:
        """Return the content of a file.

        Raises:
            ObjectNotFoundError: It does not exist.
        """
        folder, name = split_location(path)
        [data] = run_blocking(self.locator.folder(folder).get([Read(name)]))
        if data is None:
            raise ObjectNotFoundError(f"{path} does not exist", hint="Check the path.")
        return data


def extension_of(path: str | os.PathLike[str]) -> str:
    """Return the extension of a file's name in small letters, without dot; may be empty."""
    name = location_text(path).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def located(path: str | os.PathLike[str] | None) -> str | None:
    """Return a path as an absolute one without a slash at its end; a URL stays one."""
    if path is None:
        return None
    location = location_text(path)
    if "://" not in location:
        location = str(absolute_path(location))
    return location.rstrip("/") or "/"
