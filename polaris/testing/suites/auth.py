"""The conformance suites of `polaris.ports.auth`."""

from __future__ import annotations

import asyncio

import pytest

from polaris.errors import PolarisUnauthorizedError
from polaris.ports.auth import AuthPort
from polaris.testing.suites.at_once import at_once

__all__ = ["AuthSuite", "SignOutSuite"]


class AuthSuite:
    """What every `AuthPort` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``auth``: one with which
    signing in succeeds without a human. Needs pytest-asyncio in its ``auto`` mode.
    """

    async def test_whoever_signed_in_is_told(self, auth: AuthPort) -> None:
        identity = await auth.sign_in(auto_open_browser=False)
        assert identity.user.slug
        assert await auth.identity() == identity

    async def test_signing_in_again_answers_the_same(self, auth: AuthPort) -> None:
        first = await auth.sign_in(auto_open_browser=False)
        assert (await auth.sign_in(auto_open_browser=False)).user == first.user
        assert (await auth.sign_in(overwrite=True, auto_open_browser=False)).user == first.user

    async def test_signing_out_can_be_repeated(self, auth: AuthPort) -> None:
        await auth.sign_in(auto_open_browser=False)
        await auth.sign_out()
        await auth.sign_out()

    async def test_one_can_sign_in_after_signing_out(self, auth: AuthPort) -> None:
        first = await auth.sign_in(auto_open_browser=False)
        await auth.sign_out()
        assert (await auth.sign_in(auto_open_browser=False)).user == first.user
        assert (await auth.identity()).user == first.user

    def test_it_serves_several_threads(self, auth: AuthPort) -> None:
        asyncio.run(auth.sign_in(auto_open_browser=False))
        expected = asyncio.run(auth.identity())
        assert at_once(lambda _: auth.identity(), 4) == [expected] * 4


class SignOutSuite(AuthSuite):
    """What an `AuthPort` promises besides, of a hub that knows accounts.

    The fixture ``auth`` is one with which nobody is signed in yet.
    """

    async def test_at_first_nobody_is_signed_in(self, auth: AuthPort) -> None:
        with pytest.raises(PolarisUnauthorizedError) as caught:
            await auth.identity()
        assert caught.value.code == "unauthorized"
        assert caught.value.hint

    async def test_after_signing_out_nobody_is_signed_in(self, auth: AuthPort) -> None:
        await auth.sign_in(auto_open_browser=False)
        await auth.sign_out()
        with pytest.raises(PolarisUnauthorizedError):
            await auth.identity()

    async def test_signing_out_needs_nobody_signed_in(self, auth: AuthPort) -> None:
        await auth.sign_out()
        with pytest.raises(PolarisUnauthorizedError):
            await auth.identity()
