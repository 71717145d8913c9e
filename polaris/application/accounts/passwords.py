"""Signing in with a password, and choosing another one."""

from __future__ import annotations

import asyncio
import hashlib
import math
import unicodedata

import attrs

from polaris.application.accounts.account_ports import (
    AccountPorts,
    require_account,
    revoke_sign_ins,
)
from polaris.application.accounts.secrets import new_password
from polaris.domain.accounts import Account
from polaris.domain.identity import is_slug
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError, SignInError
from polaris.ports.accounts import StoredPassword

__all__ = ["PasswordSignIn", "change_password", "reset_password", "sign_in_with_password"]

_SHORTEST, _LONGEST = 12, 1024


@attrs.frozen
class PasswordSignIn:
    """Somebody whose password was right.

    Attributes:
        account: Whose.
        password_is_temporary: Whether nothing is allowed but to choose another password.
    """

    account: Account
    password_is_temporary: bool


async def sign_in_with_password(
    ports: AccountPorts, slug: str, password: Secret, /
) -> PasswordSignIn:
    """Say whose a password is.

    A wrong password, an unknown name, a closed account and one without a password are refused in
    the same words, and after the same work. Each try is counted before it is made.

    Raises:
        SignInError: Name and password do not belong together; or there have been too many tries,
            then with ``status`` 429 and ``retry_after``.
    """
    return (await _verified(ports, slug, password))[0]


async def change_password(
    ports: AccountPorts, account: Account, /, *, current: Secret, new: Secret
) -> None:
    """Choose another password, and end everything that came of earlier sign-ins.

    A temporary password dies with that: of several who use one at once, one succeeds.

    Raises:
        InvalidInputError: The new password is too short, too long, or the current one.
        SignInError: As `sign_in_with_password`, or the password has been changed meanwhile.
    """
    chosen = _checked(new)
    _, stored = await _verified(ports, account.slug, current)
    if chosen == _prepared(current):
        raise InvalidInputError(
            "The new password is the current one", hint="Choose one that is new."
        )
    made = StoredPassword(await asyncio.to_thread(ports.passwords.hash, chosen))
    # Before and after: nothing is left if the program dies between, nor by a sign-in between.
    await revoke_sign_ins(ports, account)
    if not await ports.accounts.set_password(account.id, made, expected=stored):
        raise _refused()
    await revoke_sign_ins(ports, account)


async def reset_password(ports: AccountPorts, slug: str, /) -> Secret:
    """Give a user a temporary password, end all sign-ins, and forget failed tries.

    For operators: the present password is not asked for.

    Raises:
        AccountNotFoundError: There is no such user.
    """
    account = await require_account(ports, slug)
    password = new_password()
    made = await asyncio.to_thread(ports.passwords.hash, password.reveal())
    await revoke_sign_ins(ports, account)
    await ports.accounts.set_password(account.id, StoredPassword(made, is_temporary=True))
    await revoke_sign_ins(ports, account)
    await ports.attempts.forget(_key(account.slug))
    return password


async def _verified(
    ports: AccountPorts, slug: str, password: Secret
) -> tuple[PasswordSignIn, StoredPassword]:
    key = _key(slug)
    now = ports.clock.now()
    too_early = await ports.attempts.begin(key, now=now, back_off=ports.back_off)
    if too_early is not None:
        wait = math.ceil((too_early - now).total_seconds())
        raise SignInError(
            "There have been too many tries to sign in with this name",
            hint=f"Wait {wait} s, or ask an administrator for a new password.",
            status=429,
            retry_after=wait,
        )
    account = await ports.accounts.find(slug) if is_slug(slug) else None
    # Asked for nobody too, so that an unknown name takes as many steps.
    stored = await ports.accounts.password("" if account is None else account.id)
    text = _prepared(password)
    is_right = await asyncio.to_thread(
        ports.passwords.verify,
        None if stored is None else stored.hash,
        # What is longer cannot be right, and must not be work.
        text[: _LONGEST + 1],
    )
    if account is None or stored is None or not is_right or account.closed_at is not None:
        raise _refused()
    await ports.attempts.forget(key)
    if ports.passwords.is_weak(stored.hash):
        stored = await _strengthened(ports, account, stored, text)
    return PasswordSignIn(account, stored.is_temporary), stored


async def _strengthened(
    ports: AccountPorts, account: Account, stored: StoredPassword, text: str
) -> StoredPassword:
    """Hash a password anew with the costs of today, unless it was changed meanwhile."""
    made = await asyncio.to_thread(ports.passwords.hash, text)
    stronger = attrs.evolve(stored, hash=made)
    written = await ports.accounts.set_password(account.id, stronger, expected=stored)
    return stronger if written else stored


def _refused() -> SignInError:
    return SignInError(
        "Name and password do not belong together",
        hint="Check both; an administrator can give you a new password.",
    )


def _key(slug: str) -> str:
    """Return what tries are counted by: a digest, for people type passwords where names go."""
    return hashlib.sha256(f"password\n{slug}".encode("utf-8", "surrogatepass")).hexdigest()


def _prepared(password: Secret) -> str:
    """Return a password as it is hashed: the same characters, whichever way they were typed.

    Source: RFC 8265 section 4.2.2, the rules for blanks and normalization.
    """
    blanks = "".join(
        " " if unicodedata.category(character) == "Zs" else character
        for character in password.reveal()[: 4 * _LONGEST]
    )
    return unicodedata.normalize("NFC", blanks)


def _checked(password: Secret) -> str:
    """Return a new password as it is hashed.

    Raises:
        InvalidInputError: It is too short or too long.
    """
    text = _prepared(password)
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise InvalidInputError(
            f"The new password has {len(text)} characters",
            hint=f"Choose one of {_SHORTEST} to {_LONGEST} characters; a few words are fine.",
        )
    return text
