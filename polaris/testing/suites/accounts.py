"""The conformance suite of `polaris.ports.auth.Accounts`."""

from __future__ import annotations

from typing import Protocol

import pytest

from polaris.errors import InvalidInputError, PolarisUnauthorizedError
from polaris.ports.auth import Accounts, AuthPort

__all__ = ["AccountsSuite"]


class _Both(AuthPort, Accounts, Protocol):
    """Signs in, and knows accounts."""


class AccountsSuite:
    """What every `Accounts` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``accounts``: an
    `AuthPort` that is one too, with which nobody is signed in yet, and signing in succeeds without
    a human. Needs pytest-asyncio in its ``auto`` mode.
    """

    async def test_at_first_there_is_nobody_and_no_token(self, accounts: _Both) -> None:
        status = await accounts.status()
        assert (status.road, status.account, status.accounts) == (None, None, ())
        with pytest.raises(PolarisUnauthorizedError):
            await accounts.token()

    async def test_after_signing_in_all_is_known(self, accounts: _Both) -> None:
        identity = await accounts.sign_in()
        status = await accounts.status()
        assert status.road
        assert status.account == identity.user.slug
        assert status.accounts == (identity.user.slug,)
        assert not status.is_over
        token = await accounts.token()
        assert token.reveal()
        assert token.reveal() not in repr(status)

    async def test_after_signing_out_there_is_nobody(self, accounts: _Both) -> None:
        await accounts.sign_in()
        await accounts.sign_out()
        assert (await accounts.status()).road is None
        with pytest.raises(PolarisUnauthorizedError):
            await accounts.token()

    async def test_one_can_only_switch_to_who_is_signed_in(self, accounts: _Both) -> None:
        identity = await accounts.sign_in()
        with pytest.raises(InvalidInputError, match="nobody-here"):
            await accounts.switch("nobody-here")
        with pytest.raises(InvalidInputError):
            await accounts.switch()
        assert await accounts.switch(identity.user.slug) == identity.user.slug
        assert (await accounts.identity()).user == identity.user
