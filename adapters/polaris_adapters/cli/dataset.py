"""``polaris dataset``: list, show, load, publish and verify datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidNameError
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
from polaris_adapters.cli.output import write_fields, write_json

if TYPE_CHECKING:
    from polaris.hub.artifacts.dataset import DatasetV1
    from polaris.hub.artifacts.dataset_v2 import DatasetV2
    from polaris.ports.artifacts import Access

__all__ = ["dataset"]

_KIND = ArtifactKind.DATASET


@click.group("dataset", cls=PolarisGroup)
def dataset() -> None:
    """List, load, publish and verify datasets."""


add_ls(dataset, _KIND)
add_info(dataset, _KIND)
add_history(dataset, _KIND)


@dataset.command("get")
@artifact_argument(_KIND)
@click.argument("destination", metavar="FOLDER", type=click.Path(file_okay=False))
@click.option(
    "--if-exists",
    type=click.Choice(["replace", "raise", "skip"]),
    default="replace",
    show_default=True,
    help="What to do with files that are in the folder.",
)
@click.pass_obj
def get(options: GlobalOptions, ref: ArtifactRef, destination: str, if_exists: str) -> None:
    """Load a dataset, verify it, and save it to a folder.

    Writes the path of its document.
    """
    with open_hub(options) as client:
        loaded = client.get_dataset(ref.owner, ref.slug)
        path = loaded.to_json(destination, if_exists=if_exists)
    write_saved(options, ref, path, **_checksum(loaded))


@dataset.command("put")
@click.argument("path", metavar="DATASET.json")
@publishing_options("replace", "raise", "skip")
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
    """Publish a dataset that was saved to a folder; writes its id."""
    loaded = _load_file(path)
    if changelog is not None:
        loaded.artifact_changelog = changelog
    with open_hub(options) as client:
        record = client.upload_dataset(
            loaded, access=access, owner=owner, if_exists=if_exists, parent_artifact_id=parent
        )
    announce(options, client, record)


@dataset.command("verify")
@click.argument("target", metavar="OWNER/SLUG|DATASET.json")
@click.pass_obj
def verify(options: GlobalOptions, target: str) -> None:
    """Check every byte of a dataset, on the hub or in a folder."""
    loaded = _load_verified(target, options)
    rows, columns = loaded.size()
    if options.json:
        write_json({"target": target, "verified": True, **_checksum(loaded)})
    else:
        [(name, checksum)] = _checksum(loaded).items()
        label = "md5sum" if name == "md5sum" else "manifest md5sum"
        write_fields({"verified": target, label: checksum, "rows": rows, "columns": columns})


def _checksum(loaded: DatasetV1 | DatasetV2) -> dict[str, str | None]:
    """Return the checksum of a dataset under the name it has."""
    if loaded.version == 1:
        return {"md5sum": cast("DatasetV1", loaded).md5sum}
    return {"zarrManifestMd5Sum": cast("DatasetV2", loaded).zarr_manifest_md5sum}


def _load_file(path: str) -> DatasetV1 | DatasetV2:
    from polaris.hub.artifacts.dataset import DatasetV1
    from polaris.hub.artifacts.dataset_v2 import DatasetV2
    from polaris.hub.local_services import local_services, wait

    load = local_services().load_dataset
    return wait(load(path, verify_checksum=True, cls=DatasetV1, cls_v2=DatasetV2))


def _load_verified(target: str, options: GlobalOptions) -> DatasetV1 | DatasetV2:
    if target.endswith(".json"):
        return _load_file(target)
    try:
        ref = ArtifactRef.parse(_KIND, target)
    except InvalidNameError as cause:
        raise InvalidNameError(
            f"{target!r} is neither the id of a dataset nor its document",
            hint="Write owner/slug, or the path of the .json file that is in the folder.",
        ) from cause
    with open_hub(options) as client:
        return client.get_dataset(ref.owner, ref.slug, verify_checksum=True)
