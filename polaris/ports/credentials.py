"""What somebody may show to a hub instead of a password: tokens, codes and sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import attrs

__all__ = ["Credential", "CredentialKind", "CredentialStore"]


class CredentialKind(StrEnum):
    """What a credential is for; one that is for one thing is good for nothing else."""

    PERSONAL = "personal"  # a personal access token
    ACCESS = "access"  # an OAuth access token
    REFRESH = "refresh"  # an OAuth refresh token
    CODE = "code"  # an OAuth authorization code
    DEVICE = "device"  # an OAuth device code; its claims hold the user code
    SESSION = "session"  # a browser that is signed in
    LOGIN = "login"  # a sign-in under way at an outside provider
    CONSENT = "consent"  # what a user has allowed a client
    CLIENT = "client"  # an OAuth client


@attrs.frozen(kw_only=True)
class Credential:
    """A credential; of its secret, only the sha256 is kept.

    Attributes:
        kind: What it is for.
        digest: 64 hex digits: the sha256 of the secret. It identifies the credential within its
            kind.
        account: Id of the account that it opens; None as long as nobody is known.
        client: Id of the OAuth client that it was given to; None if it is of none.
        family: What came out of one sign-in shares a family, so that all of it can be revoked at
            once. A credential that stands alone is a family of one.
        name: What people call it, for personal tokens.
        scopes: What it allows.
        created_at: When it was given out, UTC.
        expires_at: When it ends, UTC; None if it does not end by itself.
        used_at: When it was used up, UTC, for what may be used once.
        revoked_at: When it was taken back, UTC.
        claims: What else belongs to it; JSON.
    """

    kind: CredentialKind
    digest: str
    account: str | None = None
    client: str | None = None
    family: str
    name: str | None = None
    scopes: frozenset[str] = frozenset()
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    claims: Mapping[str, Any] = attrs.field(factory=dict)

    def is_good(self, now: datetime) -> bool:
        """Say whether it has neither ended nor been used up nor taken back."""
        return (
            self.revoked_at is None
            and self.used_at is None
            and (self.expires_at is None or now < self.expires_at)
        )


class CredentialStore(Protocol):
    """The credentials of a hub.

    Every change is atomic and durable. May be used from several tasks, threads and processes at
    once. Failures are errors under `PolarisHubError`; `HubBusyError` may be retried.
    """

    async def add(self, *credentials: Credential) -> None:
        """Add credentials, all or none.

        Raises:
            InvalidInputError: The digest of one is there already within its kind, or is none.
        """
        ...

    async def find(self, kind: CredentialKind, digest: str, /) -> Credential | None:
        """Return a credential, whether it is good or not; None if there is none."""
        ...

    async def use(
        self,
        kind: CredentialKind,
        digest: str,
        /,
        *,
        now: datetime,
        successors: Sequence[Credential] = (),
    ) -> bool:
        """Use up a credential that is good and add its successors, in one step.

        Of several that try at once, one succeeds.

        Returns:
            Whether it was good; if not, nothing has changed.

        Raises:
            InvalidInputError: The digest of a successor is there already within its kind, or is
                none; nothing has changed.
        """
        ...

    async def change(
        self, credential: Credential, /, *, expected: Mapping[str, Any] | None = None
    ) -> bool:
        """Write account, name, scopes, ``expires_at`` and claims of a credential that is there.

        Args:
            credential: As it is to be.
            expected: Change nothing unless its claims are these.

        Returns:
            Whether it was written: False if it is not there, is used up or revoked, or has other
            claims than expected.
        """
        ...

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
        """Take back all credentials that match everything that is given.

        Returns:
            How many were not taken back before.

        Raises:
            InvalidInputError: Neither digest nor family, account or client is given.
        """
        ...

    async def of_account(self, account: str, kind: CredentialKind, /) -> Sequence[Credential]:
        """Return the credentials of an account, newest first, then by digest, good or not."""
        ...

    async def of_kind(
        self, kind: CredentialKind, /, *, after: str = "", limit: int = 100
    ) -> Sequence[Credential]:
        """Return all credentials of a kind by digest, those after one."""
        ...

    async def purge(self, *, before: datetime) -> int:
        """Remove what expired or was used up or revoked before a moment; return how many."""
        ...
