"""Who calls, as the use cases are told."""

from __future__ import annotations

import pytest

from polaris.domain.identity import HubOwner
from polaris.ports.auth import AuthPort, Identity
from polaris.testing.suites.auth import AuthSuite
from polaris_adapters.hub_server.released.caller_identity import CallerIdentity

_check: type[AuthPort] = CallerIdentity


class TestCallerIdentity(AuthSuite):
    @pytest.fixture
    def auth(self) -> AuthPort:
        return CallerIdentity(Identity(HubOwner("alice-u", type="user")))
