from __future__ import annotations

import pytest

from polaris.ports.credentials import CredentialStore
from polaris.testing import CredentialStoreSuite, InMemoryCredentials

_check: type[CredentialStore] = InMemoryCredentials


class TestInMemoryCredentials(CredentialStoreSuite):
    @pytest.fixture
    def credentials(self) -> CredentialStore:
        return InMemoryCredentials()
