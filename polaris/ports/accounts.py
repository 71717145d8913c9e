"""The accounts of a hub, and the passwords and outside identities that open them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs

from polaris.domain.accounts import Account, AccountType, Membership, Role

__all__ = ["AccountStore", "PasswordHasher", "StoredPassword"]


@attrs.frozen
class StoredPassword:
    """What is kept of a password.

    Attributes:
        hash: What `PasswordHasher` made of it.
        is_temporary: Whether it opens the account only as far as to choose another one.
    """

    hash: str = attrs.field(repr=False)
    is_temporary: bool = False


class PasswordHasher(Protocol):
    """Makes hashes of passwords, slow ones on purpose. Its calls block; give them a thread."""

    def hash(self, password: str, /) -> str:
        """Return a new hash, with its salt and its costs."""
        ...

    def verify(self, hash: str | None, password: str, /) -> bool:
        """Say whether this is the password; without a hash, work as long and say no."""
        ...

    def is_weak(self, hash: str, /) -> bool:
        """Say whether the costs of a hash are below those of today."""
        ...


class AccountStore(Protocol):
    """The accounts of a hub.

    Every change is atomic and durable. May be used from several tasks, threads and processes at
    once. Failures are errors under `PolarisHubError`; `HubBusyError` may be retried. It refuses
    nobody: who may do what is decided before it is called.
    """

    async def add(self, account: Account, /, *, password: StoredPassword | None = None) -> None:
        """Add an account.

        Raises:
            AccountExistsError: The slug or the id is taken, also by a closed account.
        """
        ...

    async def find(self, slug: str, /) -> Account | None:
        """Return the account of a slug; None if there never was one."""
        ...

    async def find_by_id(self, id: str, /) -> Account | None:
        """Return the account of an id; None if there never was one."""
        ...

    async def page(
        self, *, type: AccountType | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Account]:
        """Return accounts by slug, those after a slug, closed ones too."""
        ...

    async def change(self, account: Account, /) -> None:
        """Write name, email, ``is_administrator`` and ``closed_at`` of the account of that id.

        Raises:
            AccountNotFoundError: There is none.
        """
        ...

    async def password(self, id: str, /) -> StoredPassword | None:
        """Return what is kept of a user's password; None if the user has none."""
        ...

    async def set_password(self, id: str, password: StoredPassword | None, /) -> None:
        """Keep another password, or none.

        Raises:
            AccountNotFoundError: There is no such account.
        """
        ...

    async def find_external(self, issuer: str, subject: str, /) -> Account | None:
        """Return the account that an identity of an outside provider opens; None for no account."""
        ...

    async def link_external(self, id: str, issuer: str, subject: str, /) -> None:
        """Let an identity of an outside provider open an account.

        Raises:
            AccountNotFoundError: There is no such account.
            AccountExistsError: The identity opens another account already.
        """
        ...

    async def memberships(self, user: str, /) -> Sequence[Membership]:
        """Return the roles of a user (slug), by organization; of closed organizations none."""
        ...

    async def members(self, organization: str, /) -> Sequence[Membership]:
        """Return the members of an organization (slug), by user."""
        ...

    async def set_role(self, organization: str, user: str, role: Role | None, /) -> None:
        """Give a user a role in an organization, or take it away.

        Raises:
            AccountNotFoundError: There is no such organization or no such user.
        """
        ...
