"""Keeping what a sign-in gave: tokens, whose they are, and until when they are good."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

import attrs

from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError

__all__ = ["SignIn", "SignIns", "StoredToken", "TokenKey", "TokenVault"]

# Tokens are renewed a minute before they end, or in the last quarter of a shorter life.
_EARLY = timedelta(seconds=60)


@attrs.frozen
class TokenKey:
    """What a sign-in is for; sign-ins of different keys know nothing of each other.

    Attributes:
        hub_url: The hub.
        client_id: The OAuth 2 client that signed in.
    """

    hub_url: str
    client_id: str


@attrs.frozen(kw_only=True)
class StoredToken:
    """A token, and what is known of it.

    Attributes:
        access: What calls carry.
        refresh: What gives the next token; None where there is no such thing.
        issued_at: When it came, with time zone, by this machine's clock.
        expires_at: When it ends, by the same clock; None if it does not say.
        scope: What it allows, words separated by spaces.
        issuer: The URL that gave it, the only one that may see ``refresh``.
    """

    access: Secret
    refresh: Secret | None = None
    issued_at: datetime
    expires_at: datetime | None = None
    scope: str = ""
    issuer: str = ""

    def is_over(self, now: datetime) -> bool:
        """Say whether it has ended."""
        return self.expires_at is not None and now >= self.expires_at

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to renew it: it has ended, or soon will."""
        if self.expires_at is None:
            return False
        return now >= self.expires_at - min(_EARLY, (self.expires_at - self.issued_at) / 4)


@attrs.frozen(kw_only=True)
class SignIn:
    """One user's sign-in.

    Attributes:
        account: Slug of the user.
        road: How the user signed in: ``browser``, ``device``, ``pasted_code``, ``password`` …
        external: The token of the login provider; None where none was involved.
        hub: The token that the hub gave, for it or at once; None where the hub takes the provider's
            as it is.
        audience: Base of the API that may see the token.
        email: Address, if known.
        claims: What else was said of the user, as JSON has it.
        renewal: Names a renewal that was begun and is not known to have ended; empty otherwise.
    """

    account: str
    road: str
    external: StoredToken | None = None
    hub: StoredToken | None = None
    audience: str = ""
    email: str | None = None
    claims: dict[str, Any] = attrs.field(factory=dict)
    renewal: str = ""

    @property
    def token(self) -> StoredToken:
        """The token that calls of the hub carry."""
        found = self.hub or self.external
        assert found is not None, "a sign-in has a token"
        return found

    def __attrs_post_init__(self) -> None:
        if self.hub is None and self.external is None:
            raise InvalidInputError("A sign-in needs a token")


@attrs.frozen
class SignIns:
    """All sign-ins at one hub, at most one of which is in use.

    Attributes:
        entries: One for each account.
        active: The account in use; None after signing out.
    """

    entries: tuple[SignIn, ...] = ()
    active: str | None = None

    @property
    def current(self) -> SignIn | None:
        """The sign-in in use."""
        return next((entry for entry in self.entries if entry.account == self.active), None)

    @property
    def accounts(self) -> list[str]:
        """The accounts that are signed in, sorted."""
        return sorted(entry.account for entry in self.entries)

    def with_active(self, entry: SignIn) -> Self:
        """Return these with another sign-in, in use, in place of the same account's."""
        rest = tuple(other for other in self.entries if other.account != entry.account)
        return attrs.evolve(self, entries=(*rest, entry), active=entry.account)

    def without(self, account: str) -> Self:
        """Return these without an account; if it was in use, nobody is signed in then."""
        return attrs.evolve(
            self,
            entries=tuple(entry for entry in self.entries if entry.account != account),
            active=None if self.active == account else self.active,
        )

    def switched(self, account: str) -> Self:
        """Return these with another account in use.

        Raises:
            InvalidInputError: That account is not signed in.
        """
        if account not in self.accounts:
            known = ", ".join(self.accounts) or "none"
            raise InvalidInputError(
                f"The account {account!r} is not signed in",
                hint=f"Signed in are: {known}. To add one: polaris auth login --overwrite.",
            )
        return attrs.evolve(self, active=account)


class TokenVault(Protocol):
    """Keeps sign-ins for the next process. May be used from several tasks, threads and processes.

    What `load` returns is whole: it was saved by one `save`, whatever happened to a later one.
    """

    async def probe(self) -> None:
        """Make sure that what is saved will be kept; asked before a sign-in begins.

        Raises:
            StorageError: It would not; the message says why.
            MissingExtraError: A package that the vault needs is not installed.
        """
        ...

    async def load(self, key: TokenKey, /) -> SignIns | None:
        """Return what was saved last; None where nothing was.

        Raises:
            StorageError: It cannot be read.
            DamagedFileError: What is there cannot be understood; a later `save` may replace it.
        """
        ...

    async def save(self, key: TokenKey, value: SignIns, /) -> None:
        """Keep a value in place of the one before, so that it outlives the process.

        A save that fails or is cancelled leaves either value, never a mixture.

        Raises:
            StorageError: It cannot be kept; what was there before still is.
        """
        ...

    def locked(self, key: TokenKey, /) -> AbstractAsyncContextManager[None]:
        """Keep all others out of a key while the context lasts: tasks, threads and processes.

        `load` and `save` do not ask for it, so that it can be held around both. It ends with the
        process. It cannot be entered again by who holds it.

        Raises:
            StorageError: Somebody else has held it for a minute.
        """
        ...

    def describe(self) -> str:
        """Return where things are kept, a few words for people."""
        ...
