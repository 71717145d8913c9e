"""``polaris model``: list, show, load and publish models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris_adapters.cli.arguments import (
    artifact_argument,
    listing_options,
    publishing_options,
    version_options,
)
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.output import note, write_json, write_lines
from polaris_adapters.cli.records import write_listing, write_published, write_record

if TYPE_CHECKING:
    from polaris.ports.artifacts import Access

__all__ = ["model"]

_KIND = ArtifactKind.MODEL


@click.group("model", cls=PolarisGroup)
def model() -> None:
    """List, load and publish models."""


@model.command("ls")
@listing_options()
@click.pass_obj
def ls(options: GlobalOptions, owner: str | None, limit: int, offset: int, is_long: bool) -> None:
    """List the models of the hub, newest first."""
    with open_hub(options) as client:
        records = client.list_records(_KIND, limit=limit, offset=offset, owner=owner)
    write_listing(records, options, is_long=is_long)


@model.command("info")
@artifact_argument(_KIND)
@click.pass_obj
def info(options: GlobalOptions, ref: ArtifactRef) -> None:
    """Show what the hub says of a model."""
    with open_hub(options) as client:
        record = client.get_record(_KIND, ref.owner, ref.slug)
    write_record(record, options)


@model.command("get")
@artifact_argument(_KIND)
@click.argument("path", metavar="MODEL.json")
@click.pass_obj
def get(options: GlobalOptions, ref: ArtifactRef, path: str) -> None:
    """Load a model and save it to a file, whose path is written."""
    with open_hub(options) as client:
        client.get_model(ref.artifact_id).to_json(path)
    if options.json:
        write_json({"artifactId": ref.artifact_id, "path": path})
    else:
        write_lines([path])


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
    note(f"Published {record.ref} on {client.settings.hub_url}", options)
    write_published(record, options)
