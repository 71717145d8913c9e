"""Versions and tombstones as JSON, and back."""

from __future__ import annotations

from typing import Any

from polaris.application.native_wire.fields import Fields, check_revision
from polaris.application.native_wire.records import access_from_json, ref_from_json
from polaris.ports.artifact_history import ArtifactVersion, Tombstone, TombstonePage, VersionPage

__all__ = [
    "tombstone_from_json",
    "tombstone_page_from_json",
    "tombstone_to_json",
    "version_page_from_json",
    "version_to_json",
]


def version_to_json(version: ArtifactVersion) -> dict[str, Any]:
    """Return a version as JSON."""
    return {
        "kind": version.ref.kind.value,
        "owner": version.ref.owner,
        "slug": version.ref.slug,
        "number": version.number,
        "revision": version.revision,
        "access": version.access,
        "publishedAt": version.published_at.isoformat(),
    }


def tombstone_to_json(tombstone: Tombstone) -> dict[str, Any]:
    """Return a tombstone as JSON."""
    return {
        "kind": tombstone.ref.kind.value,
        "owner": tombstone.ref.owner,
        "slug": tombstone.ref.slug,
        "revision": tombstone.revision,
        "number": tombstone.number,
        "access": tombstone.access,
        "deletedAt": tombstone.deleted_at.isoformat(),
        "deletedBy": tombstone.deleted_by,
    }


def tombstone_from_json(fields: Fields) -> Tombstone:
    """Return the tombstone that an object writes.

    Raises:
        InvalidInputError: It writes none.
    """
    return Tombstone(
        ref=ref_from_json(fields),
        revision=check_revision(fields.text("revision")),
        number=fields.integer("number", least=1),
        access=access_from_json(fields),
        deleted_at=fields.moment("deletedAt"),
        deleted_by=fields.optional_text("deletedBy"),
    )


def version_page_from_json(fields: Fields) -> VersionPage:
    """Return the page of versions that an object writes; errors as above."""
    found = tuple(_version(entry) for entry in _entries(fields))
    return VersionPage(found, _next(fields))


def tombstone_page_from_json(fields: Fields) -> TombstonePage:
    """Return the page of tombstones that an object writes; errors as above."""
    found = tuple(tombstone_from_json(entry) for entry in _entries(fields))
    return TombstonePage(found, _next(fields))


def _version(fields: Fields) -> ArtifactVersion:
    return ArtifactVersion(
        ref=ref_from_json(fields),
        number=fields.integer("number", least=1),
        revision=check_revision(fields.text("revision")),
        access=access_from_json(fields),
        published_at=fields.moment("publishedAt"),
    )


def _entries(fields: Fields) -> list[Fields]:
    entries = enumerate(fields.entries("data"))
    return [Fields.of(entry, where=f"{fields.where}.data[{i}]") for i, entry in entries]


def _next(fields: Fields) -> str | None:
    metadata = Fields.of(fields.values.get("metadata"), where=f"{fields.where}.metadata")
    return metadata.optional_text("nextCursor")
