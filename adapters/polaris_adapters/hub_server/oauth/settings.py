"""What operators of a hub choose about signing in."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from polaris.domain.back_off import BackOff
from polaris.domain.secret import Secret

__all__ = ["ExternalProvider", "Lifetimes", "ProviderSettings"]


def _frozen(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


@attrs.frozen(kw_only=True)
class ExternalProvider:
    """An OpenID provider elsewhere, by which users may sign in.

    Attributes:
        issuer: Its identifier; its metadata are found below (OpenID Connect Discovery section 4).
        client_id: The hub as the provider knows it.
        client_secret: What the hub shows there; None for a public client.
        name: What the button says.
        scopes: What is asked for, words separated by spaces.
        slug_claim: The claim that an account that is made is named after.
        email_domains: Domains of verified addresses that may sign in; empty for all.
        creates_accounts: Whether somebody without an account gets one; otherwise operators link
            identities to accounts.
    """

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    name: str = "your organization"
    scopes: str = "openid profile email"
    slug_claim: str = "preferred_username"
    email_domains: frozenset[str] = attrs.field(default=frozenset(), converter=_frozen)
    creates_accounts: bool = False


@attrs.frozen(kw_only=True)
class Lifetimes:
    """How long what is given out is good, seconds.

    Attributes:
        code: Authorization codes.
        access: Access tokens.
        refresh: Refresh tokens, from their last use.
        refresh_in_all: Refresh tokens, from the sign-in, however often they are used.
        device: Device codes.
        session: Browsers that are signed in.
        login: The time for one sign-in at an outside provider, or for one that has to be repeated.
    """

    code: int = 60
    access: int = 3600
    refresh: int = 30 * 86400
    refresh_in_all: int = 180 * 86400
    device: int = 600
    session: int = 12 * 3600
    login: int = 600


@attrs.frozen(kw_only=True)
class ProviderSettings:
    """What operators may choose.

    Attributes:
        url: Address of the hub as its callers see it, which is its issuer; None to take it from
            each call, whose Host must then be known to be the hub's.
        hub_name: What the pages call the hub.
        external: A provider elsewhere by which users may sign in too; None for none.
        passwords: Whether users may sign in by a password.
        lifetimes: How long what is given out is good.
        poll_interval: Seconds between questions for a device code (RFC 8628 section 3.2).
        back_off: How long somebody who guesses passwords has to wait.
        contact: Whom the pages name for help, such as an address; None for nobody.
    """

    url: str | None = None
    hub_name: str = "Polaris Hub"
    external: ExternalProvider | None = None
    passwords: bool = True
    lifetimes: Lifetimes = attrs.field(factory=Lifetimes)
    poll_interval: int = 5
    back_off: BackOff = attrs.field(factory=BackOff)
    contact: str | None = None
