"""Making users, closing their accounts and opening them again."""

from __future__ import annotations

import asyncio

import attrs

from polaris.application.accounts.account_ports import AccountPorts, require_account
from polaris.application.accounts.account_texts import check_email, check_label
from polaris.application.accounts.secrets import new_password
from polaris.domain.accounts import Account
from polaris.domain.secret import Secret
from polaris.errors import HubBusyError, InvalidInputError
from polaris.ports.accounts import StoredPassword

__all__ = ["NewUser", "close_account", "create_user", "reopen_account", "set_administrator"]


@attrs.frozen
class NewUser:
    """A user who was just made.

    Attributes:
        account: The account.
        password: Opens it once, to choose another password; shown now and never again.
    """

    account: Account
    password: Secret


async def create_user(
    ports: AccountPorts,
    slug: str,
    /,
    *,
    name: str | None = None,
    email: str | None = None,
    is_administrator: bool = False,
) -> NewUser:
    """Make a user with a temporary password.

    Raises:
        AccountExistsError: The slug is taken, or was once.
        InvalidInputError: Slug, name or email cannot be one.
    """
    account = Account(
        id=ports.make_id(),
        slug=slug,
        type="user",
        name=None if name is None else check_label("name", name),
        email=None if email is None else check_email(email),
        is_administrator=is_administrator,
        created_at=ports.clock.now(),
    )
    password = new_password()
    made = await asyncio.to_thread(ports.passwords.hash, password.reveal())
    await ports.accounts.add(account, password=StoredPassword(made, is_temporary=True))
    return NewUser(account, password)


async def close_account(ports: AccountPorts, account: Account, /) -> Account:
    """Close a user's or an organization's account, and revoke all that was given out to it.

    Closing one that is closed revokes what is left. What an account owns stays.

    Raises:
        AccountNotFoundError: There is no such account.
        HubBusyError: It has been changed since it was read.
        InvalidInputError: It is the last administrator's.
    """
    await _require_another_administrator(ports, account, "closed")
    now = ports.clock.now()
    closed = attrs.evolve(account, closed_at=account.closed_at or now)
    await _change(ports, account, closed)
    await ports.credentials.revoke(now=now, account=account.id)
    return closed


async def reopen_account(ports: AccountPorts, account: Account, /) -> Account:
    """Open a closed account again; what was revoked stays revoked.

    Raises:
        AccountNotFoundError: There is no such account.
        HubBusyError: It has been changed since it was read.
    """
    if account.closed_at is None:
        return account
    # If the program died between the two steps of closing, something is left that must not
    # come back.
    await ports.credentials.revoke(now=ports.clock.now(), account=account.id)
    opened = attrs.evolve(account, closed_at=None)
    await _change(ports, account, opened)
    return opened


async def set_administrator(ports: AccountPorts, slug: str, is_administrator: bool, /) -> Account:
    """Let a user do everything on the hub, or no more.

    Raises:
        AccountNotFoundError: There is no such user.
        HubBusyError: The account has been changed since it was read.
        InvalidInputError: The account is closed, or the last administrator's.
    """
    account = await require_account(ports, slug)
    if is_administrator and account.closed_at is not None:
        raise InvalidInputError(
            f"The account {slug} is closed and cannot be an administrator's",
            hint="Open it again first.",
        )
    if not is_administrator:
        await _require_another_administrator(ports, account, "made an ordinary user")
    changed = attrs.evolve(account, is_administrator=is_administrator)
    await _change(ports, account, changed)
    return changed


async def _change(ports: AccountPorts, before: Account, after: Account) -> None:
    """Write an account that nobody else has changed since it was read."""
    if not await ports.accounts.change(after, expected=before):
        raise HubBusyError(
            f"The account {before.slug} was changed by somebody else at the same time",
            hint="Look at it and try again.",
        )


async def _require_another_administrator(ports: AccountPorts, account: Account, verb: str) -> None:
    counts = account.is_administrator and account.closed_at is None
    if counts and not await ports.accounts.has_administrator(besides=account.id):
        raise InvalidInputError(
            f"{account.slug} is the only administrator and cannot be {verb}",
            hint="Make somebody else an administrator first.",
        )
