"""The first administrator of a hub."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.users import NewUser, create_user
from polaris.errors import AccountExistsError

__all__ = ["ensure_administrator"]


async def ensure_administrator(ports: AccountPorts, /) -> NewUser | None:
    """Make the user ``admin``, an administrator, if the hub has no administrator.

    Of several processes that start at once, one makes it. Where the name is taken by somebody who
    is no administrator, or whose account is closed, the next one is taken.

    Returns:
        The user with the password, to be shown once; None where there is an administrator.
    """
    for slug in _slugs():
        if await ports.accounts.has_administrator():
            return None
        try:
            return await create_user(ports, slug, name="Administrator", is_administrator=True)
        except AccountExistsError:
            continue
    raise AssertionError("there are always more slugs")


def _slugs() -> Iterator[str]:
    yield from ("admin", "administrator")
    for number in itertools.count(2):
        yield f"admin-{number}"
