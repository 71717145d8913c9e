"""A `CredentialStore` over a dictionary."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from polaris.application.accounts.credential_rules import (
    check_new,
    digest_taken,
    ended_before,
    require_selection,
)
from polaris.ports.credentials import Credential, CredentialKind

__all__ = ["InMemoryCredentials"]

_Key = tuple[CredentialKind, str]


class InMemoryCredentials:
    """Keeps the credentials of a hub in this process; lost with it."""

    def __init__(self) -> None:
        self._credentials: dict[_Key, Credential] = {}
        self._lock = threading.Lock()

    async def add(self, *credentials: Credential) -> None:
        """See `CredentialStore.add`."""
        check_new(credentials)
        with self._lock:
            self._add(credentials)

    async def find(self, kind: CredentialKind, digest: str, /) -> Credential | None:
        """See `CredentialStore.find`."""
        with self._lock:
            return self._credentials.get((kind, digest))

    async def use(
        self,
        kind: CredentialKind,
        digest: str,
        /,
        *,
        now: datetime,
        successors: Sequence[Credential] = (),
    ) -> bool:
        """See `CredentialStore.use`."""
        check_new(successors)
        with self._lock:
            credential = self._credentials.get((kind, digest))
            if credential is None or not credential.is_good(now):
                return False
            self._add(successors)
            self._credentials[kind, digest] = attrs.evolve(credential, used_at=now)
            return True

    async def change(
        self, credential: Credential, /, *, expected: Mapping[str, Any] | None = None
    ) -> bool:
        """See `CredentialStore.change`."""
        key = (credential.kind, credential.digest)
        with self._lock:
            kept = self._credentials.get(key)
            if kept is None or kept.used_at is not None or kept.revoked_at is not None:
                return False
            if expected is not None and dict(kept.claims) != dict(expected):
                return False
            self._credentials[key] = attrs.evolve(
                kept,
                account=credential.account,
                name=credential.name,
                scopes=credential.scopes,
                expires_at=credential.expires_at,
                claims=credential.claims,
            )
            return True

    async def revoke(
        self,
        *,
        now: datetime,
        kind: CredentialKind | None = None,
        digest: str | None = None,
        family: str | None = None,
        account: str | None = None,
        client: str | None = None,
    ) -> int:
        """See `CredentialStore.revoke`."""
        require_selection(digest, family, account, client)
        wanted = {
            "kind": kind,
            "digest": digest,
            "family": family,
            "account": account,
            "client": client,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        with self._lock:
            matching = [
                (key, credential)
                for key, credential in self._credentials.items()
                if credential.revoked_at is None
                and all(getattr(credential, name) == value for name, value in given.items())
            ]
            for key, credential in matching:
                self._credentials[key] = attrs.evolve(credential, revoked_at=now)
        return len(matching)

    async def of_account(self, account: str, kind: CredentialKind, /) -> list[Credential]:
        """See `CredentialStore.of_account`."""
        with self._lock:
            found = [
                c for c in self._credentials.values() if c.account == account and c.kind is kind
            ]
        by_digest = sorted(found, key=lambda credential: credential.digest)
        return sorted(by_digest, key=lambda credential: credential.created_at, reverse=True)

    async def of_kind(
        self, kind: CredentialKind, /, *, after: str = "", limit: int = 100
    ) -> list[Credential]:
        """See `CredentialStore.of_kind`."""
        with self._lock:
            found = [c for c in self._credentials.values() if c.kind is kind and c.digest > after]
        return sorted(found, key=lambda credential: credential.digest)[:limit]

    async def purge(self, *, before: datetime) -> int:
        """See `CredentialStore.purge`."""
        with self._lock:
            kept = {
                key: credential
                for key, credential in self._credentials.items()
                if not ended_before(credential, before)
            }
            purged = len(self._credentials) - len(kept)
            self._credentials = kept
        return purged

    def _add(self, credentials: Sequence[Credential]) -> None:
        for credential in credentials:
            if (credential.kind, credential.digest) in self._credentials:
                raise digest_taken(credential)
        self._credentials |= {(c.kind, c.digest): c for c in credentials}
