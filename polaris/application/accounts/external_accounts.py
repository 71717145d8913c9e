"""The account of somebody whom an outside provider has signed in."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.account_texts import check_email, check_label
from polaris.domain.accounts import Account
from polaris.domain.identity import slugify
from polaris.errors import AccountExistsError, InvalidInputError, SignInError
from polaris.ports.accounts import ExternalIdentity

__all__ = ["account_for_external"]

_SHORTEST, _LONGEST = 4, 64
_MOST_ID = 2048
# Nobody gets these by calling themselves so elsewhere.
_RESERVED = frozenset({"admin", "administrator", "root", "system", "support", "polaris"})


async def account_for_external(
    ports: AccountPorts,
    identity: ExternalIdentity,
    /,
    *,
    proposed_slug: str,
    name: str | None = None,
    email: str | None = None,
) -> Account:
    """Return the account that an outside identity opens; make it when the identity is new.

    Issuer and subject alone decide: whoever has the address or the name of somebody else at a
    provider does not get that person's account. All who come at once with a new identity get the
    same account.

    Args:
        ports: The ports.
        identity: Who it is to the provider, from a token that has been verified.
        proposed_slug: What the provider calls the user; the slug is made of it, with a number
            after it where it is taken.
        name: How people call the user; left out where it cannot be one.
        email: The user's address; left out where it cannot be one.

    Raises:
        InvalidInputError: Issuer or subject cannot be one.
        SignInError: The account is closed.
    """
    _check(identity)
    for slug in _slugs(proposed_slug):
        found = await ports.accounts.find_external(identity)
        if found is not None:
            return _opened(found)
        if await ports.accounts.find(slug) is not None:
            continue
        account = Account(
            id=ports.make_id(),
            slug=slug,
            type="user",
            name=_kept(name, lambda text: check_label("name", text)),
            email=_kept(email, check_email),
            created_at=ports.clock.now(),
        )
        try:
            await ports.accounts.add(account, external=identity)
        except AccountExistsError:
            # Somebody was faster: either with the name or with the identity.
            continue
        return account
    raise AssertionError("there are always more slugs")


def _check(identity: ExternalIdentity) -> None:
    for text in (identity.issuer, identity.subject):
        if not 0 < len(text) <= _MOST_ID or not text.isprintable():
            raise InvalidInputError(
                "What the provider calls the user cannot be kept",
                hint=f"An issuer and a subject have 1 to {_MOST_ID} characters that can be shown.",
            )


def _opened(account: Account) -> Account:
    if account.closed_at is not None:
        raise SignInError(
            f"The account {account.slug} is closed", hint="Ask an administrator to open it again."
        )
    return account


def _kept(text: str | None, check: Callable[[str], str]) -> str | None:
    try:
        return None if text is None else check(text)
    except InvalidInputError:
        return None


def _slugs(proposed: str) -> Iterator[str]:
    """Give slugs that are like what was proposed: itself, then with 2, 3 and so on."""
    plain = unicodedata.normalize("NFKD", proposed[:200]).encode("ascii", "ignore").decode()
    base = slugify(re.sub(r"[^A-Za-z0-9]+", "-", plain))[:_LONGEST].strip("-") or "user"
    if len(base) < _SHORTEST:
        base = f"{base}-user"
    if base not in _RESERVED:
        yield base
    for number in itertools.count(2):
        end = f"-{number}"
        yield base[: _LONGEST - len(end)] + end
