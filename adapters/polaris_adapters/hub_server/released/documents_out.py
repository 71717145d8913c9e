"""From our canonical documents to what released clients read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import attrs

from polaris.application.layout import ARCHIVE, TABLE
from polaris.codec.benchmark_v2 import announced_splits
from polaris.domain.identity import ArtifactKind
from polaris.domain.split_v2 import UNNAMED_SPLIT
from polaris.errors import PolarisRetrieveArtifactError
from polaris.ports.artifacts import ArtifactRecord
from polaris_adapters.hub_server.replies import Refused

__all__ = ["BenchmarkShape", "Reader", "entry_of", "reply_of", "version_of"]

BenchmarkShape = Literal["0.13", "head"]

_ZARR_ROOT = "polarisfs://data.zarr"
# Manifests of archives are compared by nobody who reads; where things lie is told anew.
_LEFT_OUT = ("zarrRootPath", "split", "owner", "datasetZarrManifestMd5Sum")


@attrs.frozen
class Reader:
    """Who reads, as far as it matters for what is told.

    Attributes:
        address: Makes the public address of an object, or of a folder; None where the artifact
            has none, since it is private.
        table_address: The oldest generation's address of the table.
        shape: How benchmarks of version 2 tell their splits.
        is_oldest: Whether the client is of the oldest generation: it compares checksums of tables
            alone, and knows metrics by name only.
    """

    address: Callable[[str], str] | None
    table_address: str
    shape: BenchmarkShape = "0.13"
    is_oldest: bool = False


def version_of(record: ArtifactRecord) -> int:
    """Return the version of the model of an artifact."""
    return 2 if record.document.get("version") == 2 else 1


def entry_of(record: ArtifactRecord) -> dict[str, Any]:
    """Return an artifact as an entry of a list."""
    return {
        "artifactId": record.ref.artifact_id,
        "owner": {"slug": record.ref.owner},
        "name": record.document.get("name") or record.ref.slug,
        "slug": record.ref.slug,
        "access": record.access,
        "createdAt": record.created_at.isoformat(),
        "updatedAt": record.updated_at.isoformat(),
    }


def reply_of(record: ArtifactRecord, reader: Reader) -> dict[str, Any]:
    """Return an artifact as released clients read it.

    Raises:
        Refused: It is one that the client could not understand.
    """
    document = {k: v for k, v in record.document.items() if v is not None and k not in _LEFT_OUT}
    document |= entry_of(record)
    kind, version = record.ref.kind, version_of(record)
    if kind is ArtifactKind.DATASET and version == 1:
        return document | _table(record, reader)
    if kind is ArtifactKind.DATASET:
        return document | _archive(reader)
    if kind is ArtifactKind.COMPETITION:
        # 0.13 takes no competition without these, though it computes nothing with them.
        told = {"metrics": [], "mainMetric": None} | document
        return told | {"split": record.document.get("split")} | _archive(reader)
    if kind is ArtifactKind.BENCHMARK:
        document["dataset"] = _dataset(record)
        if version == 1:
            document["split"] = record.document.get("split")
            if reader.is_oldest:
                document["metrics"] = [_metric_name(m) for m in document.get("metrics", [])]
                document["split"] = _unnamed(document["split"])
            return document
        return {"nClasses": {}} | document | {"split": _splits(record, reader)}
    return document


def _table(record: ArtifactRecord, reader: Reader) -> dict[str, Any]:
    uses_zarr = record.document.get("zarrRootPath") is not None
    told: dict[str, Any] = {}
    if reader.is_oldest or reader.address is not None:
        # Later clients of private artifacts would take it for an address without a token.
        told["tableContent"] = {"url": reader.table_address}
    if uses_zarr:
        told["zarrRootPath"] = _ZARR_ROOT
    if uses_zarr and reader.is_oldest:
        # Its own is of the table alone; ours covers the archive too.
        told["md5Sum"] = None
    if reader.address is not None:
        told["root"] = reader.address(TABLE)
        if uses_zarr:
            told["extension"] = reader.address(ARCHIVE)
    return told


def _archive(reader: Reader) -> dict[str, Any]:
    return {} if reader.address is None else {"root": reader.address(ARCHIVE)}


def _dataset(record: ArtifactRecord) -> dict[str, Any]:
    found = record.subject
    artifact_id = found.artifact_id if found else str(record.document.get("datasetArtifactId"))
    owner, _, slug = artifact_id.partition("/")
    # The name goes into the path of the next call as it is; the slug is always good there.
    return {"artifactId": artifact_id, "owner": {"slug": owner}, "name": slug, "slug": slug}


def _splits(record: ArtifactRecord, reader: Reader) -> dict[str, Any]:
    splits = announced_splits(record.document, source=str(record.ref))
    told = {
        label: {
            part: {
                key: value
                for key, value in {
                    **said,
                    "filePath": reader.address(said["filePath"]) if reader.address else None,
                }.items()
                if value is not None
            }
            for part, said in parts.items()
        }
        for label, parts in splits.items()
    }
    if reader.shape == "head":
        return told
    if len(told) != 1:
        error = PolarisRetrieveArtifactError(
            f"The {record.ref} has {len(told)} splits; released clients up to 0.13 know one",
            hint="Read it with a newer client.",
        )
        # Not 404, after which they would look for it elsewhere.
        raise Refused(406, error)
    [parts] = told.values()
    return {part: said.get("filePath", said) for part, said in parts.items()}


def _unnamed(split: Any) -> Any:
    """Return a split of one test set without its name, which is how that generation knows it."""
    if isinstance(split, Sequence) and len(split) == 2 and isinstance(split[1], Mapping):
        train, tests = split
        if list(tests) == [UNNAMED_SPLIT]:
            return [train, tests[UNNAMED_SPLIT]]
    return split


def _metric_name(metric: Any) -> Any:
    return metric.get("label") if isinstance(metric, Mapping) else metric
