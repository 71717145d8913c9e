from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import attrs
import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.passwords import (
    change_password,
    reset_password,
    sign_in_with_password,
)
from polaris.application.accounts.users import close_account, create_user
from polaris.domain.accounts import Account
from polaris.domain.secret import Secret
from polaris.errors import AccountNotFoundError, InvalidInputError, SignInError
from polaris.ports.accounts import StoredPassword
from polaris.ports.credentials import CredentialKind
from polaris.testing import ManualClock, QuickPasswords
from polaris.testing.suites.credential_store import credential_of

GOOD = Secret("correct horse battery")
WRONG = Secret("correct horse battery staple")


@pytest.fixture
async def ada(ports: AccountPorts) -> Account:
    made = await create_user(ports, "ada-l")
    await change_password(ports, made.account, current=made.password, new=GOOD)
    return made.account


class CountingPasswords(QuickPasswords):
    """Notes what is verified."""

    def __init__(self) -> None:
        super().__init__()
        self.verified: list[tuple[bool, int]] = []

    def verify(self, hash: str | None, password: str, /) -> bool:
        self.verified.append((hash is None, len(password)))
        return super().verify(hash, password)


async def _refused(ports: AccountPorts, slug: str, password: Secret) -> SignInError:
    with pytest.raises(SignInError) as refused:
        await sign_in_with_password(ports, slug, password)
    return refused.value


async def test_the_right_password_signs_in(ports: AccountPorts, ada: Account) -> None:
    signed_in = await sign_in_with_password(ports, "ada-l", GOOD)
    assert signed_in.account == ada
    assert not signed_in.password_is_temporary


async def test_all_who_are_refused_are_told_the_same(ports: AccountPorts, ada: Account) -> None:
    closed = (await create_user(ports, "closed-user")).account
    await ports.accounts.set_password(closed.id, StoredPassword(ports.passwords.hash("x" * 12)))
    await close_account(ports, closed)
    without = (await create_user(ports, "without")).account
    await ports.accounts.set_password(without.id, None)
    told = {
        str(await _refused(ports, slug, password))
        for slug, password in (
            ("ada-l", WRONG),
            ("nobody", GOOD),
            ("No slug\x00", GOOD),
            ("closed-user", Secret("x" * 12)),
            ("without", Secret("")),
            ("ada-l", Secret(GOOD.reveal() * 500_000)),
        )
    }
    assert len(told) == 1


async def test_all_who_are_refused_are_as_much_work(ports: AccountPorts, ada: Account) -> None:
    counting = CountingPasswords()
    ports = attrs.evolve(ports, passwords=counting)
    for slug in ("ada-l", "nobody", "No slug"):
        await _refused(ports, slug, WRONG)
    assert counting.verified == [(slug_is_unknown, 28) for slug_is_unknown in (False, True, True)]
    await _refused(ports, "nobody", Secret("x" * 10**7))
    assert counting.verified[-1] == (True, 1025)


@pytest.mark.parametrize("slug", ["ada-l", "nobody"])
async def test_who_guesses_has_to_wait_longer_and_longer(
    ports: AccountPorts, ada: Account, clock: ManualClock, slug: str
) -> None:
    for _ in range(5):
        assert (await _refused(ports, slug, WRONG)).status is None
    for wait in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        blocked = await _refused(ports, slug, GOOD)
        assert (blocked.status, blocked.retry_after) == (429, wait)
        clock.advance(wait)
        assert (await _refused(ports, slug, WRONG)).status is None
    clock.advance(300)
    if slug == "ada-l":
        await sign_in_with_password(ports, slug, GOOD)
        # Success forgets what failed.
        for _ in range(5):
            assert (await _refused(ports, slug, WRONG)).status is None


async def test_many_guesses_at_once_are_counted(ports: AccountPorts, ada: Account) -> None:
    outcomes = await asyncio.gather(*(_refused(ports, "ada-l", WRONG) for _ in range(20)))
    assert sum(error.status is None for error in outcomes) == 5


async def test_an_operator_lets_somebody_in_who_is_blocked(
    ports: AccountPorts, ada: Account
) -> None:
    for _ in range(6):
        await _refused(ports, "ada-l", WRONG)
    password = await reset_password(ports, "ada-l")
    assert (await sign_in_with_password(ports, "ada-l", password)).password_is_temporary
    assert (await _refused(ports, "ada-l", GOOD)).status is None
    with pytest.raises(AccountNotFoundError):
        await reset_password(ports, "nobody")


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        # The same characters, composed or not, and another kind of blank.
        ("cafe\u0301 au lait, bitte", "caf\u00e9 au lait, bitte"),
        ("caf\u00e9\u00a0au lait, bitte", "caf\u00e9 au lait, bitte"),
        ("caf\u00e9\u3000au lait, bitte", "caf\u00e9 au lait, bitte"),
    ],
)
async def test_it_does_not_matter_how_a_character_was_typed(
    ports: AccountPorts, ada: Account, typed: str, chosen: str
) -> None:
    await change_password(ports, ada, current=GOOD, new=Secret(typed))
    await sign_in_with_password(ports, "ada-l", Secret(chosen))
    # Letters that only look alike stay different.
    await _refused(ports, "ada-l", Secret(chosen.upper()))


@pytest.mark.parametrize("length", [0, 11, 1025])
async def test_passwords_have_a_length(ports: AccountPorts, ada: Account, length: int) -> None:
    with pytest.raises(InvalidInputError, match=f"{length} characters") as refused:
        await change_password(ports, ada, current=GOOD, new=Secret("x" * length))
    assert "12 to 1024" in refused.value.hint
    await sign_in_with_password(ports, "ada-l", GOOD)


@pytest.mark.parametrize("length", [12, 1024])
async def test_long_passwords_count_wholly(ports: AccountPorts, ada: Account, length: int) -> None:
    await change_password(ports, ada, current=GOOD, new=Secret("x" * length))
    await sign_in_with_password(ports, "ada-l", Secret("x" * length))
    await _refused(ports, "ada-l", Secret("x" * (length - 1) + "y"))
    await _refused(ports, "ada-l", Secret("x" * (length + 1)))


async def test_changing_needs_the_current_password_and_a_new_one(
    ports: AccountPorts, ada: Account
) -> None:
    with pytest.raises(SignInError):
        await change_password(ports, ada, current=WRONG, new=Secret("x" * 12))
    with pytest.raises(InvalidInputError, match="current"):
        await change_password(ports, ada, current=GOOD, new=GOOD)
    await sign_in_with_password(ports, "ada-l", GOOD)


async def test_guessing_the_current_password_is_counted_too(
    ports: AccountPorts, ada: Account
) -> None:
    for _ in range(5):
        with pytest.raises(SignInError):
            await change_password(ports, ada, current=WRONG, new=Secret("x" * 12))
    assert (await _refused(ports, "ada-l", GOOD)).status == 429


async def test_a_temporary_password_dies_when_another_is_chosen(ports: AccountPorts) -> None:
    made = await create_user(ports, "ada-l")
    outcomes = await asyncio.gather(
        *(
            change_password(ports, made.account, current=made.password, new=Secret(f"{n}" * 12))
            for n in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SignInError) for outcome in outcomes) == 3
    await _refused(ports, "ada-l", made.password)
    winner = Secret(f"{outcomes.index(None)}" * 12)
    assert not (await sign_in_with_password(ports, "ada-l", winner)).password_is_temporary


async def _change(ports: AccountPorts, account: Account) -> None:
    await change_password(ports, account, current=GOOD, new=WRONG)


async def _reset(ports: AccountPorts, account: Account) -> None:
    await reset_password(ports, account.slug)


@pytest.mark.parametrize("change", [_change, _reset])
async def test_another_password_ends_what_came_of_signing_in(
    ports: AccountPorts, ada: Account, change: Callable[[AccountPorts, Account], Awaitable[None]]
) -> None:
    ended = (
        CredentialKind.SESSION,
        CredentialKind.REFRESH,
        CredentialKind.ACCESS,
        CredentialKind.CODE,
        CredentialKind.DEVICE,
    )
    given = [credential_of("secret", kind, account=ada.id) for kind in CredentialKind]
    others = [credential_of("other", kind, account="other") for kind in ended]
    await ports.credentials.add(*given, *others)
    await change(ports, ada)
    for credential in (*given, *others):
        kept = await ports.credentials.find(credential.kind, credential.digest)
        assert kept is not None
        is_ended = credential.kind in ended and credential.account == ada.id
        assert (kept.revoked_at is not None) == is_ended, credential.kind


async def test_a_weak_hash_is_replaced_when_its_password_is_known(
    ports: AccountPorts, ada: Account
) -> None:
    before = await ports.accounts.password(ada.id)
    ports = attrs.evolve(ports, passwords=QuickPasswords(cost=2))
    await _refused(ports, "ada-l", WRONG)
    assert await ports.accounts.password(ada.id) == before
    await sign_in_with_password(ports, "ada-l", GOOD)
    after = await ports.accounts.password(ada.id)
    assert after is not None
    assert not ports.passwords.is_weak(after.hash)
    await sign_in_with_password(ports, "ada-l", GOOD)
    assert await ports.accounts.password(ada.id) == after
