"""Cursors: where a page of a listing ended, as opaque text."""

from __future__ import annotations

import base64
import json
from typing import Self

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError

__all__ = ["Cursor"]


@attrs.frozen
class Cursor:
    """The last artifact of a page.

    Attributes:
        created_at: When it was first published, microseconds since 1970-01-01 UTC.
        ref: The artifact.
    """

    created_at: int
    ref: ArtifactRef

    @property
    def text(self) -> str:
        """The cursor as a query carries it."""
        fields = [self.created_at, self.ref.kind, self.ref.owner, self.ref.slug]
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()

    @classmethod
    def parse(cls, text: str, *, kind: ArtifactKind) -> Self:
        """Return the cursor that a page of this kind of artifact gave.

        Raises:
            InvalidInputError: It is none, or of a listing of another kind.
        """
        try:
            created_at, found, owner, slug = json.loads(
                base64.b64decode(text.encode(), altchars=b"-_", validate=True)
            )
            cursor = cls(int(created_at), ArtifactRef(ArtifactKind(found), owner, slug))
        except (ValueError, TypeError, OverflowError, RecursionError) as cause:
            raise InvalidInputError(
                f"{text!r} is not a cursor of this hub",
                hint="Give the next_cursor of the page before, or none to start at the top.",
            ) from cause
        if cursor.ref.kind != kind or not 0 <= cursor.created_at < 2**63:
            raise InvalidInputError(
                f"{text!r} is not a cursor of a listing of {kind}",
                hint="Go on with the kind of artifact that the listing started with.",
            )
        return cursor
