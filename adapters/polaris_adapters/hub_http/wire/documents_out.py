"""From what is to be published to the bodies of requests that released hubs understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polaris.application.row_order import BENCHMARK_KEY, DATASET_KEY
from polaris.domain.identity import ArtifactKind
from polaris.domain.split_v2 import UNNAMED_SPLIT
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactDraft
from polaris.ports.storage import ObjectDigest

__all__ = ["body_of", "g1_body_of"]

_TABLE = "table.parquet"
_ARCHIVE = "data.zarr/"
_MANIFESTS = ("zarr_manifest.parquet",)
_ZARR_ROOT = "polarisfs://data.zarr"
# What our documents say that no released hub knows.
_OURS = (DATASET_KEY, BENCHMARK_KEY, "datasetZarrManifestMd5Sum")


def body_of(draft: ArtifactDraft) -> dict[str, Any]:
    """Return the body with which an artifact is announced to a hub of the newer generation.

    Raises:
        InvalidInputError: These hubs take no such artifact.
    """
    document = {key: value for key, value in draft.document.items() if key not in _OURS}
    kind, version = draft.ref.kind, document.get("version")
    announced: dict[str, Any] = {
        "access": draft.access,
        "parentArtifactId": document.pop("parentArtifactId", None),
    }
    if kind is ArtifactKind.DATASET and version == 1:
        files = _archive_files(draft.objects)
        document.pop("zarrRootPath", None)
        if files:
            announced["zarrRootPath"] = _ZARR_ROOT
        return (
            document
            | announced
            | {
                "tableContent": _table(draft.objects, "md5Sum"),
                "zarrContent": [{"path": p, "md5sum": d.md5, "size": d.size} for p, d in files],
                "zarrMd5SumManifest": [
                    {"path": p, "md5Sum": d.md5, "size": d.size} for p, d in files
                ],
            }
        )
    if kind is ArtifactKind.DATASET:
        return document | announced | _manifest(draft)
    if kind is ArtifactKind.BENCHMARK and version == 1:
        return document | announced
    if kind is ArtifactKind.BENCHMARK:
        split = _one_split(document)
        return document | announced | split
    if kind is ArtifactKind.MODEL:
        return document | announced
    if kind is ArtifactKind.RESULT:
        # Both versions of results say that they are of version 1; those on a benchmark of version 2
        # are known by their model.
        return document | {"version": 1, "access": draft.access}
    if kind is ArtifactKind.PREDICTION:
        document.pop("zarrManifestMd5Sum", None)
        predictions = draft.told.get("predictions")
        inline = {} if predictions is None else {"predictions": predictions}
        return document | _manifest(draft) | inline
    if kind is ArtifactKind.COMPETITION_PREDICTION:
        return document
    raise InvalidInputError(
        f"A hub of this kind takes no {kind}", hint="Publish it on a hub of your own."
    )


def g1_body_of(draft: ArtifactDraft) -> dict[str, Any]:
    """Return the body with which an artifact is announced to a hub of the older generation.

    Raises:
        InvalidInputError: These hubs take no such artifact.
    """
    document = {key: value for key, value in draft.document.items() if key not in _OURS}
    kind = draft.ref.kind
    if document.get("version", 1) != 1 or kind not in _G1_KINDS:
        raise InvalidInputError(
            f"A hub of this kind takes no {kind} of version {document.get('version')}",
            hint="Publish it on a newer hub, or on one of your own.",
        )
    for key in _SINCE_G1:
        document.pop(key, None)
    document["access"] = draft.access
    if kind is ArtifactKind.DATASET:
        return document | {
            "md5Sum": draft.told.get("tableMd5Sum") or document.get("md5Sum"),
            "tableContent": _table(draft.objects, "md5sum"),
            "zarrRootPath": _ZARR_ROOT,
        }
    if kind is ArtifactKind.BENCHMARK:
        document["metrics"] = [_metric_name(metric) for metric in document.get("metrics", [])]
        return document
    owner, _, name = str(document.get("benchmarkArtifactId", "")).partition("/")
    document.setdefault("benchmarkName", name)
    document["benchmarkOwner"] = {"slug": owner}
    document.pop("results", None)
    renamed = {
        "githubUrl": document.pop("code_url", None),
        "paperUrl": document.pop("report_url", None),
    }
    given = {key: value for key, value in renamed.items() if value is not None}
    return document | given | {"results": draft.document.get("results", [])}


# What documents of those days did not have.
_SINCE_G1 = (
    "slug", "urn", "version", "parentArtifactId", "artifactVersion", "artifactChangelog",
    "testSetSizes", "testSetLabels",
)  # fmt: skip
_G1_KINDS = (ArtifactKind.DATASET, ArtifactKind.BENCHMARK, ArtifactKind.RESULT)


def _table(objects: Sequence[ObjectDigest], md5_key: str) -> dict[str, Any]:
    [table] = [found for found in objects if found.key == _TABLE]
    return {"size": table.size, "fileType": "parquet", md5_key: table.md5}


def _archive_files(objects: Sequence[ObjectDigest]) -> list[tuple[str, ObjectDigest]]:
    return sorted(
        (found.key.removeprefix(_ARCHIVE), found)
        for found in objects
        if found.key.startswith(_ARCHIVE)
    )


def _manifest(draft: ArtifactDraft) -> dict[str, Any]:
    """Return what names the manifest of an archive: the MD5 of its file."""
    sums = [found.md5 for found in draft.objects if found.key in _MANIFESTS]
    return {"zarrManifestFileContent": {"md5Sum": sums[0]}} if sums else {}


def _one_split(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a document says of its splits in the shape of hubs that know one, unnamed.

    The keys that have no place there are taken out of the document.
    """
    splits = document.get("split", {})
    if list(splits) != [UNNAMED_SPLIT]:
        raise InvalidInputError(
            f"A hub of this kind takes benchmarks of one split, named {UNNAMED_SPLIT!r}, not of "
            f"{len(splits)}: {', '.join(map(repr, splits)):.200}",
            hint="Publish a benchmark a split, or use a hub of your own.",
        )
    [parts] = splits.values()
    for key in ("nSplits", "splitLabels", "maxIndex"):
        document.pop(key, None)
    test = {UNNAMED_SPLIT: parts["test"]["datapoints"]}
    return {
        "split": {
            part: {key: value for key, value in parts[part].items() if key != "filePath"}
            for part in ("training", "test")
        },
        "nTrainDatapoints": parts["training"]["datapoints"],
        "nTestDatapoints": test,
        "testSetSizes": test,
        "testSetLabels": [UNNAMED_SPLIT],
        "nTestSets": 1,
    }


def _metric_name(metric: Any) -> Any:
    """Return a metric as the older wire has it: its name alone.

    Raises:
        InvalidInputError: It is grouped, which cannot be said there.
    """
    if not isinstance(metric, Mapping):
        return metric
    if metric.get("config"):
        raise InvalidInputError(
            f"A hub of this kind takes no grouped metric ({metric.get('name')})",
            hint="Publish the benchmark on a newer hub, or on one of your own.",
        )
    return metric.get("label")
