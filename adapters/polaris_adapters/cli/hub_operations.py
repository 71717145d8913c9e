"""What the commands of operators have in common: which hub, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from polaris_adapters.cli.global_options import GlobalOptions

if TYPE_CHECKING:
    from polaris.bootstrap.operators import Operations
    from polaris.bootstrap.server.settings import ServerSettings

__all__ = ["of_a_hub", "opened", "require_current", "settings_of"]

F = TypeVar("F", bound=Callable[..., Any])

_HUB_OPTIONS = (
    click.option("--data", metavar="FOLDER", help="Folder of the hub."),
    click.option("--database", metavar="URL", help="postgresql://…; SQLite in the folder without."),
    click.option("--storage", metavar="URL", help="s3://bucket/prefix; the folder without."),
    click.option("--storage-endpoint", metavar="URL", help="Address of a store that speaks S3."),
    click.option("--storage-region", metavar="NAME", help="Region of the store."),
    click.option("--config-file", metavar="FILE", help="Settings file, in place of server.toml."),
    click.option("--env-file", metavar="FILE", help="File of POLARIS_SERVER_…=value lines."),
)
_HUB_NAMES = (
    "data", "database", "storage", "storage_endpoint", "storage_region", "config_file", "env_file",
)  # fmt: skip


def of_a_hub(command: F) -> F:
    """Give a command the options that name a hub, those of ``polaris serve``."""
    for option in reversed(_HUB_OPTIONS):
        command = option(command)
    return command


def settings_of(options: GlobalOptions, given: dict[str, Any], **more: Any) -> ServerSettings:
    """Return the settings that the options of `of_a_hub` gave, and more; None is not given."""
    from polaris.bootstrap.server.settings import ServerSettings

    named = {name: given[name] for name in _HUB_NAMES} | more
    named = {name: value for name, value in named.items() if value is not None}
    if options.profile is not None:
        named["profile"] = options.profile
    return ServerSettings(**named)


@contextmanager
def opened(
    options: GlobalOptions, settings: ServerSettings, *, new: bool = False
) -> Iterator[Operations]:
    """Open a hub for its operators; ``new`` makes what is not there."""
    from polaris.bootstrap.operators import open_operations

    operations = open_operations(settings, new=new, progress=options.shows_progress)
    try:
        yield operations
    finally:
        operations.database.close()


def require_current(operations: Operations) -> None:
    """Refuse a hub whose schema is not the one that this version works with."""
    from polaris.application.loop_thread import run_blocking
    from polaris.errors import PolarisHubError

    plan = run_blocking(operations.schema.plan("head"))
    if plan.current is None:
        raise PolarisHubError("There is no hub in the database", hint="Check --database.")
    if plan.steps:
        raise PolarisHubError(
            f"The hub has the schema {plan.current}, and this version works with {plan.target}",
            hint="Make a backup, then run: polaris hub migrate.",
        )
