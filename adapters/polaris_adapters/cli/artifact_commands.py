"""What the groups of commands for the kinds of artifact have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris_adapters.cli.arguments import (
    artifact_argument,
    listing_options,
    narrowing_options,
)
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.output import note, write_json, write_lines
from polaris_adapters.cli.records import write_listing, write_published, write_record
from polaris_adapters.cli.versions import write_tombstones, write_versions

if TYPE_CHECKING:
    from polaris.application.catalogue import Narrowing
    from polaris.hub.client import PolarisHubClient
    from polaris.ports.artifacts import ArtifactRecord, Sort

__all__ = ["add_history", "add_info", "add_ls", "announce", "narrowing_of", "write_saved"]


def add_ls(group: click.Group, kind: ArtifactKind) -> None:
    """Add ``ls``, which lists the artifacts of a kind."""

    @group.command("ls", help=f"List the {kind}s of the hub, newest first.")
    @listing_options()
    @narrowing_options()
    @click.pass_obj
    def ls(
        options: GlobalOptions,
        owner: str | None,
        limit: int,
        offset: int,
        is_long: bool,
        search: str | None,
        tags: tuple[str, ...],
        sort: Sort,
        reverse: bool,
        since: str | None,
    ) -> None:
        with open_hub(options) as client:
            records = client.list_records(
                kind,
                limit=limit,
                offset=offset,
                owner=owner,
                **narrowing_of(search, tags, sort, reverse, since),
            )
        write_listing(records, options, is_long=is_long)


def narrowing_of(
    search: str | None, tags: tuple[str, ...], sort: Sort, reverse: bool, since: str | None
) -> Narrowing:
    """Return what the options of `narrowing_options` say, as the client takes it."""
    return {
        "search": search,
        "tags": tags,
        "sort": sort,
        "descending": (sort == "name") if reverse else None,
        "updated_since": since,
    }


def add_info(group: click.Group, kind: ArtifactKind) -> None:
    """Add ``info``, which shows what the catalogue says of an artifact."""

    @group.command("info", help=f"Show what the hub says of a {kind}; its data is not loaded.")
    @artifact_argument(kind)
    @click.option("--version", metavar="NUMBER", help="As this version has it.")
    @click.pass_obj
    def info(options: GlobalOptions, ref: ArtifactRef, version: str | None) -> None:
        with open_hub(options) as client:
            if version is None:
                record = client.get_record(kind, ref.owner, ref.slug)
            else:
                named = int(version) if version.isdecimal() and len(version) < 10 else version
                record = client.get_version(kind, ref.owner, ref.slug, named)
        write_record(record, options)


def add_history(group: click.Group, kind: ArtifactKind) -> None:
    """Add ``versions``, ``rm``, ``restore`` and ``deleted``."""
    most = click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=100,
        show_default=True,
        help="At most so many.",
    )

    @group.command("versions", help=f"List the published versions of a {kind}, newest first.")
    @artifact_argument(kind)
    @most
    @click.pass_obj
    def versions(options: GlobalOptions, ref: ArtifactRef, limit: int) -> None:
        with open_hub(options) as client:
            found = client.list_versions(kind, ref.owner, ref.slug, limit=limit)
        write_versions(found, options)

    @group.command("rm", help=f"Delete a {kind}; it can be restored, and its name stays taken.")
    @artifact_argument(kind)
    @click.option("--revision", metavar="HEX", help="Only if this is the newest revision.")
    @click.pass_obj
    def rm(options: GlobalOptions, ref: ArtifactRef, revision: str | None) -> None:
        with open_hub(options) as client:
            tombstone = client.delete_artifact(
                kind, ref.owner, ref.slug, expected_revision=revision
            )
        note(f"Deleted the {ref}; to have it back: polaris {group.name} restore "
             f"{ref.artifact_id}", options)  # fmt: skip
        write_tombstones([tombstone], options, is_one=True)

    @group.command("restore", help=f"Bring a deleted {kind} back as it was.")
    @artifact_argument(kind)
    @click.pass_obj
    def restore(options: GlobalOptions, ref: ArtifactRef) -> None:
        with open_hub(options) as client:
            record = client.restore_artifact(kind, ref.owner, ref.slug)
        write_published(record, options)

    @group.command("deleted", help=f"List deleted {kind}s, the latest first.")
    @click.option("--owner", metavar="NAME", help="Whose; by default your own.")
    @most
    @click.pass_obj
    def deleted(options: GlobalOptions, owner: str | None, limit: int) -> None:
        with open_hub(options) as client:
            found = client.list_deleted(owner, limit=limit, kind=kind)
        write_tombstones(found, options)


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
