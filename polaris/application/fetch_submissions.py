"""Loading predictions that were submitted, and what the hub made of them."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import attrs

from polaris.application.fetch_dataset import verify_document, verifying
from polaris.application.layout import PREDICTIONS
from polaris.application.predictions_archive import read_predictions
from polaris.codec.competitions import (
    competition_results_from_document,
    submission_from_document,
)
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.results import CompetitionResults
from polaris.domain.submissions import BenchmarkPredictionsV2
from polaris.ports.archives import ArchivePort
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository

__all__ = ["FetchCompetitionResults", "FetchPredictions"]

PredictionsT = TypeVar("PredictionsT", bound=BenchmarkPredictionsV2)
ResultsT = TypeVar("ResultsT", bound=CompetitionResults)
_NO_OBJECTS = Sha256Manifest.of({})


@attrs.frozen
class FetchPredictions:
    """Loads predictions for a benchmark.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects.
        archives: Opens Zarr archives.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    archives: ArchivePort

    async def __call__(self, artifact_id: str, *, cls: type[PredictionsT]) -> PredictionsT:
        """Load predictions, checked.

        Raises:
            ArtifactNotFoundError: The hub has no such predictions.
            PolarisChecksumError: They are not what was submitted.
        """
        record = await self.artifacts.get(ArtifactRef.parse(ArtifactKind.PREDICTION, artifact_id))
        store = await self.storage.open(record.location)
        predictions = await read_predictions(
            self.archives,
            await verifying(record, store),
            PREDICTIONS,
            test_set_labels=list(record.document.get("testSetLabels") or []),
            target_labels=list(record.document.get("targetLabels") or []),
        )
        return await asyncio.to_thread(
            submission_from_document, record.document, cls, predictions=predictions
        )


@attrs.frozen
class FetchCompetitionResults:
    """Loads the scores of a submission to a competition.

    Attributes:
        artifacts: The hub's catalogue.
    """

    artifacts: ArtifactRepository

    async def __call__(self, artifact_id: str, *, cls: type[ResultsT]) -> ResultsT:
        """Load results.

        Raises:
            ArtifactNotFoundError: The hub has no such results.
            PolarisChecksumError: The document differs from what was published.
        """
        ref = ArtifactRef.parse(ArtifactKind.COMPETITION_RESULT, artifact_id)
        record = await self.artifacts.get(ref)
        verify_document(record, _NO_OBJECTS)
        return competition_results_from_document(record.document, cls)
