"""Sign-ins as JSON: the form in which files and keyrings keep them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from polaris.domain.secret import Secret
from polaris.errors import DamagedFileError, InvalidInputError
from polaris.ports.tokens import SignIn, SignIns, StoredToken

__all__ = ["from_text", "to_text"]

_VERSION = 1


def to_text(value: SignIns) -> str:
    """Return sign-ins as a text, secrets in the clear."""
    entries = [
        {
            "account": entry.account,
            "road": entry.road,
            "audience": entry.audience,
            "email": entry.email,
            "claims": entry.claims,
            "renewal": entry.renewal,
            "external": _from_token(entry.external),
            "hub": _from_token(entry.hub),
        }
        for entry in value.entries
    ]
    document = {"version": _VERSION, "active": value.active, "sign_ins": entries}
    return json.dumps(document, ensure_ascii=True)


def _from_token(token: StoredToken | None) -> dict[str, Any] | None:
    if token is None:
        return None
    return {
        "access": token.access.reveal(),
        "refresh": None if token.refresh is None else token.refresh.reveal(),
        "issued_at": token.issued_at.timestamp(),
        "expires_at": None if token.expires_at is None else token.expires_at.timestamp(),
        "scope": token.scope,
        "issuer": token.issuer,
    }


def from_text(text: str, *, where: str) -> SignIns:
    """Return the sign-ins that a text holds.

    Args:
        text: What was kept.
        where: Names the place in errors.

    Raises:
        DamagedFileError: It is none of ours. Says nothing of what it holds, which may be secret.
    """
    try:
        document = json.loads(text)
        if document["version"] != _VERSION:
            raise DamagedFileError(
                f"The sign-ins in {where} were written by a newer Polaris",
                hint="Update Polaris, or sign in again: polaris auth login.",
            )
        entries = tuple(_sign_in(entry) for entry in document["sign_ins"])
        return SignIns(entries, _optional_text(document["active"]))
    except (
        ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError,
        InvalidInputError,
    ) as cause:  # fmt: skip
        if isinstance(cause, DamagedFileError):
            raise
        raise DamagedFileError(
            f"The sign-ins in {where} cannot be read: {type(cause).__name__}",
            hint="Sign in again: polaris auth login. What is there is kept beside it.",
        ) from None


def _sign_in(entry: Mapping[str, Any]) -> SignIn:
    claims = entry["claims"]
    if not isinstance(claims, dict):
        raise TypeError
    return SignIn(
        account=_text(entry["account"]),
        road=_text(entry["road"]),
        audience=_text(entry["audience"]),
        email=_optional_text(entry["email"]),
        claims=claims,
        renewal=_text(entry["renewal"]),
        external=_token(entry["external"]),
        hub=_token(entry["hub"]),
    )


def _token(entry: Mapping[str, Any] | None) -> StoredToken | None:
    if entry is None:
        return None
    refresh = _optional_text(entry["refresh"])
    expires = entry["expires_at"]
    return StoredToken(
        access=Secret(_text(entry["access"])),
        refresh=None if refresh is None else Secret(refresh),
        issued_at=datetime.fromtimestamp(entry["issued_at"], UTC),
        expires_at=None if expires is None else datetime.fromtimestamp(expires, UTC),
        scope=_text(entry["scope"]),
        issuer=_text(entry["issuer"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)
