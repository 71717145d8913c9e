"""The accounts of a hub: users and organizations, who belongs to whom, and what tokens allow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import attrs

from polaris.domain.identity import check_slug

__all__ = ["Account", "AccountType", "Membership", "Role", "Scope"]

AccountType = Literal["user", "organization"]


class Role(StrEnum):
    """What a user is in an organization."""

    MEMBER = "member"
    OWNER = "owner"


class Scope(StrEnum):
    """What a token allows its bearer to do of all that the account may do."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@attrs.frozen(kw_only=True)
class Account:
    """A user or an organization; both own artifacts under their slug.

    Attributes:
        id: Identifier that stays when everything else changes; the hub makes it.
        slug: 4 to 64 of ``a-z``, ``0-9`` and ``-``; of one account only, users and organizations
            together, for ever.
        type: Which of the two it is.
        name: How people call it.
        email: Address of a user.
        is_administrator: Whether the user may do everything on the hub.
        created_at: When it was made, UTC.
        closed_at: When it was closed, UTC; nobody signs in to a closed account, and its tokens are
            good no more.
    """

    id: str
    slug: str = attrs.field(converter=check_slug)
    type: AccountType
    name: str | None = None
    email: str | None = None
    is_administrator: bool = False
    created_at: datetime
    closed_at: datetime | None = None


@attrs.frozen
class Membership:
    """A user's role in an organization.

    Attributes:
        organization: Slug of the organization.
        user: Slug of the user.
        role: What the user is in it.
    """

    organization: str
    user: str
    role: Role
