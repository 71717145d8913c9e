"""The errors about accounts that every `AccountStore` raises, in one place."""

from __future__ import annotations

from polaris.domain.accounts import AccountType
from polaris.errors import AccountExistsError, AccountNotFoundError
from polaris.ports.accounts import ExternalIdentity

__all__ = ["account_exists", "account_id_not_found", "account_not_found", "identity_taken"]


def account_exists(slug: str, /) -> AccountExistsError:
    """Return the error for an account that cannot be added."""
    return AccountExistsError(
        f"The name {slug} is taken, or was once",
        hint="Choose another one; names of closed accounts are not given out again.",
    )


def account_not_found(type: AccountType, slug: str, /) -> AccountNotFoundError:
    """Return the error for a slug that is nobody's, or is of the other type."""
    return AccountNotFoundError(
        f"There is no {type} {slug}",
        hint="Look at the names with `polaris hub user ls` and `polaris hub org ls`.",
    )


def account_id_not_found(id: str, /) -> AccountNotFoundError:
    """Return the error for an id that no account has."""
    return AccountNotFoundError(
        f"There is no account with the id {id!r}", hint="Look for it by its name."
    )


def identity_taken(identity: ExternalIdentity, /) -> AccountExistsError:
    """Return the error for an outside identity that opens another account."""
    return AccountExistsError(
        f"{identity.subject!r} of {identity.issuer} opens another account already",
        hint="Sign in with it to see which.",
    )
