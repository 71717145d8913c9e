"""What the use cases of accounts work with."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import attrs

from polaris.application.accounts.account_errors import account_not_found
from polaris.domain.accounts import Account, AccountType
from polaris.domain.back_off import BackOff
from polaris.domain.identity import check_slug
from polaris.ports.accounts import AccountStore, PasswordHasher
from polaris.ports.attempts import AttemptStore
from polaris.ports.clock import Clock
from polaris.ports.credentials import CredentialKind, CredentialStore

__all__ = ["AccountPorts", "require_account", "revoke_sign_ins"]

# What comes of signing in. Personal tokens are not among it: people make them for programs, and
# look after them one by one.
_OF_SIGN_INS = (
    CredentialKind.SESSION,
    CredentialKind.REFRESH,
    CredentialKind.ACCESS,
    CredentialKind.CODE,
    CredentialKind.DEVICE,
)


def _new_id() -> str:
    return uuid4().hex


@attrs.frozen(kw_only=True)
class AccountPorts:
    """The ports behind a hub's accounts.

    Attributes:
        accounts: The accounts.
        credentials: What people show instead of a password.
        passwords: Makes and verifies hashes of passwords.
        attempts: Counts who guesses.
        clock: Tells the time.
        back_off: How long somebody who guesses has to wait.
        make_id: Makes a text that no account had before.
    """

    accounts: AccountStore
    credentials: CredentialStore
    passwords: PasswordHasher
    attempts: AttemptStore
    clock: Clock
    back_off: BackOff = attrs.field(factory=BackOff)
    make_id: Callable[[], str] = _new_id


async def require_account(ports: AccountPorts, slug: str, type: AccountType = "user", /) -> Account:
    """Return an account, closed or not.

    Raises:
        AccountNotFoundError: There is none, or it is of the other type.
        InvalidNameError: The slug cannot be one.
    """
    account = await ports.accounts.find(check_slug(slug))
    if account is None or account.type != type:
        raise account_not_found(type, slug)
    return account


async def revoke_sign_ins(ports: AccountPorts, account: Account, /) -> None:
    """End everything that came of an account's sign-ins: browsers, programs, codes under way."""
    now = ports.clock.now()
    for kind in _OF_SIGN_INS:
        await ports.credentials.revoke(now=now, kind=kind, account=account.id)
