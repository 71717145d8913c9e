"""Accounts, and what opens them, as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select

from polaris.application.accounts.account_errors import account_id_not_found, identity_taken
from polaris.domain.accounts import Account
from polaris.ports.accounts import ExternalIdentity, StoredPassword
from polaris_adapters.sql_catalogue.accounts_tables import (
    accounts,
    external_identities,
    passwords,
)
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds

__all__ = [
    "account_columns",
    "account_of",
    "is_identity",
    "link_identity",
    "put_password",
    "require_account",
    "stored_password",
]


def account_columns(account: Account) -> dict[str, Any]:
    """Return what is kept of an account, by column."""
    closed = account.closed_at
    return {
        "id": account.id,
        "slug": account.slug,
        "type": account.type,
        "name": account.name,
        "email": account.email,
        "is_administrator": account.is_administrator,
        "created_at": to_microseconds(account.created_at),
        "closed_at": None if closed is None else to_microseconds(closed),
    }


def account_of(row: RowMapping) -> Account:
    """Return the account of a row."""
    closed = row["closed_at"]
    return Account(
        id=row["id"],
        slug=row["slug"],
        type=row["type"],
        name=row["name"],
        email=row["email"],
        is_administrator=row["is_administrator"],
        created_at=from_microseconds(row["created_at"]),
        closed_at=None if closed is None else from_microseconds(closed),
    )


def require_account(connection: Connection, id: str) -> None:
    """Refuse an id that no account has.

    Raises:
        AccountNotFoundError: None has.
    """
    if connection.execute(select(accounts.c.id).where(accounts.c.id == id)).first() is None:
        raise account_id_not_found(id)


def stored_password(connection: Connection, id: str) -> StoredPassword | None:
    """Return what is kept of a user's password."""
    row = connection.execute(
        select(passwords.c.hash, passwords.c.is_temporary).where(passwords.c.account_id == id)
    ).one_or_none()
    return None if row is None else StoredPassword(row.hash, is_temporary=row.is_temporary)


def put_password(connection: Connection, id: str, password: StoredPassword) -> None:
    """Keep the password of a user of whom none is kept."""
    values = {"account_id": id, "hash": password.hash, "is_temporary": password.is_temporary}
    connection.execute(insert(passwords).values(values))


def is_identity(identity: ExternalIdentity) -> ColumnElement[bool]:
    """Return the condition that a row of ``external_identities`` is of this identity."""
    return and_(
        external_identities.c.issuer == identity.issuer,
        external_identities.c.subject == identity.subject,
    )


def link_identity(connection: Connection, id: str, identity: ExternalIdentity) -> None:
    """Let an outside identity open an account.

    Raises:
        AccountExistsError: It opens another one already.
    """
    wanted = select(external_identities.c.account_id).where(is_identity(identity))
    there = connection.execute(wanted).scalar()
    if there is None:
        values = {"issuer": identity.issuer, "subject": identity.subject, "account_id": id}
        connection.execute(insert(external_identities).values(values))
    elif there != id:
        raise identity_taken(identity)
