"""``polaris benchmark``: list, show, load and publish benchmarks."""

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

__all__ = ["benchmark"]

_KIND = ArtifactKind.BENCHMARK


@click.group("benchmark", cls=PolarisGroup)
def benchmark() -> None:
    """List, load and publish benchmarks."""


add_ls(benchmark, _KIND)
add_info(benchmark, _KIND)
add_history(benchmark, _KIND)


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
    # One of version 2 has a checksum for each of its index sets instead.
    checksum = getattr(loaded, "md5sum", None)
    write_saved(options, ref, path, **({} if checksum is None else {"md5sum": checksum}))


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
    announce(options, client, record)
