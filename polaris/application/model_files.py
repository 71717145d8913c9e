"""Models in files."""

from __future__ import annotations

from typing import TypeVar

import attrs

from polaris.application.load_files import read_document, split_file
from polaris.codec.documents import model_from_document
from polaris.codec.files import model_to_file
from polaris.codec.json_text import dumps
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.model import Model
from polaris.ports.locations import StorageLocator
from polaris.ports.storage import StoragePort, Write

__all__ = ["LoadModel", "save_model"]

ModelT = TypeVar("ModelT", bound=Model)


@attrs.frozen
class LoadModel:
    """Loads a model from its JSON file.

    Attributes:
        locator: Opens folders and URLs.
    """

    locator: StorageLocator

    async def __call__(self, location: str, *, cls: type[ModelT]) -> ModelT:
        """Load a model.

        Raises:
            ObjectNotFoundError: There is no such file.
            DamagedFileError: It is not JSON.
            InvalidInputError: It breaks a rule; all problems are reported.
        """
        folder, name = split_file(location)
        store = self.locator.folder(folder)
        document = await read_document(store, name, location, Sha256Manifest.of({}))
        return model_from_document(document, cls)


async def save_model(model: Model, folder: StoragePort, key: str) -> None:
    """Save a model as a JSON file."""
    text = dumps(model_to_file(model), indent=2) + "\n"
    await folder.put([Write(key, text.encode())])
