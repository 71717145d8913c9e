"""From the bodies that released clients send to what our domain's constructors take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from polaris.application.native_wire.fields import Fields
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.split_v2 import UNNAMED_SPLIT
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import Access
from polaris_adapters.hub_server.released.announced import Announced

__all__ = ["access_of", "announced_document", "announced_splits", "plain_document", "subject_of"]

# What is said of the upload, not of the artifact.
_ENVELOPE = (
    "access", "artifactId", "urn", "tableContent", "zarrContent", "zarrMd5SumManifest",
    "zarrManifestFileContent", "zarrManifestMd5Sum", "zarrRootPath", "md5Sum", "parentArtifactId",
    "datasetZarrRoot", "version",
)  # fmt: skip
_SUBJECTS = {
    ArtifactKind.BENCHMARK: (ArtifactKind.DATASET, "datasetArtifactId"),
    ArtifactKind.RESULT: (ArtifactKind.BENCHMARK, "benchmarkArtifactId"),
    ArtifactKind.PREDICTION: (ArtifactKind.BENCHMARK, "benchmarkArtifactId"),
    ArtifactKind.COMPETITION_PREDICTION: (ArtifactKind.COMPETITION, "competitionArtifactId"),
}


def plain_document(ref: ArtifactRef, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of an artifact, under the name that the hub knows it by."""
    said = {key: value for key, value in body.items() if key not in _ENVELOPE}
    return said | {"owner": ref.owner, "slug": ref.slug}


def announced_document(announced: Announced) -> dict[str, Any]:
    """Return what an announcement says of its artifact."""
    return plain_document(announced.ref, announced.body)


def announced_splits(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the one split of an announcement in canonical form."""
    split = body["split"]
    return {
        UNNAMED_SPLIT: {
            part: {**split[part], "filePath": f"splits/0/{part}.roaring"}
            for part in ("training", "test")
        }
    }


def access_of(body: Fields, unsaid: Access) -> Access:
    """Return who may see what is sent; clients since 0.13 do not say."""
    found = body.optional_text("access")
    if found is None:
        return unsaid
    if found not in ("public", "private"):
        raise body.wrong("access", "public or private")
    return cast("Access", found)


def subject_of(body: Mapping[str, Any], ref: ArtifactRef) -> ArtifactRef:
    """Return the artifact that a body is about.

    Raises:
        InvalidInputError: It does not say.
    """
    kind, name = _SUBJECTS[ref.kind]
    found = body.get(name)
    if not isinstance(found, str):
        old_owner, old_name = body.get("benchmarkOwner"), body.get("benchmarkName")
        if isinstance(old_owner, Mapping) and kind is ArtifactKind.BENCHMARK:
            return ArtifactRef.of(kind, str(old_owner.get("slug")), str(old_name))
        raise InvalidInputError(f"{name} is missing", hint="Send owner/slug of what it is about.")
    return ArtifactRef.parse(kind, found)
