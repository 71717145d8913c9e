"""Which records match a query, in which order, and where a page of them ended."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from polaris.domain.words import document_tags, document_words, is_found
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord, document_version

__all__ = ["cursor_after", "in_order", "matches", "start_of"]


def matches(record: ArtifactRecord, query: ArtifactQuery) -> bool:
    """Say whether a query asks for a record."""
    ref, document = record.ref, record.document
    return (
        ref.kind == query.kind
        and query.owner in (None, ref.owner)
        and query.subject in (None, record.subject)
        and (record.access == "public" or query.private_of is None or ref.owner in query.private_of)
        and (query.created_since is None or record.created_at >= query.created_since)
        and (query.updated_since is None or record.updated_at >= query.updated_since)
        and (query.versions is None or document_version(document) in query.versions)
        and query.tags <= document_tags(document)
        and is_found(document_words(ref.owner, ref.slug, document), query.words)
    )


def in_order(records: list[ArtifactRecord], query: ArtifactQuery) -> list[ArtifactRecord]:
    """Return records in the order of a query."""
    return sorted(records, key=lambda record: _key(record, query), reverse=_is_reverse(query))


def cursor_after(record: ArtifactRecord, query: ArtifactQuery) -> str:
    """Return the cursor of a page that ended with a record."""
    moment = record.updated_at if query.sort == "updated" else record.created_at
    fields = [*_order(query), moment.isoformat(), record.ref.owner, record.ref.slug]
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


def start_of(records: list[ArtifactRecord], query: ArtifactQuery) -> int:
    """Return the index at which the page of a query starts, in what `in_order` gave.

    Raises:
        InvalidInputError: The cursor of the query is none of this listing.
    """
    if query.cursor is None:
        return query.offset
    last, reverse = _parsed(query), _is_reverse(query)
    keys = [_key(record, query) for record in records]
    return sum(key >= last if reverse else key <= last for key in keys)


def _key(record: ArtifactRecord, query: ArtifactQuery) -> tuple[Any, ...]:
    if query.sort == "name":
        return record.ref.slug, record.ref.owner
    moment = record.updated_at if query.sort == "updated" else record.created_at
    return -moment.timestamp(), record.ref.owner, record.ref.slug


def _parsed(query: ArtifactQuery) -> tuple[Any, ...]:
    text = query.cursor or ""
    try:
        fields = json.loads(base64.b64decode(text.encode(), altchars=b"-_", validate=True))
        *order, moment, owner, slug = fields
        if order != _order(query) or not isinstance(owner, str) or not isinstance(slug, str):
            raise ValueError(text)
        stamp = datetime.fromisoformat(moment).timestamp()
    except (ValueError, TypeError, OverflowError) as cause:
        raise InvalidInputError(
            f"{text!r:.200} is not a cursor of this listing",
            hint="Give the next_cursor of the page before, or none to start at the top.",
        ) from cause
    return (slug, owner) if query.sort == "name" else (-stamp, owner, slug)


def _order(query: ArtifactQuery) -> list[Any]:
    return [query.kind.value, query.sort, query.is_descending]


def _is_reverse(query: ArtifactQuery) -> bool:
    """Say whether the order is the usual one read backwards."""
    return query.is_descending == (query.sort == "name")
