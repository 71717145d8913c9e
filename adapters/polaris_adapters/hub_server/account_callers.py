"""Who calls, on a hub that keeps accounts and credentials."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping

import attrs

from polaris.application.accounts.secrets import digest_of_secret, kind_of_secret
from polaris.domain.accounts import Account, Role, Scope
from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.ports.accounts import AccountStore
from polaris.ports.auth import Identity
from polaris.ports.clock import Clock
from polaris.ports.credentials import Credential, CredentialKind, CredentialStore
from polaris_adapters.hub_server.callers import Caller

__all__ = ["AccountCallers"]

_BEARER = (CredentialKind.PERSONAL, CredentialKind.ACCESS)


@attrs.frozen
class _Known:
    account: Account
    roles: Mapping[str, Role]
    until: float


@attrs.define(eq=False)
class AccountCallers:
    """A `Callers` over the stores of a hub.

    Every call looks the token up, so that one that is revoked is good no more at once, in every
    process. Whose it is, and what the account is in organizations, is remembered for a moment: in
    this process until `refresh`, in others for ``seconds``. Nothing is written, not even when a
    token was used last.

    Attributes:
        accounts: The accounts.
        credentials: Their tokens.
        clock: Tells the time.
        anonymous: See `Callers`.
        seconds: For how long accounts and their roles are remembered; 0 for not at all.
        most: Most accounts that are remembered.
    """

    accounts: AccountStore
    credentials: CredentialStore
    clock: Clock
    anonymous: bool = attrs.field(default=True, kw_only=True)
    seconds: float = attrs.field(default=5.0, kw_only=True, validator=attrs.validators.ge(0))
    most: int = attrs.field(default=10_000, kw_only=True, validator=attrs.validators.ge(1))
    _known: OrderedDict[str, _Known] = attrs.field(factory=OrderedDict, init=False, repr=False)
    _changes: int = attrs.field(default=0, init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    async def find(self, token: Secret, /) -> Caller | None:
        """See `Callers`: personal tokens and access tokens are good here, and nothing else."""
        kind = kind_of_secret(token)
        if kind not in _BEARER:
            return None
        return await self.of_digest(kind, digest_of_secret(token))

    async def forget(self, token: Secret, /) -> None:
        """See `Callers`; with a token goes everything that came out of the same sign-in."""
        kind = kind_of_secret(token)
        if kind not in _BEARER:
            return
        credential = await self.credentials.find(kind, digest_of_secret(token))
        if credential is not None:
            await self.credentials.revoke(now=self.clock.now(), family=credential.family)

    async def of_digest(self, kind: CredentialKind, digest: str, /) -> Caller | None:
        """Return whom a credential is for; None if it is not good, or the account is closed."""
        credential = await self.credentials.find(kind, digest)
        if credential is None or not credential.is_good(self.clock.now()):
            return None
        return await self.of_credential(credential)

    async def of_credential(self, credential: Credential, /) -> Caller | None:
        """Return whom a credential that is good is for; None if the account is closed."""
        if credential.account is None:
            return None
        account = credential.account
        known = await self._remembered(f"id {account}", lambda: self.accounts.find_by_id(account))
        scopes = (scope for scope in Scope if scope in credential.scopes)
        return _caller(known, scopes, credential)

    async def of_name(
        self, name: str, /, *, scopes: Iterable[Scope] = tuple(Scope)
    ) -> Caller | None:
        """Return the user of a slug; None if there is none, or the account is closed."""
        known = await self._remembered(f"name {name}", lambda: self.accounts.find(name))
        return _caller(known, scopes, None)

    def refresh(self) -> None:
        """See `Callers`."""
        with self._lock:
            self._changes += 1
            self._known.clear()

    async def _remembered(
        self, key: str, find: Callable[[], Awaitable[Account | None]]
    ) -> _Known | None:
        now = self.clock.monotonic()
        with self._lock:
            known, before = self._known.get(key), self._changes
        if known is not None and now < known.until:
            return known
        account = await find()
        if account is None or account.closed_at is not None or account.type != "user":
            return None
        found = await self.accounts.memberships(account.slug)
        roles = {membership.organization: membership.role for membership in found}
        known = _Known(account, roles, now + self.seconds)
        with self._lock:
            # What was read before a change is of no use after it.
            if self.seconds and before == self._changes:
                self._known[key] = known
                self._known.move_to_end(key)
                while len(self._known) > self.most:
                    self._known.popitem(last=False)
        return known


def _caller(
    known: _Known | None, scopes: Iterable[Scope], credential: Credential | None
) -> Caller | None:
    if known is None:
        return None
    account = known.account
    return Caller(
        Identity(HubOwner(account.slug, external_id=account.id, type="user"), account.email),
        roles=known.roles,
        scopes=frozenset(scopes),
        is_administrator=account.is_administrator,
        account_id=account.id,
        credential=credential,
    )
