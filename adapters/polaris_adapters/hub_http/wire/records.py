"""Records of a catalogue on a wire that has no revisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from polaris.domain.identity import ArtifactRef
from polaris.errors import HubReplyError, InvalidInputError
from polaris.ports.artifacts import ArtifactDraft, ArtifactLocation, ArtifactQuery, ArtifactRecord
from polaris_adapters.hub_http.origins import checked_url
from polaris_adapters.hub_http.wire.documents_in import Received
from polaris_adapters.hub_http.wire.replies import access_of, count, moment

__all__ = [
    "announced_location",
    "page_of",
    "record_of_draft",
    "record_of_entry",
    "record_of_reply",
    "refuse_filters",
]


def record_of_reply(
    ref: ArtifactRef, received: Received, reply: Mapping[str, Any]
) -> ArtifactRecord:
    """Return the record of an artifact that a hub described."""
    return ArtifactRecord(
        ref=ref,
        document=received.document,
        access=access_of(reply),
        location=ArtifactLocation(ref, _revision(received.document), received.urls, sealed=False),
        number=count(reply, "artifactVersion") or 1,
        created_at=moment(reply, "createdAt"),
        updated_at=moment(reply, "updatedAt"),
        subject=received.subject,
    )


def record_of_entry(ref: ArtifactRef, entry: Mapping[str, Any]) -> ArtifactRecord:
    """Return the record of an artifact of which a list says little more than that it is there."""
    document = {**entry, "artifactId": ref.artifact_id, "slug": ref.slug, "owner": ref.owner}
    return record_of_reply(ref, Received(document, {}), entry)


def record_of_draft(draft: ArtifactDraft, reply: Mapping[str, Any]) -> ArtifactRecord:
    """Return the record of an artifact that a hub has taken."""
    received = Received(draft.document, {}, draft.subject)
    return record_of_reply(draft.ref, received, {**reply, "access": draft.access})


def announced_location(draft: ArtifactDraft) -> ArtifactLocation:
    """Return where the objects of an announced artifact have to be put."""
    return ArtifactLocation(draft.ref, draft.revision, sealed=False)


def page_of(told: str | None, *, hub_url: str) -> str | None:
    """Return the address of an artifact's page; None where the hub tells none that can be shown.

    Args:
        told: ``Content-Location`` of a reply, mostly relative to the hub.
        hub_url: The hub.
    """
    if told is None or not told.isprintable():
        return None
    try:
        return checked_url(told, base=f"{hub_url.rstrip('/')}/")
    except HubReplyError:
        return None  # It is shown only; nothing depends on it.


def refuse_filters(query: ArtifactQuery) -> None:
    """Refuse what these hubs cannot be asked, lest the answer be taken for something else.

    Raises:
        InvalidInputError: The query has a filter, a cursor or an order.
    """
    names = (
        "owner",
        "subject",
        "cursor",
        "private_of",
        "text",
        "created_since",
        "updated_since",
        "versions",
    )
    asked = [name for name in names if getattr(query, name) is not None]
    asked += ["tags"] if query.tags else []
    asked += ["order"] if query.sort != "created" or not query.is_descending else []
    if asked:
        raise InvalidInputError(
            f"A hub of this kind cannot list by {' and '.join(asked)}",
            hint="List all of them, page by page with limit and offset.",
        )


def _revision(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
