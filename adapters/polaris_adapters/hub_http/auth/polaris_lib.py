"""A sign-in that another client library made, used while it lasts and left alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import attrs

from polaris.ports.tokens import SignIn
from polaris_adapters.hub_http.auth.obtaining import Obtaining

__all__ = ["ForeignSignIn", "ForeignTokens"]

_log = logging.getLogger(__name__)


class ForeignTokens(Protocol):
    """Reads what another library has cached."""

    @property
    def notes(self) -> Sequence[str]:
        """What was ignored when it was read last, and why."""
        ...

    def load(self, now: datetime, /) -> SignIn | None:
        """Return what is good now; never fails."""
        ...


@attrs.define
class ForeignSignIn:
    """A sign-in by what another library has cached.

    If only the login provider's token is there, it is exchanged for one of the hub, which takes
    nothing away from the other library. Nothing is renewed, and nothing written.

    Attributes:
        tokens: Reads them.
        obtaining: Exchanges them.
    """

    tokens: ForeignTokens
    obtaining: Obtaining
    _noted: set[str] = attrs.field(factory=set, init=False)
    _exchanged: SignIn | None = attrs.field(default=None, init=False)

    async def get(self) -> SignIn | None:
        """Return the sign-in; None where there is none that is good.

        Raises:
            SignInError: The hub refused the exchange.
            PolarisHubError: The hub failed.
        """
        now = self.obtaining.session.clock.now()
        found = self.tokens.load(now)
        for note in self.tokens.notes:
            if note not in self._noted:
                self._noted.add(note)
                _log.warning("%s", note)
        if found is None or found.hub is not None or found.external is None:
            return found
        made = self._exchanged
        if made is None or made.external != found.external or made.token.is_due(now):
            hub = await self.obtaining.exchanged(found.external)
            made = self._exchanged = attrs.evolve(found, hub=hub)
        return made
