from __future__ import annotations

from pathlib import Path

import pytest

from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.testing.suites.hidden_targets import HiddenTargetsSuite
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.hidden_targets import StoredHiddenTargets, StoredTargetDeposit

_checks: tuple[type[HiddenTargets], type[TargetDeposit]] = (
    StoredHiddenTargets,
    StoredTargetDeposit,
)


class TestStoredHiddenTargets(HiddenTargetsSuite):
    @pytest.fixture
    def hidden(self, tmp_path: Path) -> StoredHiddenTargets:
        return StoredHiddenTargets(FolderStorage(tmp_path))

    @pytest.fixture
    def deposit(self, tmp_path: Path) -> StoredTargetDeposit:
        return StoredTargetDeposit(FolderStorage(tmp_path))
