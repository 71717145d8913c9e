"""The predictions that are kept with results: where they lie, and reading them verified."""

from __future__ import annotations

import asyncio

from polaris.application.fetch_dataset import verify_document
from polaris.application.layout import EXAMPLES, MANIFEST
from polaris.application.publish import parcel_of_bytes
from polaris.application.transfer import Parcel
from polaris.application.verification import check_bytes
from polaris.codec.examples import decode_examples, encode_examples
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.examples import Examples
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import PolarisChecksumError
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import Read, ReadObjects

__all__ = ["examples_beside", "examples_parcels", "read_published_examples"]


def examples_beside(document_key: str) -> str:
    """Return the name of the file of predictions beside a JSON document of results."""
    return document_key.removesuffix(".json") + ".examples.parquet"


async def examples_parcels(results: BenchmarkResultsV1) -> list[Parcel]:
    """Return the objects that are published with results: their predictions, where kept.

    Raises:
        InvalidResultError: The predictions are something that a file cannot hold.
    """
    if results.examples is None:
        return []
    data = await asyncio.to_thread(encode_examples, results.examples)
    return [parcel_of_bytes(EXAMPLES, data)]


async def read_published_examples(record: ArtifactRecord, store: ReadObjects) -> Examples | None:
    """Return the predictions of published results; None where they were not kept.

    Raises:
        PolarisChecksumError: Document or predictions differ from what was published.
        DamagedFileError: The predictions cannot be decoded.
    """
    [sums, data] = await store.get([Read(MANIFEST), Read(EXAMPLES)])
    # Results without objects have no manifest; their revision is that of an empty one.
    text = "" if sums is None else sums.decode("utf-8", "replace")
    manifest = Sha256Manifest.parse(text)
    verify_document(record, manifest)
    expected = manifest.entries.get(EXAMPLES)
    if expected is None:
        return None
    what = f"The file of predictions of the {record.ref}"
    if data is None:
        raise PolarisChecksumError(
            f"{what} is missing from the hub", hint="Publish the results again."
        )
    check_bytes(data, expected=expected, what=what)
    return await asyncio.to_thread(decode_examples, data, source=what)
