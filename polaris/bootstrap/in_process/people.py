"""Users, organizations and tokens of a hub in this process, made as a test asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta

import attrs

from polaris.application.accounts.account_ports import AccountPorts, require_account
from polaris.application.accounts.organizations import create_organization, set_role
from polaris.application.accounts.personal_tokens import issue_token
from polaris.application.accounts.users import create_user, set_administrator
from polaris.domain.accounts import Account, Role, Scope
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential, CredentialKind

__all__ = ["People"]

_TOKENS = (CredentialKind.PERSONAL, CredentialKind.ACCESS, CredentialKind.REFRESH)
_PAGE = 100


@attrs.frozen
class People:
    """Makes accounts and gives tokens, past the routes, as an operator does.

    Attributes:
        ports: The ports of the hub's accounts.
        refresh: Lets the hub forget what it remembers of accounts.
    """

    ports: AccountPorts
    refresh: Callable[[], None]

    async def user(self, slug: str, *, is_administrator: bool = False) -> Account:
        """Return the user of that slug, made if there is none.

        Args:
            slug: 4 to 64 of ``a-z``, ``0-9`` and ``-``.
            is_administrator: Whether the user is to be an administrator; one who is stays one.

        Raises:
            AccountNotFoundError: It is an organization's.
            InvalidNameError: It is no slug.
        """
        if await self.ports.accounts.find(slug) is None:
            made = await create_user(self.ports, slug, is_administrator=is_administrator)
            return made.account
        account = await require_account(self.ports, slug)
        if is_administrator and not account.is_administrator:
            account = await set_administrator(self.ports, slug, True)
            self.refresh()
        return account

    async def organization(
        self, slug: str, *, owners: Iterable[str], members: Iterable[str]
    ) -> Account:
        """Make an organization; users that are not there yet are made.

        Args:
            slug: Its slug.
            owners: Users who own it, one at least.
            members: Users who are members.

        Raises:
            AccountExistsError: The slug is taken.
            InvalidInputError: It has no owner, or a slug is none.
        """
        first, *others = tuple(owners) or (None,)
        if first is None:
            raise InvalidInputError(
                f"The organization {slug} has no owner", hint='Give one: owners=["alice"].'
            )
        await self.user(first)
        account = await create_organization(self.ports, slug, owner=first)
        roles = [(user, Role.OWNER) for user in others]
        roles += [(user, Role.MEMBER) for user in members]
        for user, role in roles:
            await self.user(user)
            await set_role(self.ports, slug, user, role)
        self.refresh()
        return account

    async def token(
        self, user: str, *, scopes: Iterable[Scope | str], expires: timedelta | None
    ) -> Secret:
        """Give a user, made if there is none, a personal token.

        Args:
            user: Slug of the user.
            scopes: What it allows.
            expires: How long it is good; None for ever.

        Raises:
            InvalidInputError: Slug, scopes or life cannot be one.
        """
        account = await self.user(user)
        issued = await issue_token(
            self.ports, account, name="for a test", scopes=scopes, life=expires, granted=None
        )
        return issued.secret

    async def expire(self, user: str | None) -> int:
        """Let the tokens of a user, or of all, end now; return how many were good."""
        now, count = self.ports.clock.now(), 0
        async for token in self._good_tokens(user):
            count += await self.ports.credentials.change(attrs.evolve(token, expires_at=now))
        return count

    async def revoke(self, user: str | None) -> int:
        """Take the tokens of a user, or of all, back; return how many were good."""
        now, count = self.ports.clock.now(), 0
        async for token in self._good_tokens(user):
            count += await self.ports.credentials.revoke(
                now=now, kind=token.kind, digest=token.digest
            )
        return count

    async def _good_tokens(self, user: str | None) -> AsyncIterator[Credential]:
        account = None if user is None else (await require_account(self.ports, user)).id
        now = self.ports.clock.now()
        for kind in _TOKENS:
            page = await self.ports.credentials.of_kind(kind, limit=_PAGE)
            while page:
                for token in page:
                    if account in (None, token.account) and token.is_good(now):
                        yield token
                page = await self.ports.credentials.of_kind(
                    kind, after=page[-1].digest, limit=_PAGE
                )
