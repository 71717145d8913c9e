"""The accounts of a hub, and the passwords and outside identities that open them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs

from polaris.domain.accounts import Account, AccountType, Membership, Role

__all__ = ["AccountStore", "ExternalIdentity", "PasswordHasher", "StoredPassword"]


@attrs.frozen
class StoredPassword:
    """What is kept of a password.

    Attributes:
        hash: What `PasswordHasher` made of it.
        is_temporary: Whether it opens the account only as far as to choose another one.
    """

    hash: str = attrs.field(repr=False)
    is_temporary: bool = False


@attrs.frozen
class ExternalIdentity:
    """Who somebody is to an outside provider of sign-ins.

    Attributes:
        issuer: The provider, as its tokens name it (``iss``).
        subject: What the provider calls the user; of one user only, for ever (``sub``).
    """

    issuer: str
    subject: str


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

    async def add(
        self,
        account: Account,
        /,
        *,
        password: StoredPassword | None = None,
        external: ExternalIdentity | None = None,
        owner: str | None = None,
    ) -> None:
        """Add an account, with all that belongs to it in one step.

        Args:
            account: A user or an organization.
            password: What is kept of the user's password.
            external: An identity of an outside provider that opens it.
            owner: Slug of the user who is the organization's first owner.

        Raises:
            AccountExistsError: The slug or the id is taken, also by a closed account, or the
                outside identity opens another account.
            AccountNotFoundError: There is no such owner.
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

    async def has_administrator(self, *, besides: str | None = None) -> bool:
        """Say whether some open account is an administrator's, one id not looked at."""
        ...

    async def change(self, account: Account, /, *, expected: Account | None = None) -> bool:
        """Write name, email, ``is_administrator`` and ``closed_at`` of the account of that id.

        Args:
            account: As it is to be.
            expected: Change nothing unless the account is so now; None writes in any case.

        Returns:
            Whether it was written.

        Raises:
            AccountNotFoundError: There is none.
        """
        ...

    async def password(self, id: str, /) -> StoredPassword | None:
        """Return what is kept of a user's password; None if the user has none."""
        ...

    async def set_password(
        self,
        id: str,
        password: StoredPassword | None,
        /,
        *,
        expected: StoredPassword | None = None,
    ) -> bool:
        """Keep another password, or none.

        Args:
            id: Of the user.
            password: What is to be kept.
            expected: Change nothing unless this is what is kept now; None writes in any case.

        Returns:
            Whether it was written.

        Raises:
            AccountNotFoundError: There is no such account.
        """
        ...

    async def find_external(self, identity: ExternalIdentity, /) -> Account | None:
        """Return the account that an outside identity opens; None for no account."""
        ...

    async def link_external(self, id: str, identity: ExternalIdentity, /) -> None:
        """Let an outside identity open an account; one that does already stays as it is.

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

    async def set_role(
        self,
        organization: str,
        user: str,
        role: Role | None,
        /,
        *,
        keep_an_owner: bool = False,
    ) -> bool:
        """Give a user a role in an organization, or take it away.

        Args:
            organization: Slug of the organization.
            user: Slug of the user.
            role: What the user is to be in it; None for nothing.
            keep_an_owner: Change nothing if that takes away the last owner whose account is open.

        Returns:
            Whether it is as asked for now.

        Raises:
            AccountNotFoundError: There is no such organization or no such user.
        """
        ...
