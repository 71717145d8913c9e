"""Who uses a hub that has no accounts: the user of this machine."""

from __future__ import annotations

import getpass

from polaris.domain.identity import HubOwner, slugify
from polaris.errors import InvalidNameError
from polaris.ports.auth import Identity

__all__ = ["LocalIdentity"]

_UNKNOWN = "local-user"


def _user_name() -> str:
    """Return the login name as a slug; login names may be shorter than slugs, or not be slugs."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # No such user: a container may run under any number.
        return _UNKNOWN
    for candidate in (name, f"{name}-local"):
        try:
            return HubOwner(slugify(candidate)).slug
        except InvalidNameError:
            continue
    return _UNKNOWN


class LocalIdentity:
    """An `AuthPort` where somebody is always signed in.

    Args:
        user_name: Slug of the user; made from the machine's login name when omitted.
    """

    def __init__(self, user_name: str | None = None) -> None:
        self._user = HubOwner(user_name or _user_name())

    async def sign_in(self, *, overwrite: bool = False, auto_open_browser: bool = True) -> Identity:
        """Return the user; see `AuthPort`."""
        return Identity(self._user)

    async def sign_out(self) -> None:
        """Do nothing: the user of this machine stays who it is; see `AuthPort`."""

    async def identity(self) -> Identity:
        """Return the user; see `AuthPort`."""
        return Identity(self._user)
