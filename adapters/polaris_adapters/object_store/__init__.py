"""Objects in a folder of this machine."""

from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.locator import FolderLocator

__all__ = ["FolderLocator", "FolderStorage", "RevisionStorage"]
