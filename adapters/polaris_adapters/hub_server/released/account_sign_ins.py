"""How users of released clients sign in, on a hub that keeps accounts and credentials."""

from __future__ import annotations

import attrs

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.passwords import sign_in_with_password
from polaris.application.accounts.secrets import kind_of_secret
from polaris.domain.accounts import Scope
from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.ports.credentials import CredentialKind
from polaris_adapters.hub_server.account_callers import AccountCallers
from polaris_adapters.hub_server.callers import Caller

__all__ = ["AccountSignIns"]

# Released clients manage no accounts.
_SCOPES = (Scope.READ, Scope.WRITE)


@attrs.frozen
class AccountSignIns:
    """A `SignIns` over the stores of a hub; accounts that are closed are nobody's.

    Attributes:
        ports: The accounts and what opens them.
        callers: Knows whose credentials are.
    """

    ports: AccountPorts
    callers: AccountCallers

    async def by_password(self, username: str, password: Secret, /) -> Caller | None:
        """See `SignIns`; tries are counted, and a temporary password does not sign in here."""
        # What no database can look for is nobody's name, and costs as much as any other.
        name = username.encode(errors="replace").decode().replace("\0", "?")
        try:
            signed_in = await sign_in_with_password(self.ports, name, password)
        except SignInError:
            return None
        if signed_in.password_is_temporary:
            return None
        return await self.callers.of_name(signed_in.account.slug, scopes=_SCOPES)

    async def by_external_token(self, token: Secret, /) -> Caller | None:
        """See `SignIns`: the hub is the provider, and its access tokens are good."""
        if kind_of_secret(token) is not CredentialKind.ACCESS:
            return None
        return await self.callers.find(token)

    async def by_name(self, name: str, /, *, shown: str | None = None) -> Caller | None:
        """See `SignIns`."""
        if shown is None:
            return await self.callers.of_name(name)
        kind, _, digest = shown.partition(" ")
        if kind not in set(CredentialKind):
            return None
        caller = await self.callers.of_digest(CredentialKind(kind), digest)
        return caller if caller is not None and caller.identity.user.slug == name else None
