"""``polaris serve``: a hub of one's own."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.output import write_json

if TYPE_CHECKING:
    from polaris.bootstrap.server.serving import Prepared
    from polaris.domain.secret import Secret

__all__ = ["serve"]

_EXAMPLES = """\b
Examples:
  polaris serve
  polaris serve --data /srv/hub --port 9000
  polaris serve --host 0.0.0.0 --url https://hub.example.org \\
      --tls-certificate hub.pem --tls-key hub.key
  polaris serve --database postgresql://hub@db/hub --storage s3://bucket/hub --workers 4

Every option is also a setting of the environment, POLARIS_SERVER_DATA and so on, and of the file
server.toml; secrets belong there, not on the command line.
"""


@click.command("serve", cls=PolarisCommand, epilog=_EXAMPLES)
@click.option("--data", metavar="FOLDER", help="Folder of the hub; made where there is none.")
@click.option("--database", metavar="URL", help="postgresql://…; SQLite in the folder without.")
@click.option("--storage", metavar="URL", help="s3://bucket/prefix; the folder without.")
@click.option("--storage-endpoint", metavar="URL", help="Address of a store that speaks S3.")
@click.option("--storage-region", metavar="NAME", help="Region of the store.")
@click.option("--host", metavar="ADDRESS", help="Address to listen at.  [127.0.0.1]")
@click.option("--port", metavar="NUMBER", type=int, help="Port to listen at; 0 for any.  [8000]")
@click.option("--workers", metavar="NUMBER", type=int, help="Processes that serve.  [1]")
@click.option("--tls-certificate", metavar="FILE", help="Certificate, PEM.")
@click.option("--tls-key", metavar="FILE", help="Its key, PEM.")
@click.option(
    "--forwarded-allow-ips",
    metavar="ADDRESSES",
    help="Proxies in front whose X-Forwarded-… are believed, separated by commas.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Name under which the hub may be called; may be given again.",
)
@click.option("--url", metavar="URL", help="Address of the hub as its callers see it.")
@click.option(
    "--insecure-http", is_flag=True, default=None, help="Listen to other machines without TLS."
)
@click.option(
    "--no-released", "released", flag_value=False, default=None, help="Answer no polaris-lib."
)
@click.option("--no-jobs", "jobs", flag_value=False, default=None, help="Score no submissions.")
@click.option(
    "--metrics",
    type=click.Choice(["public", "token", "off"]),
    help="Who may read /metrics.  [token]",
)
@click.option("--log-format", type=click.Choice(["text", "json"]), help="How to log.  [text]")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="What to log.  [info]",
)
@click.option("--grace", metavar="SECONDS", type=float, help="Time to finish at the end.  [30]")
@click.option(
    "--rate-limit", metavar="NUMBER", type=float, help="Requests a second and caller.  [no bound]"
)
@click.option("--config-file", metavar="FILE", help="Settings file, in place of server.toml.")
@click.option("--env-file", metavar="FILE", help="File of POLARIS_SERVER_…=value lines.")
@click.pass_obj
def serve(options: GlobalOptions, /, **given: Any) -> None:
    """Run a hub of your own.

    It listens to this machine alone, and keeps everything in one folder, unless told otherwise.
    The first start makes an administrator, whose password is shown once.
    """
    from polaris.bootstrap.server.serving import prepare, run
    from polaris.bootstrap.server.settings import ServerSettings

    named = {name: value for name, value in given.items() if value not in (None, ())}
    if options.profile is not None:
        named["profile"] = options.profile
    prepared = prepare(ServerSettings(**named))
    _greet(prepared, options, given["data"])
    run(prepared)


def _greet(prepared: Prepared, options: GlobalOptions, data: str | None) -> None:
    """Say where the hub is, and on the first start how to get in."""
    address, made = prepared.address, prepared.administrator
    told: dict[str, Any] = {"url": address}
    lines = [f"The hub is at {address}"]
    if made is not None:
        slug, file = made.account.slug, None
        if options.json or not sys.stdout.isatty():
            # What is not a terminal may be a log, and is kept.
            file = _kept(prepared.settings.data, made.password)
        told["administrator"] = {"name": slug, "passwordFile": file}
        # As this was given; what was set otherwise is found again.
        where = f" --data {shlex.quote(data)}" if data else ""
        shown = f"in the file {file}" if file else made.password.reveal()
        lines += [
            "",
            "An administrator was made; this is told once:",
            f"  name      {slug}",
            f"  password  {shown}",
            "",
            f"1. Choose a password of your own:  {address}/account",
            f"2. Sign in from a terminal:        polaris --hub {address} login",
            f"   or make a token for programs:   polaris hub token new {slug}{where}",
            "",
        ]
    if options.json:
        write_json(told)
    else:
        click.echo("\n".join(lines))
    sys.stdout.flush()


def _kept(folder: Path, password: Secret) -> str:
    """Write a password to a file that its user alone may read, and return where it is."""
    path = folder / "first-password.txt"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password.reveal() + "\n")
    return str(path)
