"""Files of artifacts that their dictionary describes whole."""

from __future__ import annotations

import os
from typing import Self

from polaris.application.load_files import read_document, split_file
from polaris.codec.unstructuring import known_only
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.locations import location_text
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.storage import Write

__all__ = ["DumpFiles"]


class DumpFiles(Dumping):
    """Adds JSON files to an artifact."""

    __slots__ = ()

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Self:
        """Load it from a JSON file.

        Raises:
            ObjectNotFoundError: There is no such file.
            DamagedFileError: It is not JSON.
            InvalidInputError: Its content breaks a rule; all problems are reported.
        """
        location = location_text(path)
        folder, name = split_file(location)
        store = local_services().locator.folder(folder)
        document = wait(read_document(store, name, location, Sha256Manifest.of({})))
        return cls.model_validate(known_only(document, cls))

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Save it as a JSON file; the folder is made where missing."""
        folder, name = split_file(location_text(path))
        store = local_services().locator.folder(folder, create=True)
        text = self.model_dump_json(indent=2) + "\n"
        wait(store.put([Write(name, text.encode())]))
