"""Who calls: from the token of a request to whose it is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from typing import Protocol

import attrs

from polaris.domain.secret import Secret
from polaris.ports.auth import Identity

__all__ = ["Caller", "Callers", "KnownTokens"]


def _frozen(owners: Iterable[str]) -> frozenset[str]:
    return frozenset(owners)


@attrs.frozen
class Caller:
    """Somebody whom the hub knows.

    Attributes:
        identity: Who it is.
        owners: Slugs of the owners in whose name the caller may act, besides the own one.
    """

    identity: Identity
    owners: frozenset[str] = attrs.field(default=frozenset(), converter=_frozen)

    def acts_for(self, owner: str) -> bool:
        """Say whether what an owner has is the caller's own."""
        return owner in self.all_owners

    @property
    def all_owners(self) -> frozenset[str]:
        """Every owner in whose name the caller may act."""
        return self.owners | {self.identity.user.slug}


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


def _hash(token: Secret) -> bytes:
    return hashlib.sha256(token.reveal().encode("utf-8", "surrogatepass")).digest()
