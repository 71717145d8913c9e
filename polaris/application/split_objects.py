"""The bitmaps of a benchmark's splits, as objects of a hub."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from polaris.application.publish import parcel_of_bytes
from polaris.application.transfer import Parcel
from polaris.application.verification import check_bytes
from polaris.codec.benchmark_v2 import announced_splits, published_bitmaps
from polaris.codec.index_sets import check_index_set
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.index_set import IndexSet
from polaris.domain.split_v2 import SplitV2
from polaris.errors import DamagedFileError, InvalidInputError, ObjectNotFoundError
from polaris.ports.storage import Read, StoragePort

__all__ = ["bitmap_parcels", "fetch_splits"]


def bitmap_parcels(benchmark: BenchmarkV2Specification) -> list[Parcel]:
    """Return the objects that have to be stored to keep a benchmark."""
    return [parcel_of_bytes(key, part.serialize()) for key, part in published_bitmaps(benchmark)]


async def fetch_splits(
    document: Mapping[str, Any],
    store: StoragePort,
    manifest: Sha256Manifest | None,
    *,
    what: str,
) -> dict[str, SplitV2]:
    """Read the splits of a benchmark.

    Args:
        document: Says where the bitmaps lie.
        store: Holds them.
        manifest: Their sha256; None to check nothing.
        what: Names the benchmark in errors.

    Raises:
        ObjectNotFoundError: A bitmap is missing.
        DamagedFileError: A bitmap cannot be decoded, or the document does not tell where it is.
        PolarisChecksumError: A bitmap differs from what was published.
        InvalidBenchmarkError: The sets of a split break a rule.
    """
    announced = announced_splits(document, source=what)
    places = [part["filePath"] for parts in announced.values() for part in parts.values()]
    found = dict(zip(places, await store.get([Read(key) for key in places]), strict=True))

    def decoded() -> dict[str, SplitV2]:
        return {
            label: SplitV2(
                **{
                    part: _index_set(place, found, manifest, f"{part} of split {label!r} of {what}")
                    for part, place in parts.items()
                }
            )
            for label, parts in announced.items()
        }

    return await asyncio.to_thread(decoded)


def _index_set(
    place: Mapping[str, Any],
    found: Mapping[str, bytes | None],
    manifest: Sha256Manifest | None,
    what: str,
) -> IndexSet:
    key = place["filePath"]
    data = found[key]
    if data is None:
        raise ObjectNotFoundError(
            f"The bitmap of {what} is missing from the hub",
            hint="The hub has lost a file; publish the benchmark again or restore a backup.",
        )
    if manifest is not None:
        # What the manifest does not name was not published with it.
        check_bytes(data, expected=manifest.entries.get(key, ""), what=f"The bitmap of {what}")
    try:
        indices = IndexSet.deserialize(data)
    except InvalidInputError as cause:
        raise DamagedFileError(
            f"The bitmap of {what} cannot be decoded: {cause.message}",
            hint="Publish the benchmark again.",
        ) from cause
    if manifest is not None:
        check_index_set(indices, place, what=what)
    return indices
