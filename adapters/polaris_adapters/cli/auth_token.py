"""``polaris auth token``: the token in use, and the personal tokens of who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.output import instant, note, write_json, write_lines
from polaris_adapters.cli.token_options import days_option, scope_option, write_tokens

__all__ = ["TokenGroup", "ls", "new", "revoke"]

_TOKENS = "v3/me/tokens"


class TokenGroup(PolarisGroup):
    """A group that does something by itself when it is called without a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's options; nothing at all asks for no help."""
        return super(PolarisGroup, self).parse_args(ctx, args)


@click.command("new", cls=PolarisCommand)
@click.argument("name")
@scope_option
@days_option(365)
@click.pass_obj
def new(options: GlobalOptions, name: str, scopes: Sequence[str], days: float) -> None:
    """Make a personal token, and write it once. It is a secret."""
    body = {"name": name, "scopes": list(scopes), "days": days}
    made = _asked(options, "POST", _TOKENS, json=body)
    if options.json:
        write_json(made)
        return
    until = instant(datetime.fromisoformat(made["expiresAt"]))
    note(f"The token {made['id']}, good until {until}", options)
    write_lines([str(made["token"])])


@click.command("ls", cls=PolarisCommand)
@click.pass_obj
def ls(options: GlobalOptions) -> None:
    """List your personal tokens, the newest first; the tokens themselves are not kept."""
    found = _asked(options, "GET", _TOKENS)["data"]
    if options.json:
        write_json(found)
        return
    write_tokens(found)


@click.command("revoke", cls=PolarisCommand)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.pass_obj
def revoke(options: GlobalOptions, ids: Sequence[str]) -> None:
    """Revoke personal tokens, by the ids that `ls` shows."""
    for name in ids:
        if not (name.isascii() and name.isalnum()):
            raise click.UsageError(f"{name!r} is no id of a token.")
    revoked = [_asked(options, "DELETE", f"{_TOKENS}/{name}") for name in ids]
    if options.json:
        write_json(revoked)
    else:
        note(f"Revoked: {', '.join(token['id'] for token in revoked)}", options)


def _asked(options: GlobalOptions, method: str, path: str, **keywords: Any) -> Any:
    """Return what the hub answers.

    Raises:
        PolarisHubError: It refuses, or has no accounts.
    """
    from polaris.application.native_wire.problems import error_of_problem
    from polaris.errors import PolarisHubError

    with open_hub(options) as client:
        reply = client.request(method, path, **keywords)
        hub_url = client.settings.hub_url
    try:
        told = reply.json()
    except ValueError:
        told = None
    if reply.is_success and isinstance(told, dict):
        return told
    error = error_of_problem(told, status=reply.status_code)
    if error is None or (reply.status_code == 404 and error.code == "hub"):
        raise PolarisHubError(
            f"The hub {hub_url} has no personal tokens",
            hint="Hubs that `polaris serve` started have them.",
            status=reply.status_code,
        )
    raise error
