"""What is known of a sign-in without asking anybody."""

from __future__ import annotations

from datetime import datetime

from polaris.ports.auth import SignInStatus
from polaris.ports.tokens import SignIn, SignIns
from polaris_adapters.hub_http.auth.roads import Road

__all__ = ["status_of"]

# Sign-ins that no vault keeps.
_PLACES = {Road.TOKEN: "the settings", "polaris-lib": "the cache of polaris-lib"}


def status_of(current: SignIn, known: SignIns, *, now: datetime, kept_in: str) -> SignInStatus:
    """Return what is known of a sign-in.

    Args:
        current: The one in use.
        known: All that the vault has.
        now: The present moment, with time zone.
        kept_in: Where the vault keeps them.
    """
    token = current.token
    renewable = any(
        stored is not None and stored.refresh is not None
        for stored in (current.hub, current.external)
    )
    if current.hub is not None and current.external is not None:
        # While the login provider's token is good, the hub gives another one for it.
        renewable = renewable or not current.external.is_over(now)
    return SignInStatus(
        road=current.road,
        account=None if current.account in ("unknown", "polaris-lib") else current.account,
        expires_at=token.expires_at,
        is_over=token.is_over(now) and not renewable,
        renewable=renewable,
        scope=token.scope,
        kept_in=_PLACES.get(current.road, kept_in),
        accounts=tuple(known.accounts),
    )
