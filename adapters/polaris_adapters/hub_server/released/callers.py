"""Who calls with the tokens of released clients."""

from __future__ import annotations

import attrs

from polaris.domain.accounts import Scope
from polaris.domain.secret import Secret
from polaris_adapters.hub_server.callers import Caller, Callers
from polaris_adapters.hub_server.released.sign_ins import SignIns
from polaris_adapters.hub_server.released.tokens import Purpose, SignedTokens

__all__ = ["OpenCallers", "ReleasedCallers"]


@attrs.frozen
class ReleasedCallers:
    """A `Callers` that also knows tokens that the hub signed, and those of the external provider.

    Clients of the oldest generation call with the provider's token as it is.

    Attributes:
        inner: Knows all other tokens.
        sign_ins: The accounts.
        tokens: Signed the hub's own.
    """

    inner: Callers
    sign_ins: SignIns
    tokens: SignedTokens

    @property
    def anonymous(self) -> bool:
        """See `Callers`."""
        return self.inner.anonymous

    async def find(self, token: Secret, /) -> Caller | None:
        """See `Callers`."""
        claims = self.tokens.read(Purpose.HUB, token.reveal())
        if claims is not None:
            if self.tokens.has_ended(claims):
                return None
            caller = await self.sign_ins.by_name(claims["sub"], shown=claims.get("shown"))
            # No more than the sign-in that it was given for, whatever the account may do.
            scopes = str(claims.get("scope", "")).split()
            kept = frozenset(scope for scope in Scope if scope in scopes)
            return caller and attrs.evolve(caller, scopes=caller.scopes & kept)
        known = await self.inner.find(token)
        return known if known is not None else await self.sign_ins.by_external_token(token)

    async def forget(self, token: Secret, /) -> None:
        """See `Callers`; what the external provider gave is taken back there."""
        claims = self.tokens.read(Purpose.HUB, token.reveal())
        if claims is not None:
            self.tokens.take_back(claims)
            if "shown" in claims:
                # In every process of the hub, not in this one alone.
                await self.sign_ins.forget(str(claims["shown"]))
        else:
            await self.inner.forget(token)

    def refresh(self) -> None:
        """See `Callers`."""
        self.inner.refresh()


@attrs.frozen
class OpenCallers:
    """A `Callers` for routes that nobody has a token for yet, or that need none.

    Attributes:
        inner: Knows whose tokens are.
    """

    inner: Callers

    @property
    def anonymous(self) -> bool:
        """See `Callers`; how else could anybody sign in?"""
        return True

    async def find(self, token: Secret, /) -> Caller | None:
        """See `Callers`."""
        return await self.inner.find(token)

    async def forget(self, token: Secret, /) -> None:
        """See `Callers`."""
        await self.inner.forget(token)

    def refresh(self) -> None:
        """See `Callers`."""
        self.inner.refresh()
