"""Tickets: the right to read the objects of a revision after a newer one has taken its place.

Whoever was shown a public revision may go on reading it. Which revisions were public is in no port;
so the hub signs it, and needs no memory of it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import ArtifactRecord

__all__ = ["Tickets"]


@attrs.frozen
class Tickets:
    """Makes tickets, and knows its own.

    Attributes:
        key: What they are signed with; where it changes, tickets from before are good no more.
    """

    key: bytes = attrs.field(factory=lambda: secrets.token_bytes(32), repr=False)

    def of(self, record: ArtifactRecord) -> str | None:
        """Return the ticket for a record's revision; None where it is private."""
        if record.access != "public":
            return None
        return self._signed(record.ref, record.location.revision)

    def is_good(self, ticket: str, ref: ArtifactRef, revision: str) -> bool:
        """Say whether a text is the ticket for a revision."""
        expected = self._signed(ref, revision).encode()
        return hmac.compare_digest(ticket.encode("utf-8", "replace"), expected)

    def _signed(self, ref: ArtifactRef, revision: str) -> str:
        return hmac.new(self.key, f"{ref.urn}\n{revision}".encode(), hashlib.sha256).hexdigest()
