"""An `AccountStore` over tables."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from polaris.application.accounts.account_errors import account_exists, account_id_not_found
from polaris.domain.accounts import Account, AccountType, Membership, Role
from polaris.ports.accounts import ExternalIdentity, StoredPassword
from polaris_adapters.sql_catalogue.account_rows import (
    account_columns,
    account_of,
    is_identity,
    link_identity,
    put_password,
    require_account,
    stored_password,
)
from polaris_adapters.sql_catalogue.accounts_tables import (
    accounts,
    external_identities,
    passwords,
)
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.memberships import add_role, list_roles, require_id, set_role
from polaris_adapters.sql_catalogue.transactions import read, write

__all__ = ["SqlAccounts"]

# Accounts change rarely: all changes wait for each other, and none has to look out for another.
_WRITERS = "accounts"


class SqlAccounts:
    """The accounts of a hub in its database.

    Each call is one transaction, on a thread of the running loop's pool.

    Args:
        database: Where the tables are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        account: Account,
        /,
        *,
        password: StoredPassword | None = None,
        external: ExternalIdentity | None = None,
        owner: str | None = None,
    ) -> None:
        """See `AccountStore.add`."""

        def work(connection: Connection) -> None:
            taken = (accounts.c.slug == account.slug) | (accounts.c.id == account.id)
            if connection.execute(select(accounts.c.id).where(taken)).first() is not None:
                raise account_exists(account.slug)
            connection.execute(insert(accounts).values(account_columns(account)))
            if external is not None:
                link_identity(connection, account.id, external)
            if owner is not None:
                user = require_id(connection, "user", owner)
                add_role(connection, account.id, user, Role.OWNER)
            if password is not None:
                put_password(connection, account.id, password)

        await write(self._database, work, _WRITERS)

    async def find(self, slug: str, /) -> Account | None:
        """See `AccountStore.find`."""
        return await self._find(accounts.c.slug == slug)

    async def find_by_id(self, id: str, /) -> Account | None:
        """See `AccountStore.find_by_id`."""
        return await self._find(accounts.c.id == id)

    async def page(
        self, *, type: AccountType | None = None, after: str = "", limit: int = 100
    ) -> list[Account]:
        """See `AccountStore.page`."""
        wanted = select(accounts).where(accounts.c.slug > after)
        if type is not None:
            wanted = wanted.where(accounts.c.type == type)
        wanted = wanted.order_by(accounts.c.slug).limit(limit)
        return await read(
            self._database, lambda c: [account_of(r) for r in c.execute(wanted).mappings()]
        )

    async def has_administrator(self, *, besides: str | None = None) -> bool:
        """See `AccountStore.has_administrator`."""
        wanted = select(accounts.c.id).where(accounts.c.is_administrator, _is_open())
        if besides is not None:
            wanted = wanted.where(accounts.c.id != besides)
        return await read(self._database, lambda c: c.execute(wanted.limit(1)).first() is not None)

    async def change(self, account: Account, /, *, expected: Account | None = None) -> bool:
        """See `AccountStore.change`."""
        names = ("name", "email", "is_administrator", "closed_at")
        values = {name: value for name, value in account_columns(account).items() if name in names}
        wanted = select(accounts).where(accounts.c.id == account.id)
        changed = update(accounts).where(accounts.c.id == account.id).values(values)

        def work(connection: Connection) -> bool:
            row = connection.execute(wanted).mappings().one_or_none()
            if row is None:
                raise account_id_not_found(account.id)
            if expected is not None and account_of(row) != expected:
                return False
            connection.execute(changed)
            return True

        return await write(self._database, work, _WRITERS)

    async def password(self, id: str, /) -> StoredPassword | None:
        """See `AccountStore.password`."""
        return await read(self._database, lambda connection: stored_password(connection, id))

    async def set_password(
        self,
        id: str,
        password: StoredPassword | None,
        /,
        *,
        expected: StoredPassword | None = None,
    ) -> bool:
        """See `AccountStore.set_password`."""

        def work(connection: Connection) -> bool:
            require_account(connection, id)
            if expected is not None and stored_password(connection, id) != expected:
                return False
            connection.execute(delete(passwords).where(passwords.c.account_id == id))
            if password is not None:
                put_password(connection, id, password)
            return True

        return await write(self._database, work, _WRITERS)

    async def find_external(self, identity: ExternalIdentity, /) -> Account | None:
        """See `AccountStore.find_external`."""
        linked = select(external_identities.c.account_id).where(is_identity(identity))
        return await self._find(accounts.c.id == linked.scalar_subquery())

    async def link_external(self, id: str, identity: ExternalIdentity, /) -> None:
        """See `AccountStore.link_external`."""

        def work(connection: Connection) -> None:
            require_account(connection, id)
            link_identity(connection, id, identity)

        await write(self._database, work, _WRITERS)

    async def memberships(self, user: str, /) -> list[Membership]:
        """See `AccountStore.memberships`."""
        return await read(self._database, lambda connection: list_roles(connection, user=user))

    async def members(self, organization: str, /) -> list[Membership]:
        """See `AccountStore.members`."""
        return await read(
            self._database, lambda connection: list_roles(connection, organization=organization)
        )

    async def set_role(
        self,
        organization: str,
        user: str,
        role: Role | None,
        /,
        *,
        keep_an_owner: bool = False,
    ) -> bool:
        """See `AccountStore.set_role`."""

        def work(connection: Connection) -> bool:
            return set_role(connection, organization, user, role, keep_an_owner=keep_an_owner)

        return await write(self._database, work, _WRITERS)

    async def _find(self, condition: ColumnElement[bool]) -> Account | None:
        wanted = select(accounts).where(condition)

        def work(connection: Connection) -> Account | None:
            row = connection.execute(wanted).mappings().one_or_none()
            return None if row is None else account_of(row)

        return await read(self._database, work)


def _is_open() -> ColumnElement[bool]:
    return accounts.c.closed_at.is_(None)
