"""Who the caller is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret

__all__ = ["Accounts", "AuthPort", "Identity", "SignInStatus"]


@attrs.frozen
class Identity:
    """A signed-in user.

    Attributes:
        user: The user as an owner of artifacts.
        email: Address, if the hub tells it.
        claims: What else the hub says of the user, as it came.
    """

    user: HubOwner
    email: str | None = None
    claims: dict[str, object] = attrs.field(factory=dict)


class AuthPort(Protocol):
    """Signs a user in and out at one hub. May be used from several tasks and threads at once."""

    async def sign_in(self, *, overwrite: bool = False, auto_open_browser: bool = True) -> Identity:
        """Sign in, by whatever road the hub and the surroundings offer, and return who it is.

        Does nothing but answer when somebody is signed in already, unless ``overwrite``.

        Raises:
            PolarisUnauthorizedError: The hub refused, or no road is open.
        """
        ...

    async def sign_out(self) -> None:
        """Forget the sign-in; does nothing when nobody is signed in.

        On a hub without accounts there is nothing to forget: its user stays who it is.
        """
        ...

    async def identity(self) -> Identity:
        """Return who is signed in.

        Raises:
            PolarisUnauthorizedError: Nobody is.
        """
        ...


@attrs.frozen(kw_only=True)
class SignInStatus:
    """What is known of a sign-in without asking a server.

    Attributes:
        road: How the user signed in; None where nobody is signed in.
        account: Slug of the user, if known.
        expires_at: When the token ends, with time zone; None if it does not say.
        is_over: Whether it has ended and cannot be renewed.
        renewable: Whether it will be renewed without anybody being asked.
        scope: What the token allows, words separated by spaces.
        kept_in: Where it is kept, a few words.
        accounts: All accounts that are signed in, sorted.
    """

    road: str | None = None
    account: str | None = None
    expires_at: datetime | None = None
    is_over: bool = False
    renewable: bool = False
    scope: str = ""
    kept_in: str = ""
    accounts: tuple[str, ...] = ()


@runtime_checkable
class Accounts(Protocol):
    """What an `AuthPort` can do besides where a hub knows accounts and gives tokens."""

    async def status(self) -> SignInStatus:
        """Return what is known of the sign-in in use; asks no server, and changes nothing.

        Raises:
            StorageError: What is kept cannot be read.
        """
        ...

    async def token(self) -> Secret:
        """Return the token that calls of the hub carry now, renewed if need be.

        Raises:
            PolarisUnauthorizedError: Nobody is signed in.
        """
        ...

    async def switch(self, account: str | None = None, /) -> str:
        """Use another account that is signed in, also in later processes, and return it.

        Args:
            account: Its slug; the other one where there are two and None is given.

        Raises:
            InvalidInputError: It is not signed in, or it is not clear which is meant.
        """
        ...
