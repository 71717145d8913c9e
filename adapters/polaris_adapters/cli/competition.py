"""``polaris competition``: list, show, load and publish competitions."""

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

__all__ = ["competition"]

_KIND = ArtifactKind.COMPETITION


@click.group("competition", cls=PolarisGroup)
def competition() -> None:
    """List, load and publish competitions."""


@competition.command("ls")
@listing_options()
@click.pass_obj
def ls(options: GlobalOptions, owner: str | None, limit: int, offset: int, is_long: bool) -> None:
    """List the competitions of the hub, newest first."""
    with open_hub(options) as client:
        records = client.list_records(_KIND, limit=limit, offset=offset, owner=owner)
    write_listing(records, options, is_long=is_long)


@competition.command("info")
@artifact_argument(_KIND)
@click.pass_obj
def info(options: GlobalOptions, ref: ArtifactRef) -> None:
    """Show what the hub says of a competition; its data is not loaded."""
    with open_hub(options) as client:
        record = client.get_record(_KIND, ref.owner, ref.slug)
    write_record(record, options)


@competition.command("get")
@artifact_argument(_KIND)
@click.argument("destination", metavar="FOLDER", type=click.Path(file_okay=False))
@click.pass_obj
def get(options: GlobalOptions, ref: ArtifactRef, destination: str) -> None:
    """Load a competition, verified, and save it to a folder.

    The targets of its test rows are masked. Writes the path of its document.
    """
    with open_hub(options) as client:
        path = client.get_competition(ref.artifact_id).to_json(destination)
    if options.json:
        write_json({"artifactId": ref.artifact_id, "path": path})
    else:
        write_lines([path])


@competition.command("put")
@click.argument("path", metavar="COMPETITION.json")
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
    """Publish a competition that was saved to a folder; writes its id.

    The targets of its test rows go to the hidden area of the hub.
    """
    from polaris.hub.artifacts.competition import CompetitionSpecification

    loaded = CompetitionSpecification.from_json(path)
    if changelog is not None:
        loaded.artifact_changelog = changelog
    with open_hub(options) as client:
        record = client.upload_competition(loaded, access, owner, if_exists, parent)
    note(f"Published {record.ref} on {client.settings.hub_url}", options)
    write_published(record, options)
