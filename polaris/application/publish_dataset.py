"""Publishing a dataset."""

from __future__ import annotations

import copy

import attrs

from polaris.application.dataset_parts import DatasetParts, dataset_parts, note_checksum
from polaris.application.layout import ARCHIVE, MANIFEST
from polaris.application.publish import Publish, parse_access, parse_if_exists, require_kind
from polaris.application.row_order import DATASET_KEY
from polaris.application.verification import below_folder
from polaris.application.versions import as_next_version
from polaris.codec.documents import to_document
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.identity import ArtifactRef, HubOwner
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidDatasetError,
    ObjectExistsError,
    Problem,
)
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import IfExists, Read

__all__ = ["PublishDataset"]


@attrs.frozen
class PublishDataset:
    """Publishes a dataset: its table, its archive and its document, in one commit."""

    publish: Publish

    async def __call__(
        self,
        dataset: DatasetV1 | DatasetV2,
        *,
        access: str = "private",
        owner: str | HubOwner | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
    ) -> ArtifactRecord:
        """Publish a dataset and return what the hub now holds.

        Args:
            dataset: The dataset; it needs a name and a license.
            access: ``public`` or ``private``.
            owner: Takes precedence over the dataset's own.
            if_exists: ``raise`` refuses if the dataset is there; ``replace`` publishes a new
                revision; ``skip`` does so too but never alters a file of the archive that is there.
            parent_artifact_id: The dataset that this is a new version of.

        Raises:
            InvalidDatasetError: Owner, name or license is missing, or the archive has groups as
                columns, which hubs no longer take; reported together.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the dataset is there.
            ObjectExistsError: ``if_exists`` is ``skip`` and a file of the archive would change.
        """
        require_kind(dataset, (DatasetV1, DatasetV2), "a dataset")
        if isinstance(dataset, CompetitionSpecification):
            # It is a dataset too, but as one it would show the targets of its test rows.
            require_kind(dataset, (), "a dataset")
        parsed_access, conflict = parse_access(access), parse_if_exists(if_exists)
        ref = _checked_ref(dataset, owner)
        if conflict is IfExists.RAISE:
            await self._refuse_if_there(ref)
        parts = await dataset_parts(dataset, progress=self.publish.progress)
        if conflict is IfExists.SKIP:
            await self._refuse_changed_files(ref, parts)
        announced = copy.copy(dataset)
        announced.owner = HubOwner(ref.owner)
        note_checksum(announced, parts.md5sum)
        noted = {} if parts.rows_sha256 is None else {DATASET_KEY: parts.rows_sha256}
        announced = await as_next_version(
            self.publish.artifacts, announced, ref, parent_artifact_id, noted=noted
        )
        return await self.publish(
            ref,
            to_document(announced) | noted,
            parts.parcels,
            access=parsed_access,
            if_exists=conflict,
            told={"tableMd5Sum": parts.table_md5sum},
        )

    async def _refuse_if_there(self, ref: ArtifactRef) -> None:
        """Fail before an archive is read for nothing; `begin` decides for good."""
        try:
            await self.publish.artifacts.get(ref)
        except ArtifactNotFoundError:
            return
        raise ArtifactExistsError(
            f"The {ref} is on the hub already",
            hint="Choose another name, or if_exists='replace'.",
        )

    async def _refuse_changed_files(self, ref: ArtifactRef, parts: DatasetParts) -> None:
        try:
            record = await self.publish.artifacts.get(ref)
        except ArtifactNotFoundError:
            return
        store = await self.publish.storage.open(record.location)
        [data] = await store.get([Read(MANIFEST)])
        there = {} if data is None else below_folder(_manifest(data), ARCHIVE)
        new = parts.archive_keys()
        changed = sorted(k for k in there.keys() & new.keys() if there[k] != new[k])
        if changed:
            raise ObjectExistsError(
                f"{len(changed)} files of the archive of {ref} would change, such as {changed[0]}",
                hint="Use if_exists='replace' to publish the new content.",
                keys=changed,
            )


def _manifest(data: bytes) -> Sha256Manifest:
    return Sha256Manifest.parse(data.decode())


def _checked_ref(dataset: DatasetV1 | DatasetV2, owner: str | HubOwner | None) -> ArtifactRef:
    problems: list[Problem] = []
    ref: ArtifactRef | None = None
    try:
        ref = dataset.ref(owner)
    except InvalidDatasetError as error:
        problems += error.problems
    if dataset.license is None:
        problems.append(Problem("license", "is required to publish", "Set dataset.license."))
    if isinstance(dataset, DatasetV2) and dataset.groups:
        message = f"the archive of a dataset can't have any subgroups. Found {dataset.groups}"
        hint = "Store one array a column: write_archive makes such archives."
        problems.append(Problem("zarr_root_path", message, hint))
    if problems or ref is None:
        raise InvalidDatasetError(problems=problems)
    return ref
