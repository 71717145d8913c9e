"""The objects of a hub's artifacts in one store."""

from __future__ import annotations

from pathlib import Path

import pytest

from polaris.ports.artifact_storage import ArtifactStorage
from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
from polaris_adapters.object_store import FolderStorage, RevisionStorage

_check: type[ArtifactStorage] = RevisionStorage


class TestRevisionStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(self, tmp_path: Path) -> ArtifactStorage:
        return RevisionStorage(FolderStorage(tmp_path))
