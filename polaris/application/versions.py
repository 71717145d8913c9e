"""Publishing an artifact as a new version of one that is on the hub."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from polaris.codec.documents import to_document
from polaris.domain.artifact import VersionedArtifact
from polaris.domain.identity import ArtifactRef
from polaris.errors import ArtifactNotFoundError, PolarisCreateArtifactError
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository

__all__ = ["as_next_version"]

VersionedT = TypeVar("VersionedT", bound=VersionedArtifact)


async def as_next_version(
    artifacts: ArtifactRepository,
    announced: VersionedT,
    ref: ArtifactRef,
    parent_artifact_id: str | None,
    *,
    noted: Mapping[str, Any] = MappingProxyType({}),
) -> VersionedT:
    """Return an artifact as the version that follows a published one.

    The parent may be the artifact that is about to be replaced, or another one of the same kind,
    which then stays as it is. Publishing the same once more gives the same version.

    Args:
        artifacts: The hub's catalogue.
        announced: The artifact, with its owner; it is not changed.
        ref: Where it is going to be published.
        parent_artifact_id: Id of the version before, ``owner/slug``; None for no such.
        noted: What its document is going to say beside what the artifact says of itself.

    Returns:
        ``announced`` itself where there is no parent, otherwise a copy with the parent's
        ``artifact_version`` plus one and ``parent_artifact_id``.

    Raises:
        InvalidNameError: The id is not one.
        PolarisCreateArtifactError: The parent is not on the hub.
    """
    if parent_artifact_id is None:
        return announced
    parent = ArtifactRef.parse(ref.kind, parent_artifact_id)
    try:
        record = await artifacts.get(parent)
    except ArtifactNotFoundError as cause:
        raise PolarisCreateArtifactError(
            f"The {parent}, of which this is to be a new version, is not on the hub",
            hint="Check parent_artifact_id, or publish without one.",
        ) from cause
    number = record.document.get("artifactVersion") or 1
    same = _numbered(announced, number, parent)
    if parent == ref and _says_the_same(same, record, noted):
        return same
    return _numbered(announced, number + 1, parent)


def _numbered(artifact: VersionedT, number: int, parent: ArtifactRef) -> VersionedT:
    numbered = copy.copy(artifact)
    numbered.parent_artifact_id = parent.artifact_id
    # Not by assignment: users must not renumber what they hold.
    object.__setattr__(numbered, "artifact_version", number)
    return numbered


def _says_the_same(
    artifact: VersionedArtifact, record: ArtifactRecord, noted: Mapping[str, Any]
) -> bool:
    """Return whether this very version is on the hub, put there by an upload before this one."""
    return {**to_document(artifact), **noted} == record.document
