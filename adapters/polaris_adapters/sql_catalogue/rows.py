"""Rows of the database as the values of the port, and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam

from polaris.codec.json_text import dumps, loads
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError, PolarisRetrieveArtifactError, StorageError
from polaris.ports.artifacts import ArtifactDraft, ArtifactLocation, ArtifactRecord
from polaris_adapters.sql_catalogue.moments import from_microseconds
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = [
    "CURRENT",
    "IS_NAMED",
    "RECORD_COLUMNS",
    "draft_columns",
    "is_artifact",
    "record_of",
    "ref_columns",
    "subject_columns",
]

# Artifacts with their newest revisions; a tombstone has one too, but no access.
CURRENT = artifacts.join(revisions, revisions.c.id == artifacts.c.current_revision_id)
RECORD_COLUMNS: tuple[ColumnElement[Any], ...] = (
    artifacts.c.kind,
    artifacts.c.owner,
    artifacts.c.slug,
    artifacts.c.created_at,
    revisions.c.revision,
    revisions.c.number,
    revisions.c.document,
    revisions.c.access,
    revisions.c.subject_kind,
    revisions.c.subject_owner,
    revisions.c.subject_slug,
    revisions.c.committed_at,
)
# That a row of artifacts is of a name, which is given as `ref_columns`. Building a condition takes
# longer than looking a row up by it, so what is asked for at every request is built once.
IS_NAMED = and_(*(artifacts.c[name] == bindparam(name) for name in ("kind", "owner", "slug")))


def record_of(row: RowMapping) -> ArtifactRecord:
    """Return the record that a row of `RECORD_COLUMNS` holds.

    Raises:
        PolarisRetrieveArtifactError: Something outside this library has altered the row.
    """
    name = f"{row['kind']} {row['owner']}/{row['slug']}"
    try:
        ref = ArtifactRef(ArtifactKind(row["kind"]), row["owner"], row["slug"])
        subject = None
        if row["subject_kind"] is not None:
            kind = ArtifactKind(row["subject_kind"])
            subject = ArtifactRef(kind, row["subject_owner"], row["subject_slug"])
        return ArtifactRecord(
            ref=ref,
            document=loads(row["document"], source=f"the document of the {name}"),
            access=row["access"],
            location=ArtifactLocation(ref, row["revision"]),
            number=row["number"],
            created_at=from_microseconds(row["created_at"]),
            updated_at=from_microseconds(row["committed_at"]),
            subject=subject,
        )
    except (StorageError, TypeError, ValueError, OverflowError) as cause:
        raise PolarisRetrieveArtifactError(
            f"What the catalogue says of the {name} is damaged: {cause}",
            hint="Publish it again.",
        ) from cause


def draft_columns(draft: ArtifactDraft) -> dict[str, str | None]:
    """Return what a draft says, by column of ``revisions``.

    Raises:
        InvalidInputError: The document holds what JSON cannot.
    """
    try:
        document = dumps(draft.document)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"The document of the {draft.ref} cannot be kept: {error.message}", hint=error.hint
        ) from error
    return {"document": document, "access": draft.access} | subject_columns(draft.subject)


def ref_columns(ref: ArtifactRef) -> dict[str, str]:
    """Return a reference by column of ``artifacts``; plain text, which all drivers take."""
    return {"kind": ref.kind.value, "owner": ref.owner, "slug": ref.slug}


def is_artifact(ref: ArtifactRef) -> ColumnElement[bool]:
    """Return the condition that a row of ``artifacts`` is of this artifact."""
    return and_(*(artifacts.c[name] == value for name, value in ref_columns(ref).items()))


def subject_columns(subject: ArtifactRef | None) -> dict[str, str | None]:
    """Return a subject by column, of ``revisions`` as of ``artifacts``."""
    if subject is None:
        return {"subject_kind": None, "subject_owner": None, "subject_slug": None}
    return {f"subject_{name}": value for name, value in ref_columns(subject).items()}
