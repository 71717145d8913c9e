"""Rows of the table ``credentials`` as values of the port, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from polaris.codec.json_text import dumps, loads
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds

__all__ = ["credential_columns", "credential_of"]


def credential_columns(credential: Credential) -> dict[str, Any]:
    """Return what a credential says, by column.

    Raises:
        InvalidInputError: The claims hold what JSON cannot.
    """
    return {
        "kind": credential.kind.value,
        "digest": credential.digest,
        "account": credential.account,
        "client": credential.client,
        "family": credential.family,
        "name": credential.name,
        # A scope has no blanks. Source: RFC 6749 section 3.3.
        "scopes": " ".join(sorted(credential.scopes)),
        "created_at": to_microseconds(credential.created_at),
        "expires_at": _column(credential.expires_at),
        "used_at": _column(credential.used_at),
        "revoked_at": _column(credential.revoked_at),
        "claims": dumps(dict(credential.claims)),
    }


def credential_of(row: RowMapping) -> Credential:
    """Return the credential of a row.

    Raises:
        DamagedFileError: Something outside this library has altered the row.
    """
    return Credential(
        kind=CredentialKind(row["kind"]),
        digest=row["digest"],
        account=row["account"],
        client=row["client"],
        family=row["family"],
        name=row["name"],
        scopes=frozenset(row["scopes"].split()),
        created_at=from_microseconds(row["created_at"]),
        expires_at=_moment(row["expires_at"]),
        used_at=_moment(row["used_at"]),
        revoked_at=_moment(row["revoked_at"]),
        claims=loads(row["claims"], source="what the database says of a credential"),
    )


def _column(moment: datetime | None) -> int | None:
    return None if moment is None else to_microseconds(moment)


def _moment(count: int | None) -> datetime | None:
    return None if count is None else from_microseconds(count)
