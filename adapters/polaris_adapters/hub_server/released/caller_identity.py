"""Who calls, as the use cases want to know it."""

from __future__ import annotations

import attrs

from polaris.ports.auth import Identity

__all__ = ["CallerIdentity"]


@attrs.frozen
class CallerIdentity:
    """An `AuthPort` of somebody whom the hub has recognised; there is nothing to sign in to.

    Attributes:
        caller: Who it is.
    """

    caller: Identity

    async def sign_in(self, *, overwrite: bool = False, auto_open_browser: bool = True) -> Identity:
        """See `AuthPort`."""
        return self.caller

    async def sign_out(self) -> None:
        """See `AuthPort`; the caller's token is the caller's affair."""

    async def identity(self) -> Identity:
        """See `AuthPort`."""
        return self.caller
