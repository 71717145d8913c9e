from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import attrs
import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.external_accounts import account_for_external
from polaris.application.accounts.organizations import create_organization
from polaris.application.accounts.personal_tokens import (
    issue_token,
    list_tokens,
    revoke_token,
    token_id,
)
from polaris.application.accounts.secrets import digest_of_secret, kind_of_secret
from polaris.application.accounts.users import close_account, create_user
from polaris.domain.accounts import Account, Scope
from polaris.domain.identity import check_slug
from polaris.errors import InsufficientScopeError, InvalidInputError, SignInError
from polaris.ports.accounts import ExternalIdentity
from polaris.ports.credentials import CredentialKind
from polaris.testing import ManualClock

ALL = frozenset(Scope)
IDENTITY = ExternalIdentity("https://login.example", "subject-1")


@pytest.fixture
async def ada(ports: AccountPorts) -> Account:
    return (await create_user(ports, "ada-l")).account


async def test_a_token_is_kept_by_its_digest(
    ports: AccountPorts, ada: Account, clock: ManualClock
) -> None:
    issued = await issue_token(
        ports, ada, name=" laptop ", scopes=["read", Scope.WRITE], granted=ALL
    )
    credential = issued.credential
    assert kind_of_secret(issued.secret) is CredentialKind.PERSONAL
    assert credential.digest == digest_of_secret(issued.secret)
    assert issued.secret.reveal() not in repr(issued)
    assert (credential.account, credential.name) == (ada.id, "laptop")
    assert credential.scopes == {"read", "write"}
    assert credential.expires_at == clock.now() + timedelta(days=90)
    assert await ports.credentials.find(CredentialKind.PERSONAL, credential.digest) == credential


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["read", "everything"]},
        {"life": None},
        {"life": timedelta(0)},
        {"life": timedelta(days=-1)},
        {"life": timedelta(days=365, microseconds=1)},
    ],
    ids=str,
)
async def test_what_cannot_be_a_token_is_not_given_out(
    ports: AccountPorts, ada: Account, values: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {"name": "t", "scopes": ["read"], "granted": ALL} | values
    with pytest.raises(InvalidInputError):
        await issue_token(ports, ada, **asked)
    assert not await list_tokens(ports, ada)


@pytest.mark.parametrize("life", [None, timedelta(days=3650)])
async def test_an_operator_may_give_any_life_but_none_that_is_over(
    ports: AccountPorts, ada: Account, clock: ManualClock, life: timedelta | None
) -> None:
    issued = await issue_token(ports, ada, name="t", scopes=ALL, life=life, granted=None)
    assert issued.credential.expires_at == (None if life is None else clock.now() + life)
    with pytest.raises(InvalidInputError):
        await issue_token(ports, ada, name="t", scopes=ALL, life=timedelta(0), granted=None)


@pytest.mark.parametrize(
    ("granted", "asked", "allowed"),
    [
        ({Scope.READ}, {Scope.READ}, True),
        ({Scope.READ}, {Scope.READ, Scope.WRITE}, False),
        ({Scope.READ, Scope.ADMIN}, {Scope.WRITE}, False),
        (ALL, ALL, True),
        (set(), {Scope.READ}, False),
    ],
)
async def test_a_token_allows_no_more_than_that_with_which_it_was_asked_for(
    ports: AccountPorts, ada: Account, granted: set[Scope], asked: set[Scope], allowed: bool
) -> None:
    attempt = issue_token(ports, ada, name="t", scopes=asked, granted=frozenset(granted))
    if allowed:
        assert (await attempt).credential.scopes == asked
    else:
        with pytest.raises(InsufficientScopeError):
            await attempt
    assert len(await list_tokens(ports, ada)) == allowed


async def test_tokens_are_of_users_whose_account_is_open(ports: AccountPorts, ada: Account) -> None:
    organization = await create_organization(ports, "acme", owner="ada-l")
    for account in (organization, await close_account(ports, ada)):
        with pytest.raises(InvalidInputError, match=account.slug):
            await issue_token(ports, account, name="t", scopes=["read"], granted=ALL)


async def test_tokens_are_listed_and_revoked_by_their_ids(
    ports: AccountPorts, ada: Account, clock: ManualClock
) -> None:
    issued = []
    for name in ("first", "second"):
        issued.append(await issue_token(ports, ada, name=name, scopes=["read"], granted=ALL))
        clock.advance(1)
    first, second = (one.credential for one in issued)
    assert list(await list_tokens(ports, ada)) == [second, first]
    revoked = await revoke_token(ports, ada, token_id(first))
    assert revoked == attrs.evolve(first, revoked_at=clock.now())
    assert list(await list_tokens(ports, ada)) == [second, revoked]
    clock.advance(1)
    assert await revoke_token(ports, ada, first.digest) == revoked
    other = (await create_user(ports, "bobby")).account
    for account, wanted in ((other, token_id(second)), (ada, token_id(second)[:-1]), (ada, "")):
        with pytest.raises(InvalidInputError, match="no token"):
            await revoke_token(ports, account, wanted)
    assert await ports.credentials.find(CredentialKind.PERSONAL, second.digest) == second


async def test_an_outside_identity_gets_an_account_once(
    ports: AccountPorts, clock: ManualClock
) -> None:
    made = await account_for_external(
        ports, IDENTITY, proposed_slug="Grace.H", name="Grace", email="grace@example.org"
    )
    assert (made.slug, made.name, made.email) == ("grace-h", "Grace", "grace@example.org")
    assert (made.type, made.created_at) == ("user", clock.now())
    assert not made.is_administrator
    again = await account_for_external(ports, IDENTITY, proposed_slug="another", name="Other")
    assert again == made
    assert list(await ports.accounts.page()) == [made]


async def test_an_address_or_a_name_opens_nobody_elses_account(ports: AccountPorts) -> None:
    ada = (await create_user(ports, "ada-l", email="ada@example.org")).account
    for number, identity in enumerate(
        (
            IDENTITY,
            attrs.evolve(IDENTITY, issuer="https://other.example"),
            attrs.evolve(IDENTITY, subject="subject-2"),
        ),
        start=2,
    ):
        made = await account_for_external(
            ports, identity, proposed_slug="ada-l", email="ada@example.org"
        )
        assert made.id != ada.id
        assert made.slug == f"ada-l-{number}"


@pytest.mark.parametrize(
    ("proposed", "slug"),
    [
        ("ada@example.org", "ada-example-org"),
        ("Zoë Müller", "zoe-muller"),
        ("bo", "bo-user"),
        ("\u4e2d\u6587", "user"),
        ("", "user"),
        ("--", "user"),
        ("admin", "admin-2"),
        ("Administrator", "administrator-2"),
        ("x" * 100, "x" * 64),
    ],
)
async def test_slugs_are_made_of_what_is_proposed(
    ports: AccountPorts, proposed: str, slug: str
) -> None:
    made = await account_for_external(ports, IDENTITY, proposed_slug=proposed)
    assert made.slug == slug
    other = attrs.evolve(IDENTITY, subject="other")
    second = await account_for_external(ports, other, proposed_slug=proposed)
    assert check_slug(second.slug) != made.slug


async def test_a_closed_account_stays_closed_and_its_name_taken(ports: AccountPorts) -> None:
    made = await account_for_external(ports, IDENTITY, proposed_slug="grace")
    await close_account(ports, made)
    with pytest.raises(SignInError, match="closed"):
        await account_for_external(ports, IDENTITY, proposed_slug="grace")
    other = attrs.evolve(IDENTITY, subject="other")
    assert (await account_for_external(ports, other, proposed_slug="grace")).slug == "grace-2"


async def test_of_many_who_come_at_once_all_get_the_same_account(ports: AccountPorts) -> None:
    made = await asyncio.gather(
        *(account_for_external(ports, IDENTITY, proposed_slug=f"grace{n}") for n in range(5))
    )
    assert len({account.id for account in made}) == 1
    assert len(await ports.accounts.page()) == 1


@pytest.mark.parametrize("text", ["", "a\x00b", "x" * 3000])
async def test_what_is_no_identity_gets_no_account(ports: AccountPorts, text: str) -> None:
    for identity in (attrs.evolve(IDENTITY, subject=text), attrs.evolve(IDENTITY, issuer=text)):
        with pytest.raises(InvalidInputError):
            await account_for_external(ports, identity, proposed_slug="grace")
    assert not await ports.accounts.page()


async def test_what_cannot_be_kept_of_a_name_is_left_out(ports: AccountPorts) -> None:
    made = await account_for_external(
        ports, IDENTITY, proposed_slug="grace", name="\x00", email="nowhere"
    )
    assert (made.name, made.email) == (None, None)
