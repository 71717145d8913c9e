"""``polaris auth``: signing in and out, and what is known of the sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli import auth_token
from polaris_adapters.cli.auth_token import TokenGroup
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.output import instant, note, write_fields, write_json, write_lines

if TYPE_CHECKING:
    from polaris.bootstrap.container import HubContainer
    from polaris.ports.auth import Accounts, AuthPort

__all__ = ["auth", "login"]


@click.group("auth", cls=PolarisGroup)
def auth() -> None:
    """Sign in and out, and see who is signed in."""


@contextmanager
def _opened(options: GlobalOptions, **settings: Any) -> Iterator[HubContainer]:
    from polaris.application.loop_thread import run_blocking
    from polaris.bootstrap.container import build_container, close_container, talk_in_json_lines
    from polaris.bootstrap.settings import PolarisHubSettings

    given = {name: value for name, value in settings.items() if value is not None}
    container = build_container(PolarisHubSettings(**options.settings, **given))
    if options.json:
        talk_in_json_lines(container)
    try:
        yield container
    finally:
        run_blocking(close_container(container))


def _accounts(auth_port: AuthPort, hub_url: str) -> Accounts:
    from polaris.errors import InvalidInputError
    from polaris.ports.auth import Accounts

    if not isinstance(auth_port, Accounts):
        raise InvalidInputError(
            f"The hub {hub_url} has no accounts",
            hint="Hubs over HTTP do; choose one with --hub https://….",
        )
    return auth_port


@auth.command("login")
@click.option(
    "--overwrite/--no-overwrite", default=False, help="Sign in anew, or as somebody else."
)
@click.option(
    "--auto-open-browser/--no-auto-open-browser",
    default=True,
    help="Whether a browser may be opened.",
)
@click.option(
    "--client-env-file", metavar="FILE", default=None, help="A file of POLARIS_…=value lines."
)
@click.pass_obj
def login(
    options: GlobalOptions, overwrite: bool, auto_open_browser: bool, client_env_file: str | None
) -> None:
    """Sign in, by the best way that the hub and this machine offer.

    With --json, one event a line is written; after the event "prompt" a line is read.
    """
    from polaris.application.loop_thread import run_blocking

    with _opened(options, env_file=client_env_file) as container:
        identity = run_blocking(
            container.auth().sign_in(overwrite=overwrite, auto_open_browser=auto_open_browser)
        )
        if options.json:
            _write_event("identity", account=identity.user.slug, email=identity.email)
        else:
            note(f"You are {identity.user.slug}", options)


@auth.command("logout")
@click.pass_obj
def logout(options: GlobalOptions) -> None:
    """Sign out: the tokens are taken back at the hub, and forgotten here."""
    from polaris.application.loop_thread import run_blocking

    with _opened(options) as container:
        run_blocking(container.auth().sign_out())


@auth.command("status")
@click.pass_obj
def status(options: GlobalOptions) -> None:
    """Show who is signed in, and until when; ends with 3 if that is nobody."""
    from polaris.application.loop_thread import run_blocking
    from polaris.errors import PolarisUnauthorizedError

    with _opened(options) as container:
        hub_url = container.settings().hub_url
        found = run_blocking(_accounts(container.auth(), hub_url).status())
    signed_in = found.road is not None and not found.is_over
    told = {
        "hub": hub_url,
        "signed_in": signed_in,
        "account": found.account,
        "road": found.road,
        "expires": None if found.expires_at is None else instant(found.expires_at),
        "renewable": found.renewable,
        "scope": found.scope or None,
        "kept_in": found.kept_in or None,
        "accounts": list(found.accounts),
    }
    if options.json:
        write_json(told)
    else:
        write_fields(told)
    if not signed_in:
        raise PolarisUnauthorizedError(
            "The sign-in is over" if found.road is not None else "Nobody is signed in",
            hint="Sign in: polaris auth login.",
        )


@auth.group("token", cls=TokenGroup, invoke_without_command=True)
@click.pass_context
def token(context: click.Context) -> None:
    """Write the token that calls carry now, for other programs; or look after your own tokens."""
    if context.invoked_subcommand is None:
        _write_token(context.find_object(GlobalOptions) or GlobalOptions())


token.add_command(auth_token.new)
token.add_command(auth_token.ls)
token.add_command(auth_token.revoke)


def _write_token(options: GlobalOptions) -> None:
    from polaris.application.loop_thread import run_blocking

    with _opened(options) as container:
        accounts = _accounts(container.auth(), container.settings().hub_url)
        found = run_blocking(accounts.token()).reveal()
    if options.json:
        write_json({"token": found})
    else:
        write_lines([found])


@auth.command("switch")
@click.argument("account", required=False)
@click.pass_obj
def switch(options: GlobalOptions, account: str | None) -> None:
    """Use another account that is signed in; the other one where there are two."""
    from polaris.application.loop_thread import run_blocking

    with _opened(options) as container:
        accounts = _accounts(container.auth(), container.settings().hub_url)
        chosen = run_blocking(accounts.switch(account))
    if options.json:
        write_json({"account": chosen})
    else:
        note(f"You are {chosen} now", options)


def _write_event(kind: str, **details: object) -> None:
    import json

    click.echo(json.dumps({"event": kind, **details}))
