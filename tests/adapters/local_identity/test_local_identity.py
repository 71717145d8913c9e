"""Who uses a hub that has no accounts."""

from __future__ import annotations

import getpass

import pytest

from polaris.errors import InvalidNameError
from polaris.ports.auth import AuthPort
from polaris.testing.suites.auth import AuthSuite
from polaris_adapters.local_identity import LocalIdentity

_check: type[AuthPort] = LocalIdentity


class TestLocalIdentity(AuthSuite):
    @pytest.fixture
    def auth(self) -> AuthPort:
        return LocalIdentity()


@pytest.mark.parametrize(
    ("login", "slug"),
    [
        ("ada-lovelace", "ada-lovelace"),
        ("Ada_Lovelace", "ada-lovelace"),
        ("ada", "ada-local"),
        ("ada lovelace", "local-user"),
        ("x" * 100, "local-user"),
    ],
)
async def test_any_login_name_gives_a_valid_owner(
    login: str, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: login)
    assert (await LocalIdentity().identity()).user.slug == slug


async def test_a_user_without_a_name_has_one_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert (await LocalIdentity().identity()).user.slug == "local-user"


def test_a_given_name_must_be_a_slug() -> None:
    with pytest.raises(InvalidNameError):
        LocalIdentity("Not A Slug")
