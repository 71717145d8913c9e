"""Personal access tokens: what programs of a user show instead of a password."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import attrs

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.account_texts import check_label
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.accounts import Account, Scope
from polaris.domain.secret import Secret
from polaris.errors import InsufficientScopeError, InvalidInputError, Problem
from polaris.ports.credentials import Credential, CredentialKind

__all__ = [
    "DEFAULT_LIFE",
    "LONGEST_LIFE",
    "IssuedToken",
    "issue_token",
    "list_tokens",
    "revoke_token",
    "token_id",
]

DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=365)

_ID = 16  # hex digits of the digest


@attrs.frozen
class IssuedToken:
    """A token that was just given out.

    Attributes:
        credential: What is kept of it.
        secret: The token; shown now and never again.
    """

    credential: Credential
    secret: Secret


def token_id(credential: Credential, /) -> str:
    """Return what people call a token by: the first 16 hex digits of its digest."""
    return credential.digest[:_ID]


async def issue_token(
    ports: AccountPorts,
    account: Account,
    /,
    *,
    name: str,
    scopes: Iterable[Scope | str],
    life: timedelta | None = DEFAULT_LIFE,
    granted: frozenset[Scope] | None,
) -> IssuedToken:
    """Give out a token.

    Args:
        ports: The ports.
        account: The user whose it is.
        name: What the user calls it.
        scopes: What it is to allow.
        life: How long it is good; None, which only operators may give, for ever.
        granted: What the credential allows with which this is asked for; None if an operator
            asks, who may give any scopes and any life.

    Raises:
        InsufficientScopeError: More scopes are asked for than ``granted``.
        InvalidInputError: Name, scopes or life cannot be one, or the account is no open user's.
    """
    label = check_label("name", name, most=100)
    wanted = _parsed(scopes)
    _check_life(life, by_operator=granted is None)
    if account.type != "user" or account.closed_at is not None:
        raise InvalidInputError(
            f"{account.slug} cannot have tokens",
            hint="Tokens are of users whose account is open.",
        )
    if granted is not None and not wanted <= granted:
        more = ", ".join(sorted(wanted - granted))
        raise InsufficientScopeError(
            f"A token for {more} was asked for with one that does not allow it",
            hint="Sign in, or ask for fewer scopes.",
        )
    secret, now = new_secret(CredentialKind.PERSONAL), ports.clock.now()
    digest = digest_of_secret(secret)
    credential = Credential(
        kind=CredentialKind.PERSONAL,
        digest=digest,
        account=account.id,
        family=digest,
        name=label,
        scopes=frozenset(scope.value for scope in wanted),
        created_at=now,
        expires_at=None if life is None else now + life,
    )
    await ports.credentials.add(credential)
    return IssuedToken(credential, secret)


async def list_tokens(ports: AccountPorts, account: Account, /) -> Sequence[Credential]:
    """Return a user's tokens, newest first, those that have ended included."""
    return await ports.credentials.of_account(account.id, CredentialKind.PERSONAL)


async def revoke_token(ports: AccountPorts, account: Account, id: str, /) -> Credential:
    """Revoke a token of a user; one that has ended already may be revoked too.

    Args:
        ports: The ports.
        account: The user.
        id: As `token_id` gives it, or the whole digest.

    Raises:
        InvalidInputError: The user has no such token.
    """
    for credential in await list_tokens(ports, account):
        if id in (token_id(credential), credential.digest):
            now = ports.clock.now()
            await ports.credentials.revoke(
                now=now, kind=credential.kind, digest=credential.digest, account=account.id
            )
            return attrs.evolve(credential, revoked_at=credential.revoked_at or now)
    raise InvalidInputError(
        f"{account.slug} has no token with the id {id!r:.80}",
        hint="The ids are in the list of tokens.",
    )


def _parsed(scopes: Iterable[Scope | str]) -> frozenset[Scope]:
    try:
        found = frozenset(Scope(scope) for scope in scopes)
    except ValueError as cause:
        raise InvalidInputError(
            problems=[Problem("scopes", str(cause), f"Give some of {', '.join(Scope)}.")]
        ) from cause
    if not found:
        raise InvalidInputError(
            problems=[Problem("scopes", "are none", f"Give some of {', '.join(Scope)}.")]
        )
    return found


def _check_life(life: timedelta | None, *, by_operator: bool) -> None:
    if by_operator and (life is None or life > timedelta(0)):
        return
    if life is None or not timedelta(0) < life <= LONGEST_LIFE:
        raise InvalidInputError(
            problems=[
                Problem(
                    "life",
                    "cannot be so",
                    f"Give more than nothing, up to {LONGEST_LIFE.days} days.",
                )
            ]
        )
