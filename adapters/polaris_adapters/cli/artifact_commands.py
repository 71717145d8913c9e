"""What the groups of commands for the kinds of artifact have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris_adapters.cli.arguments import artifact_argument, listing_options
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.output import note, write_json, write_lines
from polaris_adapters.cli.records import write_listing, write_published, write_record

if TYPE_CHECKING:
    from polaris.hub.client import PolarisHubClient
    from polaris.ports.artifacts import ArtifactRecord

__all__ = ["add_info", "add_ls", "announce", "write_saved"]


def add_ls(group: click.Group, kind: ArtifactKind) -> None:
    """Add ``ls``, which lists the artifacts of a kind."""

    @group.command("ls", help=f"List the {kind}s of the hub, newest first.")
    @listing_options()
    @click.pass_obj
    def ls(
        options: GlobalOptions, owner: str | None, limit: int, offset: int, is_long: bool
    ) -> None:
        with open_hub(options) as client:
            records = client.list_records(kind, limit=limit, offset=offset, owner=owner)
        write_listing(records, options, is_long=is_long)


def add_info(group: click.Group, kind: ArtifactKind) -> None:
    """Add ``info``, which shows what the catalogue says of an artifact."""

    @group.command("info", help=f"Show what the hub says of a {kind}; its data is not loaded.")
    @artifact_argument(kind)
    @click.pass_obj
    def info(options: GlobalOptions, ref: ArtifactRef) -> None:
        with open_hub(options) as client:
            record = client.get_record(kind, ref.owner, ref.slug)
        write_record(record, options)


def write_saved(options: GlobalOptions, ref: ArtifactRef, path: str, **more: Any) -> None:
    """Write where an artifact was saved; as JSON with its id and what else is known of it."""
    if options.json:
        write_json({"artifactId": ref.artifact_id, "path": path, **more})
    else:
        write_lines([path])


def announce(options: GlobalOptions, client: PolarisHubClient, record: ArtifactRecord) -> None:
    """Write what was published, and say where."""
    note(f"Published {record.ref} on {client.settings.hub_url}", options)
    write_published(record, options)
