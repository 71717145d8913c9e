"""Who the caller is."""

from __future__ import annotations

from typing import Protocol

import attrs

from polaris.domain.identity import HubOwner

__all__ = ["AuthPort", "Identity"]


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
