"""Sign-ins that the vaults keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from polaris.domain.secret import Secret
from polaris.ports.tokens import SignIn, SignIns, StoredToken, TokenKey


@pytest.fixture
def key() -> TokenKey:
    return TokenKey("https://hub.example/", "client")


@pytest.fixture
def signed_in() -> Callable[..., SignIns]:
    """Returns a function that makes sign-ins of one account."""

    def make(secret: str = "s3cr3t", account: str = "some-user") -> SignIns:
        token = StoredToken(access=Secret(secret), issued_at=datetime(2026, 1, 1, tzinfo=UTC))
        return SignIns().with_active(SignIn(account=account, road="device", hub=token))

    return make
