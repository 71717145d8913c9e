"""The accounts behind the tokens that released clients ask for."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Protocol

from polaris.domain.secret import Secret
from polaris_adapters.hub_server.callers import Caller

__all__ = ["KnownSignIns", "SignIns", "shown_by"]


class SignIns(Protocol):
    """Knows who signs in. May be used from several event loops and threads at once.

    Whether an account is there must not show in the answers, nor in the time that they take.
    """

    async def by_password(self, username: str, password: Secret, /) -> Caller | None:
        """Return whose name and password these are; None if they are nobody's."""
        ...

    async def by_external_token(self, token: Secret, /) -> Caller | None:
        """Return whom a token of the external provider is for; None if it is good for nobody."""
        ...

    async def by_name(self, name: str, /, *, shown: str | None = None) -> Caller | None:
        """Return the account of this slug; None if there is none, or no more.

        It is asked whenever a token of ours comes back, so that accounts can be closed.

        Args:
            name: The slug.
            shown: What the token was given out for, as `shown_by` told it; once that is good no
                more, the token is not either.
        """
        ...

    async def forget(self, shown: str, /) -> None:
        """End what a token was given out for, as `shown_by` told it: somebody signs out."""
        ...


class KnownSignIns:
    """Accounts that are known beforehand, in memory; only hashes of what is secret are kept.

    Args:
        passwords: Whose each account's password is, by user name.
        external: Whose each token of the external provider is.
    """

    def __init__(
        self,
        passwords: Mapping[str, tuple[Secret, Caller]] | None = None,
        external: Mapping[Secret, Caller] | None = None,
    ) -> None:
        given = passwords or {}
        self._passwords = {name: (_hash(secret), who) for name, (secret, who) in given.items()}
        self._external = {_hash(token): who for token, who in (external or {}).items()}
        everybody = [who for _, who in given.values()] + list((external or {}).values())
        self._by_name = {who.identity.user.slug: who for who in everybody}

    async def by_password(self, username: str, password: Secret, /) -> Caller | None:
        """See `SignIns`."""
        expected, caller = self._passwords.get(username, (b"", None))
        return caller if hmac.compare_digest(expected, _hash(password)) else None

    async def by_external_token(self, token: Secret, /) -> Caller | None:
        """See `SignIns`."""
        return self._external.get(_hash(token))

    async def by_name(self, name: str, /, *, shown: str | None = None) -> Caller | None:
        """See `SignIns`; what is known beforehand is good for ever."""
        return self._by_name.get(name)

    async def forget(self, shown: str, /) -> None:
        """See `SignIns`; what is known beforehand is good for ever."""


def shown_by(caller: Caller | None) -> dict[str, str]:
    """Return the claim that says what a caller has shown; none where that is not known."""
    if caller is None or caller.credential is None:
        return {}
    return {"shown": f"{caller.credential.kind} {caller.credential.digest}"}


def _hash(secret: Secret) -> bytes:
    return hashlib.sha256(secret.reveal().encode("utf-8", "surrogatepass")).digest()
