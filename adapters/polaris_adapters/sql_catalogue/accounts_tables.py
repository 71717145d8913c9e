"""The tables of a hub's accounts, and of what all processes of a server share.

An account is one row of ``accounts``, user or organization; what opens it is in ``passwords``,
``external_identities`` and ``credentials``. Secrets are not here, only their hashes; the one
exception is ``hub_keys``, which a hub has to be able to read. Moments are whole microseconds since
1970-01-01 UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from polaris_adapters.sql_catalogue.tables import metadata

__all__ = [
    "accounts",
    "credentials",
    "external_identities",
    "hub_keys",
    "memberships",
    "metadata",
    "passwords",
    "remembered_replies",
    "sign_in_attempts",
]

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    # Sorted byte by byte, as SQLite does, whatever language the database server speaks.
    Column("slug", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("type", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("is_administrator", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    UniqueConstraint("slug"),
    CheckConstraint("type IN ('user', 'organization')", name="type"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("organization_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("user_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "user_id"),
    CheckConstraint("role IN ('member', 'owner')", name="role"),
)
Index("ix_memberships_user_id", memberships.c.user_id)

passwords = Table(
    "passwords",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("is_temporary", Boolean, nullable=False),
)

external_identities = Table(
    "external_identities",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    PrimaryKeyConstraint("issuer", "subject"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    # No foreign key: what a credential opens is looked up each time that it is shown.
    Column("account", Text),
    Column("client", Text),
    Column("family", Text, nullable=False),
    Column("name", Text),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("claims", Text, nullable=False),
    PrimaryKeyConstraint("kind", "digest"),
)
Index(
    "ix_credentials_account",
    credentials.c.account,
    credentials.c.kind,
    credentials.c.created_at.desc(),
    credentials.c.digest,
)
Index("ix_credentials_family", credentials.c.family)
Index("ix_credentials_client", credentials.c.client)
for _end in ("expires_at", "used_at", "revoked_at"):
    # Only what has such an end: most credentials are neither used up nor taken back.
    Index(
        f"ix_credentials_{_end}",
        credentials.c[_end],
        sqlite_where=text(f"{_end} IS NOT NULL"),
        postgresql_where=text(f"{_end} IS NOT NULL"),
    )

hub_keys = Table(
    "hub_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

remembered_replies = Table(
    "remembered_replies",
    metadata,
    Column("caller", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    # NULL while the call is under way.
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
    PrimaryKeyConstraint("caller", "key"),
    CheckConstraint(
        "(status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)", name="reply"
    ),
)
Index("ix_remembered_replies_until", remembered_replies.c.until)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)
Index("ix_sign_in_attempts_last_at", sign_in_attempts.c.last_at)
