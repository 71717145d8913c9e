"""An `AccountStore` over dictionaries."""

from __future__ import annotations

import threading

import attrs

from polaris.application.accounts.account_errors import (
    account_exists,
    account_id_not_found,
    account_not_found,
    identity_taken,
)
from polaris.domain.accounts import Account, AccountType, Membership, Role
from polaris.ports.accounts import ExternalIdentity, StoredPassword

__all__ = ["InMemoryAccounts"]


class InMemoryAccounts:
    """Keeps the accounts of a hub in this process; lost with it."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}  # by id
        self._ids: dict[str, str] = {}  # by slug
        self._passwords: dict[str, StoredPassword] = {}  # by id
        self._external: dict[ExternalIdentity, str] = {}  # to id
        self._roles: dict[tuple[str, str], Role] = {}  # slugs of organization and user
        self._lock = threading.Lock()

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
        with self._lock:
            if account.slug in self._ids or account.id in self._accounts:
                raise account_exists(account.slug)
            if external is not None and external in self._external:
                raise identity_taken(external)
            if owner is not None:
                self._require(owner, "user")
                self._roles[account.slug, owner] = Role.OWNER
            self._accounts[account.id] = account
            self._ids[account.slug] = account.id
            if external is not None:
                self._external[external] = account.id
            if password is not None:
                self._passwords[account.id] = password

    async def find(self, slug: str, /) -> Account | None:
        """See `AccountStore.find`."""
        with self._lock:
            return self._find(slug)

    async def find_by_id(self, id: str, /) -> Account | None:
        """See `AccountStore.find_by_id`."""
        with self._lock:
            return self._accounts.get(id)

    async def page(
        self, *, type: AccountType | None = None, after: str = "", limit: int = 100
    ) -> list[Account]:
        """See `AccountStore.page`."""
        with self._lock:
            found = [
                account
                for account in self._accounts.values()
                if account.slug > after and type in (None, account.type)
            ]
        return sorted(found, key=lambda account: account.slug)[:limit]

    async def has_administrator(self, *, besides: str | None = None) -> bool:
        """See `AccountStore.has_administrator`."""
        with self._lock:
            return any(
                account.is_administrator and account.closed_at is None and account.id != besides
                for account in self._accounts.values()
            )

    async def change(self, account: Account, /, *, expected: Account | None = None) -> bool:
        """See `AccountStore.change`."""
        with self._lock:
            there = self._known(account.id)
            if expected is not None and there != expected:
                return False
            self._accounts[account.id] = attrs.evolve(
                there,
                name=account.name,
                email=account.email,
                is_administrator=account.is_administrator,
                closed_at=account.closed_at,
            )
            return True

    async def password(self, id: str, /) -> StoredPassword | None:
        """See `AccountStore.password`."""
        with self._lock:
            return self._passwords.get(id)

    async def set_password(
        self,
        id: str,
        password: StoredPassword | None,
        /,
        *,
        expected: StoredPassword | None = None,
    ) -> bool:
        """See `AccountStore.set_password`."""
        with self._lock:
            self._known(id)
            if expected is not None and self._passwords.get(id) != expected:
                return False
            if password is None:
                self._passwords.pop(id, None)
            else:
                self._passwords[id] = password
            return True

    async def find_external(self, identity: ExternalIdentity, /) -> Account | None:
        """See `AccountStore.find_external`."""
        with self._lock:
            key = self._external.get(identity)
            return None if key is None else self._accounts[key]

    async def link_external(self, id: str, identity: ExternalIdentity, /) -> None:
        """See `AccountStore.link_external`."""
        with self._lock:
            self._known(id)
            if self._external.setdefault(identity, id) != id:
                raise identity_taken(identity)

    async def memberships(self, user: str, /) -> list[Membership]:
        """See `AccountStore.memberships`."""
        with self._lock:
            return [
                Membership(organization, user, role)
                for (organization, member), role in sorted(self._roles.items())
                if member == user and self._accounts[self._ids[organization]].closed_at is None
            ]

    async def members(self, organization: str, /) -> list[Membership]:
        """See `AccountStore.members`."""
        with self._lock:
            return [
                Membership(organization, user, role)
                for (of, user), role in sorted(self._roles.items())
                if of == organization
            ]

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
        with self._lock:
            self._require(organization, "organization")
            self._require(user, "user")
            if keep_an_owner and role is not Role.OWNER and self._is_last(user, organization):
                return False
            if role is None:
                self._roles.pop((organization, user), None)
            else:
                self._roles[organization, user] = role
            return True

    def _is_last(self, user: str, organization: str) -> bool:
        owners = {
            member
            for (of, member), role in self._roles.items()
            if of == organization
            and role is Role.OWNER
            and self._accounts[self._ids[member]].closed_at is None
        }
        return owners == {user}

    def _find(self, slug: str) -> Account | None:
        key = self._ids.get(slug)
        return None if key is None else self._accounts[key]

    def _require(self, slug: str, type: AccountType) -> None:
        account = self._find(slug)
        if account is None or account.type != type:
            raise account_not_found(type, slug)

    def _known(self, id: str) -> Account:
        account = self._accounts.get(id)
        if account is None:
            raise account_id_not_found(id)
        return account
