"""Noticing that a benchmark's dataset holds other rows at the positions which the benchmark names.

The checksums of the released clients do not see the order of rows. A dataset whose rows were put
into another order has the old checksum, and so has a benchmark on it, which then trains and tests
on other rows than its author chose. So documents say what the rows were, in their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from polaris.domain.checksums.table import table_checksums
from polaris.domain.dataset_v1 import DatasetV1
from polaris.errors import PolarisChecksumError

__all__ = ["BENCHMARK_KEY", "DATASET_KEY", "FILE_KEY", "refuse_other_rows", "rows_of"]

DATASET_KEY = "rowsSha256"
"""Where the document of a dataset says it."""

BENCHMARK_KEY = "datasetRowsSha256"
"""Where the document of a benchmark says it of its dataset."""

FILE_KEY = "dataset_rows_sha256"
"""Where the file of a benchmark says it."""


async def rows_of(dataset: DatasetV1) -> str:
    """Return the checksum of a table's rows in their order, 64 hex digits."""
    return (await asyncio.to_thread(table_checksums, dataset.table)).rows_sha256


async def refuse_other_rows(document: Mapping[str, Any], dataset: DatasetV1, *, what: str) -> None:
    """Compare the rows of a dataset with those that the document of a benchmark was made for.

    Args:
        document: The benchmark's; those of other clients do not say it, and are not compared.
        dataset: Its dataset, as it is now.
        what: The benchmark, for the error.

    Raises:
        PolarisChecksumError: They differ.
    """
    expected = document.get(BENCHMARK_KEY, document.get(FILE_KEY))
    if expected is not None and expected != await rows_of(dataset):
        raise PolarisChecksumError(
            f"The dataset of {what} has other rows, or has them in another order",
            hint="Its positions would name other rows than they did. Restore the dataset, or make "
            "the benchmark again; verify_checksum=False loads it all the same.",
        )
