"""A `CredentialStore` over a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from polaris.application.accounts.credential_rules import (
    check_new,
    digest_taken,
    require_selection,
)
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.sql_catalogue.accounts_tables import credentials
from polaris_adapters.sql_catalogue.credential_rows import credential_columns, credential_of
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.moments import to_microseconds
from polaris_adapters.sql_catalogue.transactions import read, write

__all__ = ["SqlCredentials"]

# Whoever takes back a family must see the successors that are given out meanwhile: all changes wait
# for each other.
_WRITERS = "credentials"
# Asked for with every request that has a token, so it is built once.
_ONE = select(credentials).where(
    credentials.c.kind == bindparam("of_kind"), credentials.c.digest == bindparam("with_digest")
)


class SqlCredentials:
    """The credentials of a hub in its database.

    Each call is one transaction, on a thread of the running loop's pool.

    Args:
        database: Where the table is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, *credentials: Credential) -> None:
        """See `CredentialStore.add`."""
        check_new(credentials)
        rows = [credential_columns(credential) for credential in credentials]
        await write(self._database, lambda c: _add(c, credentials, rows), _WRITERS)

    async def find(self, kind: CredentialKind, digest: str, /) -> Credential | None:
        """See `CredentialStore.find`."""
        found = await self._read(_ONE, {"of_kind": kind.value, "with_digest": digest})
        return found[0] if found else None

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
        rows = [credential_columns(credential) for credential in successors]
        moment = to_microseconds(now)
        ends = credentials.c.expires_at
        is_good = and_(_is(kind, digest), _is_live(), or_(ends.is_(None), ends > moment))
        used = update(credentials).where(is_good).values(used_at=moment)

        def work(connection: Connection) -> bool:
            if connection.execute(used).rowcount == 0:
                return False
            _add(connection, successors, rows)
            return True

        return await write(self._database, work, _WRITERS)

    async def change(
        self, credential: Credential, /, *, expected: Mapping[str, Any] | None = None
    ) -> bool:
        """See `CredentialStore.change`."""
        names = ("account", "name", "scopes", "expires_at", "claims")
        row = credential_columns(credential)
        is_live = and_(_is(credential.kind, credential.digest), _is_live())
        wanted = select(credentials).where(is_live)
        changed = update(credentials).where(is_live).values({name: row[name] for name in names})

        def work(connection: Connection) -> bool:
            there = connection.execute(wanted).mappings().one_or_none()
            if there is None:
                return False
            if expected is not None and credential_of(there).claims != dict(expected):
                return False
            connection.execute(changed)
            return True

        return await write(self._database, work, _WRITERS)

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
            "kind": None if kind is None else kind.value,
            "digest": digest,
            "family": family,
            "account": account,
            "client": client,
        }
        conditions = [credentials.c[name] == value for name, value in wanted.items() if value]
        changed = (
            update(credentials)
            .where(credentials.c.revoked_at.is_(None), *conditions)
            .values(revoked_at=to_microseconds(now))
        )
        return await write(
            self._database, lambda connection: connection.execute(changed).rowcount, _WRITERS
        )

    async def of_account(self, account: str, kind: CredentialKind, /) -> list[Credential]:
        """See `CredentialStore.of_account`."""
        of = and_(credentials.c.account == account, credentials.c.kind == kind.value)
        order = (credentials.c.created_at.desc(), credentials.c.digest)
        return await self._read(select(credentials).where(of).order_by(*order))

    async def of_kind(
        self, kind: CredentialKind, /, *, after: str = "", limit: int = 100
    ) -> list[Credential]:
        """See `CredentialStore.of_kind`."""
        of = and_(credentials.c.kind == kind.value, credentials.c.digest > after)
        wanted = select(credentials).where(of).order_by(credentials.c.digest).limit(limit)
        return await self._read(wanted)

    async def purge(self, *, before: datetime) -> int:
        """See `CredentialStore.purge`."""
        moment = to_microseconds(before)
        ended = or_(
            credentials.c.expires_at < moment,
            credentials.c.used_at < moment,
            credentials.c.revoked_at < moment,
        )
        purged = delete(credentials).where(ended)
        return await write(
            self._database, lambda connection: connection.execute(purged).rowcount, _WRITERS
        )

    async def _read(
        self, wanted: Select[Any], values: Mapping[str, str] | None = None
    ) -> list[Credential]:
        def work(connection: Connection) -> list[Credential]:
            return [credential_of(row) for row in connection.execute(wanted, values).mappings()]

        return await read(self._database, work)


def _is(kind: CredentialKind, digest: str) -> ColumnElement[bool]:
    return and_(credentials.c.kind == kind.value, credentials.c.digest == digest)


def _is_live() -> ColumnElement[bool]:
    return and_(credentials.c.used_at.is_(None), credentials.c.revoked_at.is_(None))


def _add(
    connection: Connection, added: Sequence[Credential], rows: Sequence[Mapping[str, Any]]
) -> None:
    for credential in added:
        there = select(credentials.c.digest).where(_is(credential.kind, credential.digest))
        if connection.execute(there).first() is not None:
            raise digest_taken(credential)
    if rows:
        connection.execute(insert(credentials), rows)
