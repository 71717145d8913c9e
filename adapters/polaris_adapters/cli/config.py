"""``polaris config``: the settings, and where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import click

from polaris.message_text import without_credentials
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.output import write_fields, write_json, write_table

__all__ = ["config"]


@click.group("config", cls=PolarisGroup)
def config() -> None:
    """Show the settings."""


@config.command("show")
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.pass_obj
def show(options: GlobalOptions, origin: bool) -> None:
    """Show the settings that commands would work with; secrets are masked."""
    from polaris.bootstrap.settings import settings_with_origins

    settings, origins = settings_with_origins(**options.settings)
    values = {
        field.name: _plain(getattr(settings, field.name)) for field in attrs.fields(type(settings))
    }
    if options.json:
        with_origins = {
            name: {"value": value, "origin": origins.get(name)} for name, value in values.items()
        }
        write_json(with_origins if origin else values)
    elif origin:
        rows = [(name, value, origins.get(name)) for name, value in values.items()]
        write_table(("SETTING", "VALUE", "ORIGIN"), rows)
    else:
        write_fields(values)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what is no plain value as its text, secrets masked."""
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return without_credentials(str(value))
