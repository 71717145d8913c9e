"""An `AuthPort` with one user."""

from __future__ import annotations

from polaris.domain.identity import HubOwner
from polaris.errors import PolarisUnauthorizedError
from polaris.ports.auth import Identity

__all__ = ["FakeAuth"]


class FakeAuth:
    """Signs in the user that the test names, or refuses.

    Args:
        user: Slug of the user.
        signed_in: Whether the user is signed in from the start.
        refuses: Whether the hub refuses to sign anybody in.

    Attributes:
        sign_ins: How often somebody was really signed in.
    """

    def __init__(
        self, user: str = "some-user", *, signed_in: bool = True, refuses: bool = False
    ) -> None:
        self._identity = Identity(
            HubOwner(user, type="user"), email=f"{user}@example.org", claims={"username": user}
        )
        self._signed_in = signed_in
        self._refuses = refuses
        self.sign_ins = 0

    async def sign_in(self, *, overwrite: bool = False, auto_open_browser: bool = True) -> Identity:
        """See `AuthPort.sign_in`."""
        if overwrite or not self._signed_in:
            if self._refuses:
                raise PolarisUnauthorizedError(
                    f"Cannot sign in {self._identity.user}: the hub refused",
                    hint="Make the fake with refuses=False.",
                )
            self._signed_in = True
            self.sign_ins += 1
        return self._identity

    async def sign_out(self) -> None:
        """See `AuthPort.sign_out`."""
        self._signed_in = False

    async def identity(self) -> Identity:
        """See `AuthPort.identity`."""
        if not self._signed_in:
            raise PolarisUnauthorizedError("Nobody is signed in", hint="Call login() first.")
        return self._identity
