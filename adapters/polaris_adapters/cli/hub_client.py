"""``polaris hub client``: the OAuth clients that sign in to a hub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_accounts import on_accounts, told, write_secret
from polaris_adapters.cli.hub_operations import of_a_hub
from polaris_adapters.cli.output import note, write_json, write_table

if TYPE_CHECKING:
    from polaris.application.accounts.account_ports import AccountPorts
    from polaris.application.accounts.oauth_clients import Client
    from polaris.domain.secret import Secret

__all__ = ["client"]


@click.group("client", cls=PolarisGroup)
def client() -> None:
    """Say which programs may sign users in, on the database of the hub; its server need not run."""


@client.command("add")
@click.argument("id")
@click.option("--name", metavar="TEXT", required=True, help="What people are shown.")
@click.option(
    "--redirect",
    "redirects",
    metavar="URI",
    multiple=True,
    help="Where browsers may be sent back to; may be given again.",
)
@click.option(
    "--logout-redirect",
    "logouts",
    metavar="URI",
    multiple=True,
    help="Where browsers may be sent after signing out; may be given again.",
)
@click.option(
    "--scope",
    "scopes",
    metavar="SCOPE",
    multiple=True,
    default=("openid", "profile", "email", "offline_access", "read"),
    show_default=True,
    help="What it may ask for; may be given again.",
)
@click.option("--public", is_flag=True, help="It cannot keep a secret, such as an app.")
@click.option("--device", is_flag=True, help="Let it sign in by codes that people enter.")
@click.option("--exchange", is_flag=True, help="Let it exchange tokens for narrower ones.")
@click.option("--introspect", is_flag=True, help="Tell it of all tokens: it guards resources.")
@click.option(
    "--id-token-alg",
    type=click.Choice(["RS256", "ES256"]),
    default="RS256",
    show_default=True,
    help="How its ID tokens are signed.",
)
@of_a_hub
@click.pass_obj
def add(
    options: GlobalOptions,
    /,
    id: str,
    name: str,
    redirects: Sequence[str],
    logouts: Sequence[str],
    scopes: Sequence[str],
    public: bool,
    device: bool,
    exchange: bool,
    introspect: bool,
    id_token_alg: Any,
    **hub: Any,
) -> None:
    """Register a program, and write its secret, which is shown once."""
    from polaris.application.accounts import oauth_clients as of

    grants = [of.CODE, of.REFRESH] if redirects else []
    grants += [of.DEVICE, of.REFRESH] if device else []
    grants += [of.EXCHANGE] if exchange else []
    made = of.Client(
        id=id,
        name=name,
        redirect_uris=redirects,
        logout_uris=logouts,
        grants=grants,
        scopes=scopes,
        signing_alg=id_token_alg,
        may_introspect=introspect,
    )

    async def work(ports: AccountPorts) -> Secret | None:
        clients = of.Clients(ports.credentials)
        return await clients.add(made, confidential=not public, now=ports.clock.now())

    secret = on_accounts(options, hub, work)
    if secret is not None:
        hint = f"The secret of the client {id}; it is not shown again:"
        write_secret("secret", secret, _summary(made, is_public=False), hint, options)
    elif options.json:
        write_json(_summary(made, is_public=True))
    else:
        note(f"Registered the client {id}, which has no secret", options)


@client.command("ls")
@of_a_hub
@click.pass_obj
def ls(options: GlobalOptions, /, **hub: Any) -> None:
    """List the clients, those that every hub knows first."""

    async def work(ports: AccountPorts) -> Sequence[Client]:
        from polaris.application.accounts.oauth_clients import Clients

        return await Clients(ports.credentials).all()

    found = on_accounts(options, hub, work)
    if options.json:
        write_json([_summary(each, is_public=each.is_public) for each in found])
        return
    rows = [
        (c.id, c.name, "public" if c.is_public else "secret", sorted(c.scopes), c.redirect_uris)
        for c in found
    ]
    write_table(("ID", "NAME", "KIND", "SCOPES", "REDIRECTS"), rows)


@client.command("rm")
@click.argument("id")
@of_a_hub
@click.pass_obj
def rm(options: GlobalOptions, /, id: str, **hub: Any) -> None:
    """Remove a client; everything that was given to it ends at once."""

    async def work(ports: AccountPorts) -> None:
        from polaris.application.accounts.oauth_clients import Clients

        await Clients(ports.credentials).remove(id, now=ports.clock.now())

    on_accounts(options, hub, work)
    if options.json:
        write_json({"id": id, "removed": True})
    else:
        note(f"Removed the client {id}", options)


def _summary(found: Client, *, is_public: bool) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "isPublic": is_public,
        "isBuiltIn": found.is_built_in,
        "redirectUris": list(found.redirect_uris),
        "logoutUris": list(found.logout_uris),
        "grants": sorted(found.grants),
        "scopes": sorted(found.scopes),
        "mayIntrospect": found.may_introspect,
        "createdAt": told(found.created_at),
    }
