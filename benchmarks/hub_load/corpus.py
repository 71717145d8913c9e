"""The artifacts of the hubs that are measured: made up, but always the same ones.

Owners and words are as uneven as those that people choose: a third of all artifacts belong to one
owner and most owners have a few; some words are in every artifact, some in a tenth, most in a few.
"""

from __future__ import annotations

import random
from typing import Any

import attrs

from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import Access, ArtifactDraft

__all__ = [
    "BUSY_OWNER",
    "CALLER",
    "NONE",
    "ORGANIZATIONS",
    "START",
    "STEP",
    "Corpus",
    "Made",
    "document_of",
    "owner_of",
]

# When the first artifact was published, microseconds since 1970, and how much later each next one.
START, STEP = 1_700_000_000_000_000, 30_000_000
OWNERS = 5000
NONE = Sha256Manifest.of({})
"""The manifest of artifacts without objects, as all of these are."""
_COMMON = ("dataset", "molecules", "measured", "assay", "values")
_MIDDLE = [f"protein{number}" for number in range(10, 100)]
_RARE = [f"compound{number}" for number in range(100_000, 150_000)]
_COLUMNS = ("smiles", "uuid", "logd", "solubility", "permeability", "clearance")


def owner_of(number: int) -> str:
    """Return the slug of an owner."""
    return f"owner-{number:04d}"


BUSY_OWNER = owner_of(1)
CALLER = owner_of(7)
"""The user in whose name private artifacts are listed."""
ORGANIZATIONS = tuple(owner_of(number) for number in (11, 12, 13, 14, 15))
"""Those that the user belongs to."""


@attrs.frozen
class Made:
    """An artifact of the corpus.

    Attributes:
        draft: What its newest revision says.
        words: Of its description: one in every artifact, one in a tenth, one in a few.
        versions: How many revisions it has.
        created_at: Microseconds since 1970.
        updated_at: The same, of the newest revision.
    """

    draft: ArtifactDraft
    words: tuple[str, str, str]
    versions: int
    created_at: int
    updated_at: int


@attrs.frozen
class Corpus:
    """So many artifacts.

    Attributes:
        size: How many; the first is number 1.
    """

    size: int

    def made(self, number: int) -> Made:
        """Return one of them; the order of numbers is that of publication."""
        r = random.Random(number)
        owner, slug = owner_of(int(r.paretovariate(0.6)) % OWNERS), f"set-{number:07d}"
        access: Access = "private" if r.random() < 0.3 else "public"
        kind = ArtifactKind.RESULT if number % 10 == 9 else ArtifactKind.DATASET
        middle, rare = r.sample(_MIDDLE, 8), r.sample(_RARE, 6)
        text = [*_COMMON[: r.randint(1, 5)], *middle, *rare]
        subject = None
        if kind is ArtifactKind.RESULT:
            benchmark = int(r.paretovariate(0.8)) % 300
            subject = ArtifactRef(ArtifactKind.BENCHMARK, BUSY_OWNER, f"bench-{benchmark:03d}")
        document = document_of(slug, owner, " ".join(text), tag=f"tag{number % 50}")
        draft = ArtifactDraft(
            ArtifactRef(kind, owner, slug), document, access, revision_of(document, NONE), subject
        )
        created = START + number * STEP
        return Made(
            draft,
            (_COMMON[0], middle[0], rare[0]),
            4 if number % 10 == 0 else 1,
            created,
            created + int(r.random() * 1e13),
        )

    def public(self, count: int, *, kind: ArtifactKind = ArtifactKind.DATASET) -> list[Made]:
        """Return some that everybody sees, from all over the corpus."""
        r = random.Random(count)
        found: list[Made] = []
        while len(found) < count:
            made = self.made(r.randint(1, self.size))
            if made.draft.access == "public" and made.draft.ref.kind is kind:
                found.append(made)
        return found


def document_of(slug: str, owner: str, text: str, *, tag: str) -> dict[str, Any]:
    """Return a document of about a kilobyte, as that of a dataset with six columns."""
    annotation = {"is_pointer": False, "modality": "unknown", "description": None, "dtype": "f8"}
    return {
        "name": slug,
        "owner": owner,
        "description": f"{text}.",
        "tags": [tag, "all"],
        "version": 1,
        "license": "CC-BY-4.0",
        "source": f"https://example.org/{slug}",
        "annotations": {name: dict(annotation) for name in _COLUMNS},
        "default_adapters": {},
        "n_rows": 10_000,
        "columns": list(_COLUMNS),
    }
