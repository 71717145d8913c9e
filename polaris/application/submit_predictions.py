"""Submitting predictions, which the hub then scores."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import numpy as np

from polaris.application.predictions_archive import predictions_parcels
from polaris.application.publish import Publish, parse_access, parse_if_exists, require_kind
from polaris.codec.documents import to_document
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.submissions import BenchmarkPredictionsV2, CompetitionPredictions, Submission
from polaris.errors import (
    ArtifactNotFoundError,
    HubReplyError,
    InvalidPredictionsError,
    PolarisCreateArtifactError,
    Problem,
)
from polaris.ports.archives import ArchivePort
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.clock import Clock

__all__ = ["SubmitPredictions"]


@attrs.frozen
class SubmitPredictions:
    """Publishes predictions and has the hub score them.

    A submission is published and queued in one step. Submitting the same once more is no second
    submission; other predictions under the same name are.

    Attributes:
        publish: Publishes what is submitted.
        archives: Writes Zarr archives.
        clock: Tells whether a competition is open.
    """

    publish: Publish
    archives: ArchivePort
    clock: Clock

    async def to_competition(
        self,
        predictions: CompetitionPredictions,
        competition_artifact_id: str,
        *,
        access: str = "private",
    ) -> ArtifactRecord:
        """Submit to a competition and return what the hub now holds.

        Raises:
            InvalidPredictionsError: They do not fit the competition, or hold what is no number or
                text.
            PolarisCreateArtifactError: The hub has no such competition, or it is not open.
        """
        require_kind(predictions, CompetitionPredictions, "predictions for a competition")
        subject = ArtifactRef.parse(ArtifactKind.COMPETITION, competition_artifact_id)
        record = await self._subject(subject)
        self._refuse_if_closed(record)
        announced = copy.copy(predictions)
        announced.competition_artifact_id = subject.artifact_id
        _check_labels(announced, record.document)
        _check_plain(announced)
        return await self.publish(
            announced.ref(),
            to_document(announced),
            access=parse_access(access),
            subject=subject,
            evaluate=True,
        )

    async def to_benchmark(
        self,
        predictions: BenchmarkPredictionsV2,
        *,
        access: str = "private",
        owner: str | HubOwner | None = None,
        if_exists: str = "replace",
    ) -> ArtifactRecord:
        """Submit for a benchmark and return what the hub now holds.

        Raises:
            InvalidPredictionsError: They do not fit the benchmark, or cannot be stored.
            PolarisCreateArtifactError: The hub has no such benchmark, or it has no metrics.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the submission is there.
        """
        require_kind(predictions, BenchmarkPredictionsV2, "predictions for a benchmark")
        parsed_access, conflict = parse_access(access), parse_if_exists(if_exists)
        subject = ArtifactRef.parse(ArtifactKind.BENCHMARK, predictions.benchmark_artifact_id)
        record = await self._subject(subject)
        _check_labels(predictions, record.document)
        ref = predictions.ref(owner)
        announced = copy.copy(predictions)
        announced.owner = HubOwner(ref.owner)
        md5sum, parcels = await predictions_parcels(announced, self.archives)
        document = to_document(announced) | {"zarrManifestMd5Sum": md5sum}
        return await self.publish(
            ref,
            document,
            parcels,
            access=parsed_access,
            if_exists=conflict,
            subject=subject,
            evaluate=True,
            told={"predictions": announced.as_lists()} if _is_all_plain(announced) else None,
        )

    async def _subject(self, ref: ArtifactRef) -> ArtifactRecord:
        try:
            record = await self.publish.artifacts.get(ref)
        except ArtifactNotFoundError as cause:
            raise PolarisCreateArtifactError(
                f"The {ref}, for which the predictions are, is not on the hub",
                hint="Check its id; listing shows what there is.",
            ) from cause
        if not record.document.get("metrics"):
            raise PolarisCreateArtifactError(
                f"The {ref} has no metrics, so the hub cannot score predictions for it",
                hint="Ask its owner to publish it with metrics.",
            )
        return record

    def _refuse_if_closed(self, record: ArtifactRecord) -> None:
        now = self.clock.now()
        start, end = _moment(record, "startTime"), _moment(record, "endTime")
        words = ""
        if start is not None and now < start:
            words = f"opens {start.isoformat()}"
        elif end is not None and now > end:
            words = f"closed {end.isoformat()}"
        if words:
            raise PolarisCreateArtifactError(
                f"The {record.ref} is not open: it {words}",
                hint="Submissions count between its start and its end only.",
            )


def _moment(record: ArtifactRecord, key: str) -> datetime | None:
    """Return a time of a competition; None where the hub does not tell, and decides by itself."""
    told = record.document.get(key)
    if told is None:
        return None
    try:
        found = datetime.fromisoformat(told)
    except (TypeError, ValueError) as cause:
        raise HubReplyError(
            f"The hub's {key} of the {record.ref} is no time: {told!r:.60}",
            hint="Ask the operators of the hub.",
        ) from cause
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _check_labels(predictions: Submission, document: Mapping[str, Any]) -> None:
    """Compare labels and sizes with those of what is predicted, as far as its document has them."""
    problems: list[Problem] = []
    targets = document.get("targetCols") or []
    if set(predictions.target_labels) != set(targets):
        message = f"{predictions.target_labels} are not the targets"
        problems.append(Problem("target_labels", message, f"They are {list(targets)}."))
    sizes = document.get("testSetSizes") or document.get("nTestDatapoints")
    if isinstance(sizes, Mapping):
        given = {test: predictions.test_set_sizes[test] for test in predictions.test_set_labels}
        if given != dict(sizes):
            message = f"{given} are not the sizes of the test sets"
            problems.append(Problem("test_set_sizes", message, f"They are {dict(sizes)}."))
    if problems:
        raise InvalidPredictionsError(problems=problems)


def _check_plain(predictions: Submission) -> None:
    """Refuse what a JSON document cannot hold, NaN included: no metric could judge it."""
    problems: list[Problem] = []
    for test, by_target in predictions.predictions.items():
        for target, values in by_target.items():
            if values.dtype.kind in "fiub":
                bad = values[~np.isfinite(values)].tolist()
            else:
                bad = [cell for cell in values.flat if not _is_plain(cell)]
            if bad:
                message = f"{len(bad)} predictions are no number or text, such as {bad[0]!r}"
                hint = "Give one finite number, truth value or text a row."
                problems.append(Problem(f"predictions.{test}.{target}", message, hint))
    if problems:
        raise InvalidPredictionsError(problems=problems)


def _is_all_plain(predictions: Submission) -> bool:
    return all(
        _is_plain(cell)
        for by_target in predictions.predictions.values()
        for values in by_target.values()
        for cell in values.flat
    )


def _is_plain(cell: Any) -> bool:
    if isinstance(cell, str | bool):
        return True
    try:
        return abs(float(cell)) < float("inf")
    except (TypeError, ValueError):
        return False
