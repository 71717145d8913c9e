from __future__ import annotations

import pytest

from polaris.errors import InvalidNameError, PolarisUnauthorizedError
from polaris.ports.auth import AuthPort
from polaris.testing.fakes.fixed_identity import FakeAuth
from polaris.testing.suites.auth import AuthSuite, SignOutSuite

_check: type[AuthPort] = FakeAuth


class TestFakeAuth(AuthSuite):
    @pytest.fixture
    def auth(self) -> AuthPort:
        return FakeAuth()


class TestFakeAuthSignedOut(SignOutSuite):
    @pytest.fixture
    def auth(self) -> AuthPort:
        return FakeAuth(signed_in=False)


async def test_it_signs_in_the_user_that_it_was_given() -> None:
    identity = await FakeAuth("jane-doe").sign_in()
    assert identity.user.slug == "jane-doe"
    assert identity.claims == {"username": "jane-doe"}


async def test_it_refuses_to_sign_in_when_told_to() -> None:
    auth = FakeAuth(signed_in=False, refuses=True)
    with pytest.raises(PolarisUnauthorizedError, match="refused"):
        await auth.sign_in()
    with pytest.raises(PolarisUnauthorizedError):
        await auth.identity()


async def test_it_counts_real_sign_ins_only() -> None:
    auth = FakeAuth()
    await auth.sign_in()
    assert auth.sign_ins == 0
    await auth.sign_in(overwrite=True)
    await auth.sign_out()
    await auth.sign_in()
    assert auth.sign_ins == 2


def test_the_user_must_be_possible() -> None:
    with pytest.raises(InvalidNameError):
        FakeAuth("No Slug")
