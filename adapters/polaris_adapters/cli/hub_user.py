"""``polaris hub user``: the users of a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_accounts import (
    account_summary,
    all_accounts,
    on_accounts,
    write_secret,
)
from polaris_adapters.cli.hub_operations import of_a_hub
from polaris_adapters.cli.output import (
    instant,
    note,
    write_fields,
    write_json,
    write_lines,
    write_table,
)

if TYPE_CHECKING:
    from polaris.application.accounts.account_ports import AccountPorts
    from polaris.application.accounts.users import NewUser
    from polaris.domain.accounts import Account, Membership
    from polaris.domain.secret import Secret

__all__ = ["user"]

_HANDED_OVER = "Give {slug} this password; it can be used once, to choose another one:"


@click.group("user", cls=PolarisGroup)
def user() -> None:
    """Look after the users of a hub, on its database; its server need not run."""


@user.command("add")
@click.argument("slug", metavar="NAME")
@click.option("--name", metavar="TEXT", help="How people call the user.")
@click.option("--email", metavar="ADDRESS", help="Address of the user.")
@click.option("--administrator", is_flag=True, help="Let the user do everything on the hub.")
@of_a_hub
@click.pass_obj
def add(
    options: GlobalOptions,
    /,
    slug: str,
    name: str | None,
    email: str | None,
    administrator: bool,
    **hub: Any,
) -> None:
    """Add a user, and write a password that can be used once, to choose another one.

    The hub is made if it is not there yet.
    """

    async def work(ports: AccountPorts) -> NewUser:
        from polaris.application.accounts.users import create_user

        return await create_user(
            ports, slug, name=name, email=email, is_administrator=administrator
        )

    made = on_accounts(options, hub, work, make=True)
    hint = _HANDED_OVER.format(slug=slug)
    write_secret("password", made.password, account_summary(made.account), hint, options)


@user.command("ls")
@click.option("-l", "--long", "is_long", is_flag=True, help="Show more than the names.")
@click.option("--all", "with_closed", is_flag=True, help="Show closed accounts too.")
@of_a_hub
@click.pass_obj
def ls(options: GlobalOptions, /, is_long: bool, with_closed: bool, **hub: Any) -> None:
    """List the users."""

    async def work(ports: AccountPorts) -> list[Account]:
        return await all_accounts(ports, "user")

    found = [a for a in on_accounts(options, hub, work) if with_closed or a.closed_at is None]
    if options.json:
        write_json([account_summary(account) for account in found])
    elif is_long:
        rows = [
            (a.slug, a.name, a.email, a.is_administrator, instant(a.created_at),
             a.closed_at and instant(a.closed_at))
            for a in found
        ]  # fmt: skip
        write_table(("USER", "NAME", "EMAIL", "ADMINISTRATOR", "MADE", "CLOSED"), rows)
    else:
        write_lines(account.slug for account in found)


@user.command("show")
@click.argument("slug", metavar="NAME")
@of_a_hub
@click.pass_obj
def show(options: GlobalOptions, /, slug: str, **hub: Any) -> None:
    """Show a user and the organizations of the user."""

    async def work(ports: AccountPorts) -> tuple[Account, list[Membership]]:
        from polaris.application.accounts.account_ports import require_account

        account = await require_account(ports, slug)
        return account, list(await ports.accounts.memberships(slug))

    account, memberships = on_accounts(options, hub, work)
    roles = {membership.organization: str(membership.role) for membership in memberships}
    if options.json:
        write_json({**account_summary(account), "organizations": roles})
        return
    write_fields(
        {
            "user": account.slug,
            "name": account.name,
            "email": account.email,
            "administrator": account.is_administrator,
            "made": instant(account.created_at),
            "closed": account.closed_at and instant(account.closed_at),
            "organizations": roles,
        }
    )


@user.command("close")
@click.argument("slug", metavar="NAME")
@of_a_hub
@click.pass_obj
def close(options: GlobalOptions, /, slug: str, **hub: Any) -> None:
    """Close an account, and revoke everything that was given out to it.

    What the user owns stays, and the name is not given out again.
    """

    async def work(ports: AccountPorts) -> Account:
        from polaris.application.accounts.account_ports import require_account
        from polaris.application.accounts.users import close_account

        return await close_account(ports, await require_account(ports, slug))

    _report(on_accounts(options, hub, work), f"The account {slug} is closed", options)


@user.command("reopen")
@click.argument("slug", metavar="NAME")
@of_a_hub
@click.pass_obj
def reopen(options: GlobalOptions, /, slug: str, **hub: Any) -> None:
    """Open a closed account again; what was revoked stays revoked."""

    async def work(ports: AccountPorts) -> Account:
        from polaris.application.accounts.account_ports import require_account
        from polaris.application.accounts.users import reopen_account

        return await reopen_account(ports, await require_account(ports, slug))

    _report(on_accounts(options, hub, work), f"The account {slug} is open", options)


@user.command("password")
@click.argument("slug", metavar="NAME")
@of_a_hub
@click.pass_obj
def password(options: GlobalOptions, /, slug: str, **hub: Any) -> None:
    """Write a new password that can be used once, to choose another one.

    The present one is good no more, and everybody who is signed in as the user is signed out.
    Personal tokens stay: see `polaris hub token revoke`.
    """

    async def work(ports: AccountPorts) -> Secret:
        from polaris.application.accounts.passwords import reset_password

        return await reset_password(ports, slug)

    made = on_accounts(options, hub, work)
    write_secret("password", made, {"slug": slug}, _HANDED_OVER.format(slug=slug), options)


@user.command("promote")
@click.argument("slug", metavar="NAME")
@click.option("--undo", is_flag=True, help="Make an administrator an ordinary user.")
@of_a_hub
@click.pass_obj
def promote(options: GlobalOptions, /, slug: str, undo: bool, **hub: Any) -> None:
    """Make a user an administrator."""

    async def work(ports: AccountPorts) -> Account:
        from polaris.application.accounts.users import set_administrator

        return await set_administrator(ports, slug, not undo)

    what = "an ordinary user" if undo else "an administrator"
    _report(on_accounts(options, hub, work), f"{slug} is {what}", options)


def _report(account: Account, text: str, options: GlobalOptions) -> None:
    if options.json:
        write_json(account_summary(account))
    else:
        note(text, options)
