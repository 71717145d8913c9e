"""``polaris benchmark``: list, show, load and publish benchmarks."""

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

__all__ = ["benchmark"]

_KIND = ArtifactKind.BENCHMARK


@click.group("benchmark", cls=PolarisGroup)
def benchmark() -> None:
    """List, load and publish benchmarks."""


@benchmark.command("ls")
@listing_options()
@click.pass_obj
def ls(options: GlobalOptions, owner: str | None, limit: int, offset: int, is_long: bool) -> None:
    """List the benchmarks of the hub, newest first."""
    with open_hub(options) as client:
        records = client.list_records(_KIND, limit=limit, offset=offset, owner=owner)
    write_listing(records, options, is_long=is_long)


@benchmark.command("info")
@artifact_argument(_KIND)
@click.pass_obj
def info(options: GlobalOptions, ref: ArtifactRef) -> None:
    """Show what the hub says of a benchmark; its data is not loaded."""
    with open_hub(options) as client:
        record = client.get_record(_KIND, ref.owner, ref.slug)
    write_record(record, options)


@benchmark.command("get")
@artifact_argument(_KIND)
@click.argument("destination", metavar="FOLDER", type=click.Path(file_okay=False))
@click.pass_obj
def get(options: GlobalOptions, ref: ArtifactRef, destination: str) -> None:
    """Load a benchmark and its dataset, verified, and save them.

    Writes the path of the benchmark's document. Files of the same names are replaced.
    """
    with open_hub(options) as client:
        loaded = client.get_benchmark(ref.owner, ref.slug)
        path = loaded.to_json(destination)
    if options.json:
        found = {"artifactId": ref.artifact_id, "path": path}
        # One of version 2 has a checksum for each of its index sets instead.
        checksum = getattr(loaded, "md5sum", None)
        write_json(found if checksum is None else {**found, "md5sum": checksum})
    else:
        write_lines([path])


@benchmark.command("put")
@click.argument("path", metavar="BENCHMARK.json")
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
    """Publish a benchmark that was saved to a folder; writes its id.

    Its dataset has to be on the hub already.
    """
    from polaris.loader import load_benchmark

    if not path.endswith(".json"):
        raise click.BadParameter(f"{path!r} is not the .json file of a benchmark")
    loaded = load_benchmark(path)
    if changelog is not None:
        loaded.artifact_changelog = changelog
    with open_hub(options) as client:
        record = client.upload_benchmark(
            loaded, access=access, owner=owner, if_exists=if_exists, parent_artifact_id=parent
        )
    note(f"Published {record.ref} on {client.settings.hub_url}", options)
    write_published(record, options)
