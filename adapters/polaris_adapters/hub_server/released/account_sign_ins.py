"""How users of released clients sign in, on a hub that keeps accounts and credentials."""

from __future__ import annotations

import secrets
from datetime import timedelta

import attrs

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.oauth_clients import POLARIS_LIB
from polaris.application.accounts.passwords import sign_in_with_password
from polaris.application.accounts.secrets import (
    digest_of_secret,
    kind_of_secret,
    new_secret,
)
from polaris.domain.accounts import Account, Scope
from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.ports.credentials import Credential, CredentialKind
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
        seconds: For how long a password signs in.
    """

    ports: AccountPorts
    callers: AccountCallers
    seconds: int = attrs.field(default=3600, kw_only=True)

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
        return await self.callers.of_credential(await self._begun(signed_in.account))

    async def _begun(self, account: Account) -> Credential:
        """Note a sign-in, so that it ends with all others when the password is changed.

        Nobody has its secret: what is given out names it.
        """
        now = self.ports.clock.now()
        begun = Credential(
            kind=CredentialKind.ACCESS,
            digest=digest_of_secret(new_secret(CredentialKind.ACCESS)),
            account=account.id,
            client=POLARIS_LIB.id,
            family=secrets.token_hex(16),
            name=POLARIS_LIB.name,
            scopes=frozenset(scope.value for scope in _SCOPES),
            created_at=now,
            expires_at=now + timedelta(seconds=self.seconds),
        )
        await self.ports.credentials.add(begun)
        return begun

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

    async def forget(self, shown: str, /) -> None:
        """See `SignIns`; what else came of the same sign-in goes too."""
        kind, _, digest = shown.partition(" ")
        if kind not in set(CredentialKind):
            return
        found = await self.ports.credentials.find(CredentialKind(kind), digest)
        if found is not None:
            now = self.ports.clock.now()
            await self.ports.credentials.revoke(now=now, family=found.family)
