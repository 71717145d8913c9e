"""``polaris model``: list, show, load and publish models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris_adapters.cli.arguments import (
    artifact_argument,
    publishing_options,
    version_options,
)
from polaris_adapters.cli.artifact_commands import (
    add_history,
    add_info,
    add_ls,
    announce,
    write_saved,
)
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_session import open_hub

if TYPE_CHECKING:
    from polaris.ports.artifacts import Access

__all__ = ["model"]

_KIND = ArtifactKind.MODEL


@click.group("model", cls=PolarisGroup)
def model() -> None:
    """List, load and publish models."""


add_ls(model, _KIND)
add_info(model, _KIND)
add_history(model, _KIND)


@model.command("get")
@artifact_argument(_KIND)
@click.argument("path", metavar="MODEL.json")
@click.pass_obj
def get(options: GlobalOptions, ref: ArtifactRef, path: str) -> None:
    """Load a model and save it to a file, whose path is written."""
    with open_hub(options) as client:
        client.get_model(ref.artifact_id).to_json(path)
    write_saved(options, ref, path)


@model.command("put")
@click.argument("path", metavar="MODEL.json")
@publishing_options("replace", "raise")
@version_options()
@click.pass_obj
def put(
    options: GlobalOptions,
    path: str,
    owner: str | None,
    access: Access,
    if_exists: str,
    parent: str | None,
    changelog: str | None,
) -> None:
    """Publish a model that was saved to a file; writes its id."""
    from polaris.hub.artifacts.model import Model

    loaded = Model.from_json(path)
    if changelog is not None:
        loaded.artifact_changelog = changelog
    with open_hub(options) as client:
        record = client.upload_model(loaded, owner, parent, if_exists, access=access)
    announce(options, client, record)
