"""The conformance suite of `polaris.ports.accounts.AccountStore`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from polaris.domain.accounts import Account, AccountType, Membership, Role
from polaris.errors import AccountExistsError, AccountNotFoundError
from polaris.ports.accounts import AccountStore, ExternalIdentity, StoredPassword
from polaris.testing.suites.at_once import at_once

__all__ = ["AccountStoreSuite", "account_of"]

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
IDENTITY = ExternalIdentity("https://login.example/", "a|Subject 1")


def account_of(slug: str, type: AccountType = "user", **values: Any) -> Account:
    """Return an account whose id is made from its slug."""
    account = Account(id=f"id-of-{slug}", slug=slug, type=type, created_at=NOW)
    return attrs.evolve(account, **values)


class AccountStoreSuite:
    """What every `AccountStore` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``accounts``: an empty
    store. One that outlives the process gives ``reopened`` as well: another store over the same
    place, without the memory of the first one. Needs pytest-asyncio in its ``auto`` mode.
    """

    @pytest.fixture
    def reopened(self, accounts: AccountStore) -> AccountStore:
        """The same store once more; replace it where there is something to reopen."""
        return accounts

    async def test_at_first_there_is_nobody(self, accounts: AccountStore) -> None:
        assert await accounts.find("ada-l") is None
        assert await accounts.find_by_id("id-of-ada-l") is None
        assert await accounts.find_external(IDENTITY) is None
        assert await accounts.password("id-of-ada-l") is None
        assert list(await accounts.page()) == []
        assert list(await accounts.memberships("ada-l")) == []
        assert list(await accounts.members("acme")) == []
        assert not await accounts.has_administrator()

    async def test_an_account_is_found_as_it_was_added(
        self, accounts: AccountStore, reopened: AccountStore
    ) -> None:
        account = account_of(
            "ada-l", name="Ada, \u4e2d", email="ada@example.org", is_administrator=True
        )
        await accounts.add(account)
        assert await reopened.find("ada-l") == account
        assert await reopened.find_by_id(account.id) == account
        assert await reopened.password(account.id) is None

    @pytest.mark.parametrize("type", ["user", "organization"])
    async def test_a_slug_is_of_one_account_for_ever(
        self, accounts: AccountStore, type: AccountType
    ) -> None:
        first = account_of("ada-l")
        await accounts.add(first)
        for closed_at in (None, NOW):
            await accounts.change(attrs.evolve(first, closed_at=closed_at))
            with pytest.raises(AccountExistsError, match="ada-l"):
                await accounts.add(account_of("ada-l", type, id="another"))
        assert await accounts.find_by_id("another") is None

    async def test_an_id_is_of_one_account(self, accounts: AccountStore) -> None:
        await accounts.add(account_of("ada-l"))
        with pytest.raises(AccountExistsError):
            await accounts.add(account_of("grace", id="id-of-ada-l"))
        assert await accounts.find("grace") is None

    async def test_what_belongs_to_an_account_is_added_with_it_or_not_at_all(
        self, accounts: AccountStore
    ) -> None:
        password = StoredPassword("a hash", is_temporary=True)
        await accounts.add(account_of("ada-l"), password=password, external=IDENTITY)
        assert await accounts.password("id-of-ada-l") == password
        assert await accounts.find_external(IDENTITY) == account_of("ada-l")
        with pytest.raises(AccountExistsError):
            await accounts.add(account_of("grace"), password=password, external=IDENTITY)
        with pytest.raises(AccountNotFoundError, match="nobody"):
            await accounts.add(account_of("acme", "organization"), owner="nobody")
        assert await accounts.find("grace") is None
        assert await accounts.password("id-of-grace") is None
        assert await accounts.find("acme") is None
        assert list(await accounts.members("acme")) == []

    async def test_pages_are_by_slug_and_go_on_after_one(self, accounts: AccountStore) -> None:
        # As bytes: a hyphen before digits, digits before letters.
        slugs = ["ab-c", "ab0c", "aba-", "abac", "abb-"]
        for slug in reversed(slugs):
            await accounts.add(account_of(slug, "organization" if slug[2] == "a" else "user"))
        assert [a.slug for a in await accounts.page()] == slugs
        assert [a.slug for a in await accounts.page(after="ab0c", limit=2)] == slugs[2:4]
        assert [a.slug for a in await accounts.page(after="ab0d", limit=1)] == ["aba-"]
        assert [a.slug for a in await accounts.page(type="organization")] == ["aba-", "abac"]
        assert [a.slug for a in await accounts.page(type="user", after="ab-c")] == ["ab0c", "abb-"]
        assert list(await accounts.page(after="zzzz")) == []

    async def test_some_of_an_account_may_change(
        self, accounts: AccountStore, reopened: AccountStore
    ) -> None:
        await accounts.add(account_of("ada-l", name="Ada"))
        changed = account_of(
            "ada-l", name=None, email="a@b.example", is_administrator=True, closed_at=NOW
        )
        await accounts.change(
            attrs.evolve(
                changed, slug="other", type="organization", created_at=NOW - timedelta(days=1)
            )
        )
        assert await reopened.find("ada-l") == changed
        assert await reopened.find("other") is None
        assert list(await reopened.page()) == [changed]

    async def test_an_account_that_has_changed_is_not_overwritten(
        self, accounts: AccountStore
    ) -> None:
        first = account_of("ada-l", name="Ada", is_administrator=True)
        await accounts.add(first)
        closed = attrs.evolve(first, closed_at=NOW)
        assert await accounts.change(closed, expected=first)
        assert not await accounts.change(attrs.evolve(first, name="Other"), expected=first)
        assert await accounts.find("ada-l") == closed
        assert await accounts.change(first)

    async def test_an_account_that_is_not_there_cannot_change(self, accounts: AccountStore) -> None:
        missing = account_of("ada-l")
        for change in (
            accounts.change(missing),
            accounts.set_password(missing.id, StoredPassword("hash")),
            accounts.link_external(missing.id, IDENTITY),
        ):
            with pytest.raises(AccountNotFoundError):
                await change
        assert await accounts.password(missing.id) is None
        assert await accounts.find_external(IDENTITY) is None

    async def test_administrators_are_those_whose_account_is_open(
        self, accounts: AccountStore
    ) -> None:
        ada = account_of("ada-l", is_administrator=True)
        await accounts.add(ada)
        await accounts.add(account_of("grace"))
        assert await accounts.has_administrator()
        assert await accounts.has_administrator(besides="id-of-grace")
        assert not await accounts.has_administrator(besides=ada.id)
        await accounts.change(attrs.evolve(ada, closed_at=NOW))
        assert not await accounts.has_administrator()

    async def test_a_password_is_replaced_and_removed(
        self, accounts: AccountStore, reopened: AccountStore
    ) -> None:
        await accounts.add(account_of("ada-l"), password=StoredPassword("first", is_temporary=True))
        assert await accounts.set_password("id-of-ada-l", StoredPassword("second"))
        assert await reopened.password("id-of-ada-l") == StoredPassword("second")
        assert await accounts.set_password("id-of-ada-l", None)
        assert await reopened.password("id-of-ada-l") is None

    async def test_a_password_that_has_changed_is_not_overwritten(
        self, accounts: AccountStore
    ) -> None:
        there = StoredPassword("hash", is_temporary=True)
        await accounts.add(account_of("ada-l"), password=there)
        for other in (StoredPassword("hash"), StoredPassword("other", is_temporary=True)):
            assert not await accounts.set_password(
                "id-of-ada-l", StoredPassword("new"), expected=other
            )
        assert await accounts.password("id-of-ada-l") == there
        assert await accounts.set_password("id-of-ada-l", StoredPassword("new"), expected=there)
        assert await accounts.password("id-of-ada-l") == StoredPassword("new")

    async def test_an_outside_identity_opens_one_account(self, accounts: AccountStore) -> None:
        for slug in ("ada-l", "grace"):
            await accounts.add(account_of(slug))
        await accounts.link_external("id-of-ada-l", IDENTITY)
        await accounts.link_external("id-of-ada-l", IDENTITY)
        with pytest.raises(AccountExistsError):
            await accounts.link_external("id-of-grace", IDENTITY)
        assert await accounts.find_external(IDENTITY) == account_of("ada-l")
        # A subject is of its issuer only, and to the letter.
        for other in (
            attrs.evolve(IDENTITY, issuer="https://other.example/"),
            attrs.evolve(IDENTITY, subject=IDENTITY.subject.lower()),
        ):
            assert await accounts.find_external(other) is None
            await accounts.link_external("id-of-grace", other)
        assert await accounts.find_external(IDENTITY) == account_of("ada-l")

    async def test_roles_are_given_changed_and_taken_away(
        self, accounts: AccountStore, reopened: AccountStore
    ) -> None:
        await self._populate(accounts)
        assert await accounts.set_role("acme", "grace", Role.MEMBER)
        assert await accounts.set_role("zeta", "grace", Role.OWNER)
        assert list(await reopened.members("acme")) == [
            Membership("acme", "ada-l", Role.OWNER),
            Membership("acme", "grace", Role.MEMBER),
        ]
        assert list(await reopened.memberships("grace")) == [
            Membership("acme", "grace", Role.MEMBER),
            Membership("zeta", "grace", Role.OWNER),
        ]
        assert await accounts.set_role("acme", "grace", Role.OWNER)
        assert await accounts.set_role("acme", "ada-l", None)
        assert await accounts.set_role("acme", "ada-l", None)
        assert list(await reopened.members("acme")) == [Membership("acme", "grace", Role.OWNER)]
        assert list(await reopened.memberships("ada-l")) == []

    async def test_roles_in_closed_organizations_are_nobodys(self, accounts: AccountStore) -> None:
        await self._populate(accounts)
        acme = account_of("acme", "organization")
        await accounts.change(attrs.evolve(acme, closed_at=NOW))
        assert list(await accounts.memberships("ada-l")) == []
        await accounts.change(acme)
        assert len(await accounts.memberships("ada-l")) == 1

    @pytest.mark.parametrize(
        ("organization", "user"),
        [("nowhere", "ada-l"), ("acme", "nobody"), ("grace", "ada-l"), ("acme", "zeta")],
    )
    async def test_a_role_is_of_a_user_in_an_organization(
        self, accounts: AccountStore, organization: str, user: str
    ) -> None:
        await self._populate(accounts)
        for role in (Role.MEMBER, None):
            with pytest.raises(AccountNotFoundError):
                await accounts.set_role(organization, user, role)

    async def test_the_last_owner_may_be_kept(self, accounts: AccountStore) -> None:
        await self._populate(accounts)
        await accounts.set_role("acme", "grace", Role.MEMBER)
        for role in (None, Role.MEMBER):
            assert not await accounts.set_role("acme", "ada-l", role, keep_an_owner=True)
        assert list(await accounts.members("acme")) == [
            Membership("acme", "ada-l", Role.OWNER),
            Membership("acme", "grace", Role.MEMBER),
        ]
        assert await accounts.set_role("acme", "ada-l", Role.OWNER, keep_an_owner=True)
        assert await accounts.set_role("acme", "grace", None, keep_an_owner=True)
        await accounts.set_role("acme", "grace", Role.OWNER)
        # An owner whose account is closed cannot act as one.
        await accounts.change(account_of("grace", closed_at=NOW))
        assert not await accounts.set_role("acme", "ada-l", None, keep_an_owner=True)
        await accounts.change(account_of("grace"))
        assert await accounts.set_role("acme", "ada-l", None, keep_an_owner=True)

    def test_of_many_who_add_a_slug_at_once_one_succeeds(self, accounts: AccountStore) -> None:
        async def add(number: int) -> str:
            password = StoredPassword(f"hash {number}")
            await accounts.add(account_of("ada-l", id=f"id-{number}"), password=password)
            return f"id-{number}"

        async def kept(number: int) -> tuple[str, str]:
            account = await accounts.find("ada-l")
            assert account is not None
            password = await accounts.password(account.id)
            assert password is not None
            return account.id, password.hash

        outcomes = at_once(add, 4)
        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
        assert sum(isinstance(outcome, AccountExistsError) for outcome in outcomes) == 3
        assert at_once(kept, 1) == [(winner, winner.replace("id-", "hash "))]

    def test_of_two_last_owners_who_leave_at_once_one_stays(self, accounts: AccountStore) -> None:
        async def prepare(number: int) -> None:
            await self._populate(accounts)
            await accounts.set_role("acme", "grace", Role.OWNER)

        async def leave(number: int) -> bool:
            return await accounts.set_role(
                "acme", ("ada-l", "grace")[number], None, keep_an_owner=True
            )

        at_once(prepare, 1)
        assert sorted(at_once(leave, 2), key=str) == [False, True]

    def test_of_many_who_replace_a_password_at_once_one_succeeds(
        self, accounts: AccountStore
    ) -> None:
        there = StoredPassword("temporary", is_temporary=True)

        async def add(number: int) -> None:
            await accounts.add(account_of("ada-l"), password=there)

        async def replace(number: int) -> bool:
            new = StoredPassword(f"hash {number}")
            return await accounts.set_password("id-of-ada-l", new, expected=there)

        at_once(add, 1)
        assert at_once(replace, 4).count(True) == 1

    async def _populate(self, accounts: AccountStore) -> None:
        for slug in ("ada-l", "grace"):
            await accounts.add(account_of(slug))
        await accounts.add(account_of("acme", "organization"), owner="ada-l")
        await accounts.add(account_of("zeta", "organization"))
