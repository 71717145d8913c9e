"""Whose private artifacts an owner's submissions may be judged by."""

from __future__ import annotations

from polaris.ports.accounts import AccountStore

__all__ = ["may_see"]


async def may_see(accounts: AccountStore, who: str, owner: str, /) -> bool:
    """Say whether somebody may read what an owner keeps private, as roles are now.

    What scores reads everything. Nobody may have it compare predictions with targets that they
    could not read themselves: from scores, targets can be computed.

    Args:
        accounts: The accounts of the hub. One without an administrator is used by people who have
            its folder, and so can read all of it.
        who: Slug of a user, or of an organization. An organization sees its own alone: who makes
            one may put anybody into it.
        owner: Slug of the owner.
    """
    if who == owner or not await accounts.has_administrator():
        return True
    account = await accounts.find(who)
    if account is None or account.type != "user" or account.closed_at is not None:
        return False
    if account.is_administrator:
        return True
    roles = await accounts.memberships(who)
    return any(role.organization == owner for role in roles)
