"""Cursors: where a page of a listing ended, as opaque text."""

from __future__ import annotations

import base64
import json
from typing import Any, Self, get_args

import attrs

from polaris.domain.identity import check_slug
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery, Sort

__all__ = ["Cursor", "no_cursor", "opaque", "parsed"]


@attrs.frozen
class Cursor:
    """The last artifact of a page.

    Attributes:
        sort: What the listing goes by.
        descending: Whether it shows the greatest first.
        kind: Of its artifacts.
        value: The time that it goes by, microseconds since 1970-01-01 UTC; 0 for names.
        owner: Owner of the artifact.
        slug: Slug of the artifact.
    """

    sort: Sort
    descending: bool
    kind: str
    value: int
    owner: str
    slug: str

    @property
    def text(self) -> str:
        """The cursor as a query carries it."""
        return opaque(list(attrs.astuple(self)))

    @classmethod
    def parse(cls, text: str, query: ArtifactQuery) -> Self:
        """Return the cursor that a page of a query gave.

        Raises:
            InvalidInputError: It is none, or of a listing of another kind or order.
        """
        try:
            sort, descending, kind, value, owner, slug = parsed(text)
            cursor = cls(
                sort, descending is True, kind, int(value), check_slug(owner), check_slug(slug)
            )
        except (ValueError, TypeError, OverflowError) as cause:
            raise no_cursor(text) from cause
        if cursor.sort not in get_args(Sort) or not 0 <= cursor.value < 2**63:
            raise no_cursor(text)
        asked = (query.kind.value, query.sort, query.is_descending)
        if (cursor.kind, cursor.sort, cursor.descending) != asked:
            raise InvalidInputError(
                f"{text!r:.200} is not a cursor of this listing",
                hint="Go on with the kind of artifact and the order that the listing started with.",
            )
        return cursor


def opaque(fields: list[Any]) -> str:
    """Return the fields of a cursor as one text."""
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


def parsed(text: str) -> list[Any]:
    """Return the fields of a cursor.

    Raises:
        InvalidInputError: It is none.
    """
    try:
        found = json.loads(base64.b64decode(text.encode(), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as cause:
        raise no_cursor(text) from cause
    if not isinstance(found, list):
        raise no_cursor(text)
    return found


def no_cursor(text: str) -> InvalidInputError:
    """Return the error for a text that is no cursor of ours."""
    return InvalidInputError(
        f"{text!r:.200} is not a cursor of this hub",
        hint="Give the next_cursor of the page before, or none to start at the top.",
    )
