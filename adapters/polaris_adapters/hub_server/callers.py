"""Who calls: from the token of a request to whose it is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

import attrs

from polaris.domain.accounts import Role, Scope
from polaris.domain.secret import Secret
from polaris.ports.auth import Identity
from polaris.ports.credentials import Credential

__all__ = ["Caller", "Callers", "KnownTokens"]


def _frozen(owners: Iterable[str]) -> frozenset[str]:
    return frozenset(owners)


def _frozen_scopes(scopes: Iterable[Scope]) -> frozenset[Scope]:
    return frozenset(scopes)


def _roles(roles: Mapping[str, Role]) -> Mapping[str, Role]:
    return MappingProxyType(dict(roles))


@attrs.frozen
class Caller:
    """Somebody whom the hub knows.

    Attributes:
        identity: Who it is.
        owners: Slugs of organizations that the caller is an owner of; the same as roles that say
            so.
        roles: What the caller is in organizations, by slug.
        scopes: What the token of the call allows of all that the account may do.
        is_administrator: Whether the account may do everything on the hub.
        account_id: Id of the account; None where the hub has no store of accounts.
        credential: What the caller has shown; None where the hub has no store of them.
    """

    identity: Identity
    owners: frozenset[str] = attrs.field(default=frozenset(), converter=_frozen)
    roles: Mapping[str, Role] = attrs.field(factory=dict, converter=_roles, kw_only=True)
    scopes: frozenset[Scope] = attrs.field(
        default=frozenset(Scope), converter=_frozen_scopes, kw_only=True
    )
    is_administrator: bool = attrs.field(default=False, kw_only=True)
    account_id: str | None = attrs.field(default=None, kw_only=True)
    credential: Credential | None = attrs.field(default=None, kw_only=True, repr=False)

    def role_in(self, owner: str) -> Role | None:
        """Return what the caller is to an owner: to oneself an owner; None for a stranger."""
        if owner == self.identity.user.slug or owner in self.owners:
            return Role.OWNER
        return self.roles.get(owner)

    @property
    def all_owners(self) -> frozenset[str]:
        """Every owner to whom the caller belongs, the own account included."""
        return self.owners | self.roles.keys() | {self.identity.user.slug}


class Callers(Protocol):
    """Knows whose tokens are. May be used from several event loops and threads at once."""

    @property
    def anonymous(self) -> bool:
        """Whether callers without a token may read what is public."""
        ...

    async def find(self, token: Secret, /) -> Caller | None:
        """Return whose a token is; None if it is nobody's, has ended or was taken back."""
        ...

    async def forget(self, token: Secret, /) -> None:
        """Take a token back: it is nobody's from now on."""
        ...

    def refresh(self) -> None:
        """Look up anew what is remembered of accounts: one of them has changed."""
        ...


class KnownTokens:
    """Tokens that are known beforehand; only their hashes are kept.

    Args:
        tokens: Whose each token is.
        anonymous: Whether callers without a token may read what is public.

    Attributes:
        anonymous: The same; may be changed.
    """

    def __init__(self, tokens: Mapping[Secret, Caller], *, anonymous: bool = True) -> None:
        # Found by hash, so that the time it takes tells nothing of a token.
        self._callers = {_hash(token): caller for token, caller in tokens.items()}
        self.anonymous = anonymous
        self._lock = threading.Lock()

    async def find(self, token: Secret, /) -> Caller | None:
        """See `Callers`."""
        with self._lock:
            return self._callers.get(_hash(token))

    async def forget(self, token: Secret, /) -> None:
        """See `Callers`."""
        with self._lock:
            self._callers.pop(_hash(token), None)

    def refresh(self) -> None:
        """See `Callers`; there are no accounts that could change."""


def _hash(token: Secret) -> bytes:
    return hashlib.sha256(token.reveal().encode("utf-8", "surrogatepass")).digest()
