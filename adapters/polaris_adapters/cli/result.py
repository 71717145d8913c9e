"""``polaris result``: list and publish results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris_adapters.cli.arguments import (
    listing_options,
    narrowing_options,
    publishing_options,
)
from polaris_adapters.cli.artifact_commands import add_history, announce, narrowing_of
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.records import write_listing

if TYPE_CHECKING:
    from polaris.hub.client import PolarisHubClient
    from polaris.ports.artifacts import Access, ArtifactRecord, Sort

__all__ = ["result"]

_KIND = ArtifactKind.RESULT


@click.group("result", cls=PolarisGroup)
def result() -> None:
    """List and publish results."""


add_history(result, _KIND)


@result.command("ls")
@listing_options()
@narrowing_options()
@click.option("--benchmark", metavar="OWNER/SLUG", help="Only those on this benchmark.")
@click.pass_obj
def ls(
    options: GlobalOptions,
    owner: str | None,
    limit: int,
    offset: int,
    is_long: bool,
    benchmark: str | None,
    search: str | None,
    tags: tuple[str, ...],
    sort: Sort,
    reverse: bool,
    since: str | None,
) -> None:
    """List the results on the hub, newest first."""
    if owner is not None and benchmark is not None:
        raise click.UsageError("--owner and --benchmark cannot be given together")
    narrowing = narrowing_of(search, tags, sort, reverse, since)
    with open_hub(options) as client:
        if benchmark is None:
            records = client.list_records(
                _KIND, limit=limit, offset=offset, owner=owner, **narrowing
            )
        else:
            ids = client.list_results(benchmark, limit=limit, offset=offset, **narrowing)
            records = _records(client, ids)
    write_listing(records, options, is_long=is_long)


def _records(client: PolarisHubClient, ids: list[str]) -> list[ArtifactRecord]:
    refs = [ArtifactRef.parse(_KIND, artifact_id) for artifact_id in ids]
    return [client.get_record(_KIND, ref.owner, ref.slug) for ref in refs]


@result.command("put")
@click.argument("path", metavar="RESULTS.json")
@click.option(
    "--benchmark", metavar="OWNER/SLUG", help="The benchmark, where the file does not name it."
)
@click.option("--name", metavar="NAME", help="Name of the results.")
@publishing_options()
@click.pass_obj
def put(
    options: GlobalOptions,
    path: str,
    benchmark: str | None,
    name: str | None,
    owner: str | None,
    access: Access,
) -> None:
    """Publish results that were saved to a file; writes their id.

    Results under a name that their owner has used before replace those.
    """
    from polaris.hub.artifacts.results import BenchmarkResults

    results = BenchmarkResults.from_json(path)
    if benchmark is not None:
        results.benchmark_artifact_id = benchmark
    if name is not None:
        results.name = name
    with open_hub(options) as client:
        record = client.upload_results(results, access=access, owner=owner)
    announce(options, client, record)
