"""Making organizations, and who is what in them."""

from __future__ import annotations

from polaris.application.accounts.account_ports import AccountPorts, require_account
from polaris.application.accounts.account_texts import check_label
from polaris.domain.accounts import Account, Role
from polaris.errors import InvalidInputError

__all__ = ["create_organization", "set_role"]


async def create_organization(
    ports: AccountPorts, slug: str, /, *, owner: str, name: str | None = None
) -> Account:
    """Make an organization with its first owner.

    Raises:
        AccountExistsError: The slug is taken, or was once.
        AccountNotFoundError: There is no such owner.
        InvalidInputError: Slug or name cannot be one, or the owner's account is closed.
    """
    _require_open(await require_account(ports, owner))
    account = Account(
        id=ports.make_id(),
        slug=slug,
        type="organization",
        name=None if name is None else check_label("name", name),
        created_at=ports.clock.now(),
    )
    await ports.accounts.add(account, owner=owner)
    return account


async def set_role(ports: AccountPorts, organization: str, user: str, role: Role | None, /) -> None:
    """Give a user a role in an organization, or take it away (None).

    Raises:
        AccountNotFoundError: There is no such organization or user.
        InvalidInputError: The user is the last owner, or the account is closed.
    """
    account = await require_account(ports, user)
    await require_account(ports, organization, "organization")
    if role is not None:
        _require_open(account)
    if not await ports.accounts.set_role(organization, user, role, keep_an_owner=True):
        raise InvalidInputError(
            f"{user} is the last owner of {organization} and has to stay one",
            hint="Make somebody else an owner first.",
        )


def _require_open(account: Account) -> None:
    if account.closed_at is not None:
        raise InvalidInputError(
            f"The account {account.slug} is closed and can have no role in an organization",
            hint="Open it again first.",
        )
