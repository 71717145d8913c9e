"""``polaris competition``: list, show, load and publish competitions."""

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

__all__ = ["competition"]

_KIND = ArtifactKind.COMPETITION


@click.group("competition", cls=PolarisGroup)
def competition() -> None:
    """List, load and publish competitions."""


add_ls(competition, _KIND)
add_info(competition, _KIND)
add_history(competition, _KIND)


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
    write_saved(options, ref, path)


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
    announce(options, client, record)
