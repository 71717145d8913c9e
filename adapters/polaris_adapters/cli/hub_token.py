"""``polaris hub token``: the personal tokens of a hub's users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_accounts import on_accounts, told, write_secret
from polaris_adapters.cli.hub_operations import of_a_hub
from polaris_adapters.cli.output import instant, note, write_json
from polaris_adapters.cli.token_options import days_option, scope_option, write_tokens

if TYPE_CHECKING:
    from datetime import datetime

    from polaris.application.accounts.account_ports import AccountPorts
    from polaris.application.accounts.personal_tokens import IssuedToken
    from polaris.ports.credentials import Credential

__all__ = ["token"]


@click.group("token", cls=PolarisGroup)
def token() -> None:
    """Look after personal tokens, on the database of the hub; its server need not run."""


@token.command("new")
@click.argument("user")
@click.option("--name", metavar="TEXT", default="made by an operator", help="What it is for.")
@scope_option
@days_option(36500)
@click.option("--no-expiry", is_flag=True, help="Let it be good until it is revoked.")
@of_a_hub
@click.pass_obj
def new(
    options: GlobalOptions,
    /,
    user: str,
    name: str,
    scopes: Sequence[str],
    days: float,
    no_expiry: bool,
    **hub: Any,
) -> None:
    """Write a new token of a user, once, and nothing else: TOKEN=$(polaris hub token new ada-l)."""
    from datetime import timedelta

    life = None if no_expiry else timedelta(days=days)

    async def work(ports: AccountPorts) -> IssuedToken:
        from polaris.application.accounts.account_ports import require_account
        from polaris.application.accounts.personal_tokens import issue_token

        account = await require_account(ports, user)
        return await issue_token(ports, account, name=name, scopes=scopes, life=life, granted=None)

    issued = on_accounts(options, hub, work)
    ends = issued.credential.expires_at
    until = "until it is revoked" if ends is None else f"until {instant(ends)}"
    hint = f"A token of {user}, good {until}; it is not shown again:"
    write_secret(
        "token", issued.secret, {"user": user, **_summary(issued.credential)}, hint, options
    )


@token.command("ls")
@click.argument("user")
@click.option("--all", "with_ended", is_flag=True, help="Show those that have ended too.")
@of_a_hub
@click.pass_obj
def ls(options: GlobalOptions, /, user: str, with_ended: bool, **hub: Any) -> None:
    """List the tokens of a user, newest first; the tokens themselves are not kept."""

    async def work(ports: AccountPorts) -> tuple[Sequence[Credential], datetime]:
        from polaris.application.accounts.account_ports import require_account
        from polaris.application.accounts.personal_tokens import list_tokens

        account = await require_account(ports, user)
        return await list_tokens(ports, account), ports.clock.now()

    listed, now = on_accounts(options, hub, work)
    found = [credential for credential in listed if with_ended or credential.is_good(now)]
    summaries = [_summary(credential) for credential in found]
    if options.json:
        write_json(summaries)
        return
    write_tokens(summaries)


@token.command("revoke")
@click.argument("user")
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Revoke all tokens of the user.")
@of_a_hub
@click.pass_obj
def revoke(
    options: GlobalOptions, /, user: str, ids: Sequence[str], every: bool, **hub: Any
) -> None:
    """Revoke tokens of a user, by the ids that `ls` shows."""
    if bool(ids) == every:
        raise click.UsageError("Give the ids of tokens, or --all.")

    async def work(ports: AccountPorts) -> list[Credential]:
        from polaris.application.accounts.account_ports import require_account
        from polaris.application.accounts.personal_tokens import list_tokens, revoke_token

        account = await require_account(ports, user)
        wanted = ids
        if every:
            tokens = await list_tokens(ports, account)
            wanted = [_id(credential) for credential in tokens if credential.revoked_at is None]
        return [await revoke_token(ports, account, one) for one in wanted]

    revoked = on_accounts(options, hub, work)
    if options.json:
        write_json([_summary(credential) for credential in revoked])
    else:
        note(f"Revoked {len(revoked)} tokens of {user}", options)


def _id(credential: Credential) -> str:
    from polaris.application.accounts.personal_tokens import token_id

    return token_id(credential)


def _summary(credential: Credential) -> dict[str, Any]:
    return {
        "id": _id(credential),
        "name": credential.name,
        "scopes": sorted(credential.scopes),
        "createdAt": told(credential.created_at),
        "expiresAt": told(credential.expires_at),
        "revokedAt": told(credential.revoked_at),
    }
