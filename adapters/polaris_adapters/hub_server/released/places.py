"""Where the objects of an artifact lie for who speaks S3, and for who has a signed address."""

from __future__ import annotations

import re
from typing import Any, Self

import attrs

from polaris.application.layout import ARCHIVE, PREDICTIONS, TABLE, ZARR_MANIFEST
from polaris.application.native_wire.fields import parse_urn
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidNameError

__all__ = ["BUCKET", "Place", "paths_of"]

BUCKET = "polaris"

_TEXT = re.compile(r"(urn:\S+) (?:upload=([0-9a-f]{32})|revision=([0-9a-f]{64})(?: ([0-9a-f]+))?)")


@attrs.frozen
class Place:
    """An upload, or a revision that has been published.

    Attributes:
        ref: The artifact.
        upload: The upload; None for a revision.
        revision: The revision; None for an upload.
        ticket: Lets the revision be read when it is the newest no more.
    """

    ref: ArtifactRef
    upload: str | None = None
    revision: str | None = None
    ticket: str | None = None

    @property
    def prefix(self) -> str:
        """The folder of the bucket, with a ``/`` at its end."""
        return f"{self.ref.kind}s/{self.ref.owner}/{self.ref.slug}/{self.upload or self.revision}/"

    @property
    def text(self) -> str:
        """The place as a token has it."""
        if self.upload is not None:
            return f"{self.ref.urn} upload={self.upload}"
        return f"{self.ref.urn} revision={self.revision} {self.ticket or ''}".rstrip()

    @classmethod
    def parse(cls, text: object) -> Self | None:
        """Return the place that a token has; None where it has none."""
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return None
        try:
            return cls(parse_urn(found[1]), found[2], found[3], found[4])
        except InvalidNameError:
            return None


def paths_of(place: Place, version: int, *, uses_zarr: bool) -> dict[str, Any]:
    """Return where things lie, by role, as a storage token tells it.

    The client tells by the keys what it has to do with: of a table there is no manifest.
    """
    head = f"polarisfs://{BUCKET}/{place.prefix}"
    kind = place.ref.kind
    if kind is ArtifactKind.BENCHMARK:
        return {part: f"{head}splits/0/{part}.roaring" for part in ("training", "test")}
    if kind is ArtifactKind.PREDICTION:
        paths = {"root": PREDICTIONS, "manifest": ZARR_MANIFEST}
        return {role: head + key for role, key in paths.items()} | {"type": "prediction"}
    if kind is ArtifactKind.DATASET and version == 1:
        return {"root": head + TABLE} | ({"extension": head + ARCHIVE} if uses_zarr else {})
    return {"root": head + ARCHIVE, "manifest": head + ZARR_MANIFEST, "type": "dataset-v2"}
