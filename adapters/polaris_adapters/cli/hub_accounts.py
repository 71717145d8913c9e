"""What the commands on the accounts of a hub share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.hub_operations import settings_of
from polaris_adapters.cli.output import note, write_json, write_lines

if TYPE_CHECKING:
    from datetime import datetime

    from polaris.application.accounts.account_ports import AccountPorts
    from polaris.domain.accounts import Account, AccountType
    from polaris.domain.secret import Secret

__all__ = [
    "account_summary",
    "all_accounts",
    "on_accounts",
    "told",
    "write_secret",
]

T = TypeVar("T")


def on_accounts(
    options: GlobalOptions,
    given: dict[str, Any],
    work: Callable[[AccountPorts], Coroutine[Any, Any, T]],
    *,
    make: bool = False,
) -> T:
    """Work on the accounts of a hub.

    Args:
        options: The global options.
        given: The options of `of_a_hub`.
        work: What is done.
        make: Whether a hub that is not there yet is made.
    """
    import asyncio

    from polaris.bootstrap.server.accounts import opened_accounts

    with opened_accounts(settings_of(options, given), make=make) as ports:
        return asyncio.run(work(ports))


async def all_accounts(ports: AccountPorts, type: AccountType) -> list[Account]:
    """Return all accounts of a type by name, closed ones too."""
    found: list[Account] = []
    while page := await ports.accounts.page(
        type=type, after=found[-1].slug if found else "", limit=1000
    ):
        found += page
    return found


def account_summary(account: Account) -> dict[str, Any]:
    """Return what is told of an account, as plain values in camelCase."""
    summary: dict[str, Any] = {
        "id": account.id,
        "slug": account.slug,
        "type": account.type,
        "name": account.name,
        "createdAt": told(account.created_at),
        "closedAt": told(account.closed_at),
    }
    if account.type == "user":
        summary |= {"email": account.email, "isAdministrator": account.is_administrator}
    return summary


def told(moment: datetime | None) -> str | None:
    """Return a time as JSON has it."""
    return None if moment is None else moment.isoformat()


def write_secret(
    name: str, secret: Secret, summary: dict[str, Any], hint: str, options: GlobalOptions
) -> None:
    """Write a secret, alone on standard output, or with all else as JSON."""
    if options.json:
        write_json({**summary, name: secret.reveal()})
        return
    note(hint, options)
    write_lines([secret.reveal()])
