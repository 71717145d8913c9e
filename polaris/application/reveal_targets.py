"""Laying open the hidden targets of a competition, for the worker that scores submissions."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polaris.application.layout import MANIFEST, TARGETS
from polaris.application.verification import VerifyingStorage
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.revealed_dataset import RevealedDataset
from polaris.domain.subset import Subset
from polaris.errors import DamagedFileError, StorageError
from polaris.ports.archives import ArchivePort
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.hidden_targets import HiddenTargets
from polaris.ports.storage import Read

__all__ = ["reveal_targets"]


async def reveal_targets(
    hidden: HiddenTargets,
    archives: ArchivePort,
    record: ArtifactRecord,
    competition: CompetitionSpecification,
) -> dict[str, Subset]:
    """Return the test sets of a competition with their true targets, which are read now.

    Args:
        hidden: The hub's hidden area.
        archives: Opens Zarr archives.
        record: The competition in the catalogue.
        competition: The same, loaded.

    Raises:
        StorageError: The targets are damaged, or cannot be read now. What it says is one of two
            fixed sentences: what libraries say may hold a target, or a checksum of some.
    """
    rows = competition.test_rows
    try:
        truth = await _truth(hidden, archives, record, competition, rows)
    except Exception as cause:
        if isinstance(cause, StorageError) and not isinstance(cause, DamagedFileError):
            raise StorageError(
                "The hub could not read the test targets of the competition",
                hint="It will try again.",
            ) from cause
        raise DamagedFileError(
            "The hub has lost the test targets of the competition, or they are damaged",
            hint="The organiser has to publish the competition again.",
        ) from cause
    revealed = RevealedDataset(competition, rows, truth)
    return {
        name: Subset(revealed, part, competition.input_cols, competition.target_cols)
        for name, part in competition.split.tests.items()
    }


async def _truth(
    hidden: HiddenTargets,
    archives: ArchivePort,
    record: ArtifactRecord,
    competition: CompetitionSpecification,
    rows: NDArray[np.int64],
) -> dict[str, NDArray[Any]]:
    store = await hidden.reveal(record.location)
    [data] = await store.get([Read(MANIFEST)])
    if data is None:
        raise DamagedFileError("There is no manifest", hint="")
    manifest = Sha256Manifest.parse(data.decode("utf-8", "replace"))
    checked = VerifyingStorage(store, manifest, "the test targets")
    source = archives.source(checked, TARGETS)
    adapters = {
        column: adapter
        for column, adapter in competition.default_adapters.items()
        if column in competition.target_cols
    }

    def read() -> dict[str, NDArray[Any]]:
        dataset = DatasetV2(archive=source, default_adapters=adapters)
        return {column: dataset.read_column(column, rows) for column in competition.target_cols}

    return await asyncio.to_thread(read)
