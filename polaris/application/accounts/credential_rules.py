"""The rules that every `CredentialStore` keeps, in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential

__all__ = ["check_new", "digest_taken", "ended_before", "require_selection"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


def check_new(credentials: Sequence[Credential], /) -> None:
    """Refuse credentials that no store takes, before anything is written.

    Raises:
        InvalidInputError: A digest is none, or two of the same kind have one digest.
    """
    seen = set()
    for credential in credentials:
        if not _DIGEST.fullmatch(credential.digest):
            raise InvalidInputError(
                f"The digest of a credential ({credential.kind}) is not 64 hex digits",
                hint="Give the sha256 of its secret, never the secret.",
            )
        if (credential.kind, credential.digest) in seen:
            raise digest_taken(credential)
        seen.add((credential.kind, credential.digest))


def digest_taken(credential: Credential, /) -> InvalidInputError:
    """Return the error for a credential whose digest is there already within its kind."""
    return InvalidInputError(
        f"There is a credential ({credential.kind}) with this digest already",
        hint="Make a new secret for every credential.",
    )


def require_selection(*selectors: str | None) -> None:
    """Refuse to revoke everything.

    Raises:
        InvalidInputError: Nothing is given that says whose credentials are meant.
    """
    if all(selector is None for selector in selectors):
        raise InvalidInputError(
            "Which credentials are to be revoked is not said",
            hint="Give their digest, family, account or client.",
        )


def ended_before(credential: Credential, moment: datetime, /) -> bool:
    """Say whether a credential expired or was used up or revoked before a moment."""
    ends = (credential.expires_at, credential.used_at, credential.revoked_at)
    return any(end is not None and end < moment for end in ends)
