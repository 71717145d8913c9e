"""``polaris hub org``: the organizations of a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_accounts import (
    account_summary,
    all_accounts,
    on_accounts,
)
from polaris_adapters.cli.hub_operations import of_a_hub
from polaris_adapters.cli.output import instant, note, write_json, write_lines, write_table

if TYPE_CHECKING:
    from polaris.application.accounts.account_ports import AccountPorts
    from polaris.domain.accounts import Account, Membership

__all__ = ["org"]

_NOTHING = "none"


@click.group("org", cls=PolarisGroup)
def org() -> None:
    """Look after the organizations of a hub, on its database; its server need not run."""


@org.command("add")
@click.argument("slug", metavar="NAME")
@click.option("--owner", metavar="USER", required=True, help="The first owner.")
@click.option("--name", metavar="TEXT", help="How people call the organization.")
@of_a_hub
@click.pass_obj
def add(options: GlobalOptions, /, slug: str, owner: str, name: str | None, **hub: Any) -> None:
    """Add an organization."""

    async def work(ports: AccountPorts) -> Account:
        from polaris.application.accounts.organizations import create_organization

        return await create_organization(ports, slug, owner=owner, name=name)

    made = on_accounts(options, hub, work)
    if options.json:
        write_json(account_summary(made))
    else:
        note(f"{owner} is the owner of {slug}", options)


@org.command("ls")
@click.option("-l", "--long", "is_long", is_flag=True, help="Show more than the names.")
@of_a_hub
@click.pass_obj
def ls(options: GlobalOptions, /, is_long: bool, **hub: Any) -> None:
    """List the organizations."""

    async def work(ports: AccountPorts) -> list[Account]:
        return await all_accounts(ports, "organization")

    found = on_accounts(options, hub, work)
    if options.json:
        write_json([account_summary(account) for account in found])
    elif is_long:
        rows = [(account.slug, account.name, instant(account.created_at)) for account in found]
        write_table(("ORGANIZATION", "NAME", "MADE"), rows)
    else:
        write_lines(account.slug for account in found)


@org.command("members")
@click.argument("slug", metavar="NAME")
@of_a_hub
@click.pass_obj
def members(options: GlobalOptions, /, slug: str, **hub: Any) -> None:
    """List who is in an organization, and as what."""

    async def work(ports: AccountPorts) -> list[Membership]:
        from polaris.application.accounts.account_ports import require_account

        await require_account(ports, slug, "organization")
        return list(await ports.accounts.members(slug))

    found = on_accounts(options, hub, work)
    if options.json:
        write_json([{"user": member.user, "role": str(member.role)} for member in found])
    else:
        write_table(("USER", "ROLE"), [(member.user, str(member.role)) for member in found])


@org.command("set-role")
@click.argument("slug", metavar="NAME")
@click.argument("user")
@click.argument("role", type=click.Choice(["member", "owner", _NOTHING]))
@of_a_hub
@click.pass_obj
def set_role(options: GlobalOptions, /, slug: str, user: str, role: str, **hub: Any) -> None:
    """Say what a user is in an organization; `none` takes the user out of it.

    Owners may change what the organization has and say who is in it, members may change what it
    has. The last owner stays.
    """

    async def work(ports: AccountPorts) -> None:
        from polaris.application.accounts import organizations
        from polaris.domain.accounts import Role

        given = None if role == _NOTHING else Role(role)
        await organizations.set_role(ports, slug, user, given)

    on_accounts(options, hub, work)
    told = None if role == _NOTHING else role
    if options.json:
        write_json({"organization": slug, "user": user, "role": told})
    else:
        note(f"{user} is {told or 'nothing any more'} in {slug}", options)
