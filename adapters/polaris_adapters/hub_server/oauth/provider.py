"""What the OAuth and OpenID routes and their pages drive."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
from starlette.requests import Request

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.oauth_clients import Clients
from polaris.domain.accounts import Account
from polaris.ports.accounts import AccountStore, PasswordHasher
from polaris.ports.attempts import AttemptStore
from polaris.ports.clock import Clock
from polaris.ports.credentials import CredentialStore
from polaris.ports.keys import HubKeys
from polaris_adapters.hub_server.oauth.fetching import Fetch, HttpFetch
from polaris_adapters.hub_server.oauth.settings import ProviderSettings
from polaris_adapters.hub_server.own_address import own_address

__all__ = ["Provider"]


@attrs.frozen(kw_only=True)
class Provider:
    """A hub as an OAuth 2 and OpenID provider. It holds nothing that needs closing.

    Attributes:
        accounts: Who may sign in.
        credentials: What is given out.
        passwords: Hashes passwords.
        keys: Keeps what ID tokens are signed with.
        attempts: Counts tries, so that nobody can guess as often as they like.
        clock: Tells the time.
        settings: What operators chose.
        fetch: Calls the outside provider; by default over HTTP.
    """

    accounts: AccountStore
    credentials: CredentialStore
    passwords: PasswordHasher
    keys: HubKeys
    attempts: AttemptStore
    clock: Clock
    settings: ProviderSettings = attrs.field(factory=ProviderSettings)
    fetch: Fetch = attrs.field(factory=HttpFetch)

    @property
    def clients(self) -> Clients:
        """The OAuth clients."""
        return Clients(self.credentials)

    @property
    def ports(self) -> AccountPorts:
        """What the use cases of accounts work with."""
        return AccountPorts(
            accounts=self.accounts, credentials=self.credentials, passwords=self.passwords,
            attempts=self.attempts, clock=self.clock, back_off=self.settings.back_off,
        )  # fmt: skip

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return self.clock.now()

    def after(self, seconds: float) -> datetime:
        """Return a moment to come, UTC."""
        return self.clock.now() + timedelta(seconds=seconds)

    def base(self, request: Request) -> str:
        """Return the address of the hub, without a ``/`` at its end: its issuer.

        Raises:
            InvalidInputError: The call does not say under which name it found the hub.
        """
        return own_address(request, self.settings.url)

    async def open_account(self, id: str | None) -> Account | None:
        """Return a user's account that is open; None otherwise."""
        found = None if id is None else await self.accounts.find_by_id(id)
        is_open = found is not None and found.type == "user" and found.closed_at is None
        return found if is_open else None
