"""Records, drafts and pages of a catalogue on the native wire."""

from __future__ import annotations

from typing import Any, cast, get_args

from polaris.application.native_wire.fields import Fields, check_revision, parse_urn
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import (
    Access,
    ArtifactDraft,
    ArtifactLocation,
    ArtifactPage,
    ArtifactRecord,
)

__all__ = [
    "access_from_json",
    "draft_from_json",
    "draft_to_json",
    "page_from_json",
    "record_from_json",
    "record_to_json",
    "ref_from_json",
    "revision_path",
]


def revision_path(ref: ArtifactRef, revision: str) -> str:
    """Return the path of a revision, below the base of the API."""
    return f"v3/{ref.kind}/{ref.owner}/{ref.slug}/revisions/{revision}"


def ref_from_json(fields: Fields) -> ArtifactRef:
    """Return which artifact an object is about."""
    kind = fields.choice("kind", ArtifactKind)
    return ArtifactRef(kind, fields.text("owner"), fields.text("slug"))


def record_to_json(record: ArtifactRecord, *, ticket: str | None = None) -> dict[str, Any]:
    """Return a record as JSON.

    Args:
        record: The record.
        ticket: Lets whoever has it read the objects of this revision when it is the newest no more.
    """
    return {
        "kind": record.ref.kind.value,
        "owner": record.ref.owner,
        "slug": record.ref.slug,
        "revision": record.location.revision,
        "number": record.number,
        "access": record.access,
        "createdAt": record.created_at.isoformat(),
        "updatedAt": record.updated_at.isoformat(),
        "subject": None if record.subject is None else record.subject.urn,
        **({} if ticket is None else {"ticket": ticket}),
        "document": record.document,
    }


def record_from_json(fields: Fields) -> ArtifactRecord:
    """Return the record that an object writes.

    Raises:
        InvalidInputError: It writes none.
    """
    ref = ref_from_json(fields)
    revision = check_revision(fields.text("revision"))
    ticket = fields.optional_text("ticket")
    urls = {} if ticket is None else {"root": f"{revision_path(ref, revision)}?ticket={ticket}"}
    return ArtifactRecord(
        ref=ref,
        document=fields.mapping("document"),
        access=access_from_json(fields),
        location=ArtifactLocation(ref, revision, urls),
        number=fields.integer("number", least=1),
        created_at=fields.moment("createdAt"),
        updated_at=fields.moment("updatedAt"),
        subject=_subject(fields),
    )


def draft_to_json(draft: ArtifactDraft) -> dict[str, Any]:
    """Return a draft as JSON; what it is of, and its objects, are told elsewhere."""
    return {
        "revision": draft.revision,
        "access": draft.access,
        "subject": None if draft.subject is None else draft.subject.urn,
        "evaluate": draft.evaluate,
        "document": draft.document,
    }


def draft_from_json(fields: Fields, ref: ArtifactRef) -> ArtifactDraft:
    """Return the draft of an artifact that an object writes.

    Raises:
        InvalidInputError: It writes none.
    """
    return ArtifactDraft(
        ref,
        fields.mapping("document"),
        access_from_json(fields),
        check_revision(fields.text("revision")),
        _subject(fields),
        fields.flag("evaluate"),
    )


def page_from_json(fields: Fields) -> ArtifactPage:
    """Return the page of a listing that an object writes.

    Raises:
        InvalidInputError: It writes none.
    """
    metadata = Fields.of(fields.values.get("metadata"), where=f"{fields.where}.metadata")
    entries = enumerate(fields.entries("data"))
    records = tuple(
        record_from_json(Fields.of(entry, where=f"{fields.where}.data[{i}]"))
        for i, entry in entries
    )
    total = None if metadata.values.get("total") is None else metadata.integer("total")
    return ArtifactPage(records, total, metadata.optional_text("nextCursor"))


def access_from_json(fields: Fields) -> Access:
    """Return who may see what an object writes; errors as above."""
    found = fields.text("access")
    if found not in get_args(Access):
        raise fields.wrong("access", "public or private")
    return cast("Access", found)


def _subject(fields: Fields) -> ArtifactRef | None:
    found = fields.optional_text("subject")
    return None if found is None else parse_urn(found)
