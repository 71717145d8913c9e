"""Publishing a competition, and loading one."""

from __future__ import annotations

import contextlib
import copy
from typing import TypeVar

import attrs

from polaris.application.fetch_dataset import published_manifest
from polaris.application.layout import ARCHIVE
from polaris.application.mask_targets import mask_targets
from polaris.application.open_dataset_v2 import OpenDatasetV2
from polaris.application.publish import Publish, parse_access, parse_if_exists, require_kind
from polaris.application.shown_targets import refuse_shown
from polaris.application.transfer import Parcel, load_parcels
from polaris.application.verification import parse_strategy
from polaris.application.versions import as_next_version
from polaris.codec.documents import to_document
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.metrics.registry import METRICS
from polaris.domain.task_types import TargetType
from polaris.errors import (
    ArtifactNotFoundError,
    InvalidCompetitionError,
    InvalidDatasetError,
    InvalidInputError,
    Problem,
    StorageError,
)
from polaris.ports.archives import ArchivePort
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository, Publication
from polaris.ports.hidden_targets import TargetDeposit
from polaris.ports.progress import ProgressPort

__all__ = ["FetchCompetition", "PublishCompetition"]

CompetitionT = TypeVar("CompetitionT", bound=CompetitionSpecification)


@attrs.frozen
class PublishCompetition:
    """Publishes a competition: its archive with the test targets masked, the true ones apart.

    Attributes:
        publish: Publishes what everybody may see.
        deposit: Takes in the true targets.
        archives: Opens Zarr archives.
    """

    publish: Publish
    deposit: TargetDeposit
    archives: ArchivePort

    async def __call__(
        self,
        competition: CompetitionSpecification,
        *,
        access: str = "private",
        owner: str | HubOwner | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
    ) -> ArtifactRecord:
        """Publish a competition and return what the hub now holds.

        The true targets are in the hub's hidden area before the competition becomes visible.

        Args:
            competition: The competition; it needs a name, a license and a metric.
            access: ``public`` or ``private``.
            owner: Takes precedence over the competition's own.
            if_exists: ``raise`` refuses if the competition is there; otherwise a new revision
                replaces it.
            parent_artifact_id: The competition that this is a new version of.

        Raises:
            InvalidCompetitionError: Owner, name, license or metric is missing, or the archive
                cannot be split; reported together. Or a test target is on the hub already.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the competition is there.
        """
        require_kind(competition, CompetitionSpecification, "a competition")
        parsed_access, conflict = parse_access(access), parse_if_exists(if_exists)
        ref = _checked_ref(competition, owner)
        await self._refuse_shown(competition, ref, parent_artifact_id)
        parts = await mask_targets(
            competition, archives=self.archives, progress=self.publish.progress
        )
        announced = copy.copy(competition)
        announced.owner = HubOwner(ref.owner)
        announced.zarr_manifest_md5sum = parts.manifest_md5sum
        announced = await as_next_version(
            self.publish.artifacts, announced, ref, parent_artifact_id
        )

        async def hide(publication: Publication) -> None:
            await self._hide(publication, parts.hidden)

        return await self.publish(
            ref,
            to_document(announced),
            parts.public,
            access=parsed_access,
            if_exists=conflict,
            before_commit=hide,
        )

    async def _refuse_shown(
        self, competition: CompetitionSpecification, ref: ArtifactRef, parent: str | None
    ) -> None:
        refs = {ref} if parent is None else {ref, ArtifactRef.parse(ref.kind, parent)}
        publish = self.publish
        fetch = FetchCompetition(
            publish.artifacts, publish.storage, self.archives, publish.progress
        )
        for known in refs:
            try:
                record = await publish.artifacts.get(known)
            except ArtifactNotFoundError:
                continue
            # What is damaged nobody can read; publishing again may be what repairs it.
            try:
                earlier = await fetch.of_record(
                    record, verify_checksum="ignore", cls=CompetitionSpecification
                )
            except (StorageError, InvalidInputError):
                continue
            with contextlib.suppress(StorageError, InvalidDatasetError):
                await refuse_shown(competition, earlier)

    async def _hide(self, publication: Publication, parcels: tuple[Parcel, ...]) -> None:
        # The manifest comes last: where it is, all the rest is.
        *objects, seal = parcels
        async for writes in load_parcels(objects):
            await self.deposit.deposit(publication.location, writes)
        async for writes in load_parcels([seal]):
            await self.deposit.deposit(publication.location, writes)


@attrs.frozen
class FetchCompetition:
    """Loads a competition; its archive stays where it is and is read when needed.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects.
        archives: Opens Zarr archives.
        progress: Shows how far checking has come.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    archives: ArchivePort
    progress: ProgressPort

    async def __call__(
        self,
        artifact_id: str,
        *,
        verify_checksum: bool | str = True,
        cls: type[CompetitionT],
    ) -> CompetitionT:
        """Load a competition.

        Args:
            artifact_id: ``owner/slug``, or its URN.
            verify_checksum: As in `FetchDataset`.
            cls: The class to construct.

        Raises:
            ArtifactNotFoundError: The hub has no such competition.
            PolarisChecksumError: Something differs from what was published.
        """
        parse_strategy(verify_checksum)
        ref = ArtifactRef.parse(ArtifactKind.COMPETITION, artifact_id)
        return await self.of_record(
            await self.artifacts.get(ref), verify_checksum=verify_checksum, cls=cls
        )

    async def of_record(
        self, record: ArtifactRecord, *, verify_checksum: bool | str, cls: type[CompetitionT]
    ) -> CompetitionT:
        """Load the revision of a competition that a record tells of; errors as above."""
        strategy = parse_strategy(verify_checksum)
        store = await self.storage.open(record.location)
        manifest: Sha256Manifest | None = None
        if strategy != "ignore":
            manifest = await published_manifest(record, store)
        return await OpenDatasetV2(self.archives, self.progress)(
            record.document,
            store,
            ARCHIVE,
            location=ARCHIVE,
            manifest=manifest,
            strategy=strategy,
            what=record.ref.artifact_id,
            cls=cls,
        )


def _checked_ref(
    competition: CompetitionSpecification, owner: str | HubOwner | None
) -> ArtifactRef:
    problems: list[Problem] = []
    ref: ArtifactRef | None = None
    try:
        ref = competition.ref(owner)
    except InvalidCompetitionError as error:
        problems += error.problems
    if competition.license is None:
        problems.append(Problem("license", "is required to publish", "Set competition.license."))
    if not competition.metrics:
        hint = "Name at least one, by which the hub scores what is submitted."
        problems.append(Problem("metrics", "are required to publish", hint))
    for metric in competition.metrics:
        if METRICS[metric.label].target_types == {TargetType.DOCKING}:
            # Nobody could take part: what is submitted to a competition is a document.
            message = f"{metric.name} judges molecules, which cannot be submitted to a competition"
            hint = "Publish a benchmark instead, or let a metric of numbers or classes judge."
            problems.append(Problem("metrics", message, hint))
    if competition.groups:
        hint = "Store one array a column."
        problems.append(Problem("zarr_root_path", f"has groups: {competition.groups}", hint))
    if problems or ref is None:
        raise InvalidCompetitionError(problems=problems)
    return ref
