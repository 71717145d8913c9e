"""The roles of users in organizations, as rows."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete, insert, select

from polaris.application.accounts.account_errors import account_not_found
from polaris.domain.accounts import AccountType, Membership, Role
from polaris_adapters.sql_catalogue.accounts_tables import accounts, memberships

__all__ = ["add_role", "list_roles", "require_id", "set_role"]

_organizations = accounts.alias("organizations")
_users = accounts.alias("users")
_ROLES = (
    select(_organizations.c.slug, _users.c.slug, memberships.c.role)
    .join_from(memberships, _organizations, memberships.c.organization_id == _organizations.c.id)
    .join(_users, memberships.c.user_id == _users.c.id)
    .order_by(_organizations.c.slug, _users.c.slug)
)


def require_id(connection: Connection, type: AccountType, slug: str) -> str:
    """Return the id of a user or of an organization.

    Raises:
        AccountNotFoundError: There is no such account.
    """
    wanted = select(accounts.c.id).where(accounts.c.slug == slug, accounts.c.type == type)
    found = connection.execute(wanted).scalar()
    if found is None:
        raise account_not_found(type, slug)
    return str(found)


def list_roles(
    connection: Connection, *, organization: str | None = None, user: str | None = None
) -> list[Membership]:
    """Return the roles in an organization, or those of a user in organizations that are open."""
    wanted = _ROLES
    if organization is not None:
        wanted = wanted.where(_organizations.c.slug == organization)
    if user is not None:
        wanted = wanted.where(_users.c.slug == user, _organizations.c.closed_at.is_(None))
    return [Membership(of, who, Role(role)) for of, who, role in connection.execute(wanted)]


def add_role(connection: Connection, organization_id: str, user_id: str, role: Role) -> None:
    """Give a role to somebody who has none."""
    values = {"organization_id": organization_id, "user_id": user_id, "role": role.value}
    connection.execute(insert(memberships).values(values))


def set_role(
    connection: Connection, organization: str, user: str, role: Role | None, *, keep_an_owner: bool
) -> bool:
    """See `AccountStore.set_role`."""
    organization_id = require_id(connection, "organization", organization)
    user_id = require_id(connection, "user", user)
    if keep_an_owner and role is not Role.OWNER:
        owners = (
            select(memberships.c.user_id)
            .join(accounts, memberships.c.user_id == accounts.c.id)
            .where(
                memberships.c.organization_id == organization_id,
                memberships.c.role == Role.OWNER.value,
                accounts.c.closed_at.is_(None),
            )
        )
        if list(connection.scalars(owners)) == [user_id]:
            return False
    is_role = and_(
        memberships.c.organization_id == organization_id, memberships.c.user_id == user_id
    )
    connection.execute(delete(memberships).where(is_role))
    if role is not None:
        add_role(connection, organization_id, user_id, role)
    return True
