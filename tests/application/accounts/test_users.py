from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import attrs
import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.first_start import ensure_administrator
from polaris.application.accounts.organizations import create_organization, set_role
from polaris.application.accounts.passwords import sign_in_with_password
from polaris.application.accounts.personal_tokens import issue_token
from polaris.application.accounts.users import (
    close_account,
    create_user,
    reopen_account,
    set_administrator,
)
from polaris.domain.accounts import Membership, Role
from polaris.errors import (
    AccountExistsError,
    AccountNotFoundError,
    HubBusyError,
    InvalidInputError,
    InvalidNameError,
)
from polaris.testing import ManualClock
from polaris.testing.suites.credential_store import credential_of


async def test_a_user_is_made_with_a_password_to_be_changed(
    ports: AccountPorts, clock: ManualClock
) -> None:
    made = await create_user(ports, "ada-l", name="  Ada L. ", email=" ada@example.org ")
    account = made.account
    assert await ports.accounts.find("ada-l") == account
    assert (account.name, account.email) == ("Ada L.", "ada@example.org")
    assert (account.type, account.created_at) == ("user", clock.now())
    assert not account.is_administrator
    signed_in = await sign_in_with_password(ports, "ada-l", made.password)
    assert signed_in.account == account
    assert signed_in.password_is_temporary
    assert made.password.reveal() not in repr(made)


@pytest.mark.parametrize(
    ("slug", "values", "named"),
    [
        ("Ada L", {}, "slug"),
        ("ada-l", {"name": " "}, "name"),
        ("ada-l", {"name": "a\x1b[31m"}, "name"),
        ("ada-l", {"name": "x" * 201}, "name"),
        ("ada-l", {"email": "ada"}, "email"),
        ("ada-l", {"email": "a b@example.org"}, "email"),
        ("ada-l", {"email": f"{'a' * 250}@b.org"}, "email"),
    ],
)
async def test_what_cannot_be_a_user_is_not_made(
    ports: AccountPorts, slug: str, values: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidInputError, match=named):
        await create_user(ports, slug, **values)
    assert not await ports.accounts.page()


async def test_names_are_given_out_once(ports: AccountPorts) -> None:
    made = await create_user(ports, "ada-l")
    await close_account(ports, made.account)
    with pytest.raises(AccountExistsError) as refused:
        await create_user(ports, "ada-l")
    assert refused.value.hint
    with pytest.raises(AccountExistsError):
        await create_organization(
            ports, "ada-l", owner=(await create_user(ports, "bobby")).account.slug
        )


async def test_closing_revokes_everything_and_opening_brings_nothing_back(
    ports: AccountPorts, clock: ManualClock
) -> None:
    account = (await create_user(ports, "ada-l")).account
    token = await issue_token(ports, account, name="t", scopes=["read"], granted=None)
    session = credential_of("session", account=account.id)
    await ports.credentials.add(session)
    closed = await close_account(ports, account)
    assert closed.closed_at == clock.now()
    assert await ports.accounts.find("ada-l") == closed
    # As after a program that died between the two steps of closing.
    left = credential_of("left", account=account.id)
    await ports.credentials.add(left)
    clock.advance(60)
    assert (await close_account(ports, closed)).closed_at == closed.closed_at
    opened = await reopen_account(ports, closed)
    assert opened == account
    assert await ports.accounts.find("ada-l") == account
    assert await reopen_account(ports, opened) == opened
    for credential in (token.credential, session, left):
        kept = await ports.credentials.find(credential.kind, credential.digest)
        assert kept is not None
        assert kept.revoked_at is not None


async def test_opening_revokes_what_was_left(ports: AccountPorts) -> None:
    account = (await create_user(ports, "ada-l")).account
    closed = await close_account(ports, account)
    left = credential_of("left", account=account.id)
    await ports.credentials.add(left)
    await reopen_account(ports, closed)
    kept = await ports.credentials.find(left.kind, left.digest)
    assert kept is not None
    assert kept.revoked_at is not None


async def test_the_last_administrator_stays(ports: AccountPorts) -> None:
    first = (await create_user(ports, "ada-l", is_administrator=True)).account
    for attempt in (close_account(ports, first), set_administrator(ports, "ada-l", False)):
        with pytest.raises(InvalidInputError, match="only administrator"):
            await attempt
    await create_user(ports, "bobby")
    assert (await set_administrator(ports, "bobby", True)).is_administrator
    assert not (await set_administrator(ports, "ada-l", False)).is_administrator
    account = await ports.accounts.find("ada-l")
    assert account is not None
    closed = await close_account(ports, account)
    with pytest.raises(InvalidInputError, match="closed"):
        await set_administrator(ports, closed.slug, True)
    with pytest.raises(AccountNotFoundError):
        await set_administrator(ports, "nobody", True)


async def test_nobody_undoes_what_somebody_else_has_just_done(ports: AccountPorts) -> None:
    read = (await create_user(ports, "ada-l")).account
    await close_account(ports, read)
    for attempt in (
        close_account(ports, read),
        reopen_account(ports, attrs.evolve(read, name="x", closed_at=read.created_at)),
    ):
        with pytest.raises(HubBusyError, match="ada-l"):
            await attempt
    kept = await ports.accounts.find("ada-l")
    assert kept is not None
    assert kept.closed_at is not None


async def test_a_new_hub_gets_one_administrator(ports: AccountPorts) -> None:
    made = await ensure_administrator(ports)
    assert made is not None
    assert made.account.slug == "admin"
    assert made.account.is_administrator
    assert (await sign_in_with_password(ports, "admin", made.password)).password_is_temporary
    assert await ensure_administrator(ports) is None


async def test_of_many_that_start_at_once_one_makes_the_administrator(
    ports: AccountPorts,
) -> None:
    made = await asyncio.gather(*(ensure_administrator(ports) for _ in range(5)))
    assert len([one for one in made if one is not None]) == 1
    assert len(await ports.accounts.page()) == 1


async def test_nobody_becomes_administrator_by_a_name(ports: AccountPorts) -> None:
    taken = (await create_user(ports, "admin")).account
    made = await ensure_administrator(ports)
    assert made is not None
    assert made.account.slug == "administrator"
    assert await ports.accounts.find("admin") == taken


async def test_an_organization_has_an_owner_from_the_start(ports: AccountPorts) -> None:
    await create_user(ports, "ada-l")
    made = await create_organization(ports, "acme", owner="ada-l", name="Acme Inc.")
    assert await ports.accounts.find("acme") == made
    assert (made.type, made.name) == ("organization", "Acme Inc.")
    assert list(await ports.accounts.members("acme")) == [Membership("acme", "ada-l", Role.OWNER)]
    for slug, owner in (("other-org", "nobody"), ("other-org", "acme")):
        with pytest.raises(AccountNotFoundError):
            await create_organization(ports, slug, owner=owner)
    with pytest.raises(InvalidNameError):
        await create_organization(ports, "Other", owner="ada-l")
    assert await ports.accounts.find("other-org") is None


async def test_the_last_owner_of_an_organization_stays(ports: AccountPorts) -> None:
    for slug in ("ada-l", "bobby"):
        await create_user(ports, slug)
    await create_organization(ports, "acme", owner="ada-l")
    for role in (None, Role.MEMBER):
        with pytest.raises(InvalidInputError, match="last owner") as refused:
            await set_role(ports, "acme", "ada-l", role)
        assert "owner first" in refused.value.hint
    await set_role(ports, "acme", "bobby", Role.OWNER)
    await set_role(ports, "acme", "ada-l", None)
    assert list(await ports.accounts.members("acme")) == [Membership("acme", "bobby", Role.OWNER)]


async def test_closed_accounts_get_no_roles(ports: AccountPorts) -> None:
    await create_user(ports, "ada-l")
    await close_account(ports, (await create_user(ports, "bobby")).account)
    await create_organization(ports, "acme", owner="ada-l")
    with pytest.raises(InvalidInputError, match="closed"):
        await set_role(ports, "acme", "bobby", Role.MEMBER)
    with pytest.raises(InvalidInputError, match="closed"):
        await create_organization(ports, "other-org", owner="bobby")
    await set_role(ports, "acme", "bobby", None)


async def test_an_account_is_as_old_as_the_clock_says(
    ports: AccountPorts, clock: ManualClock
) -> None:
    first = (await create_user(ports, "ada-l")).account
    clock.advance(60)
    second = (await create_user(ports, "bobby")).account
    assert second.created_at - first.created_at == timedelta(seconds=60)
