"""The corpus as rows of a hub's database, with all that listings and searches read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.hub_load.corpus import NONE, Corpus
from polaris.codec.json_text import dumps
from polaris.domain.checksums.sha256sums import revision_of
from polaris.ports.artifacts import document_version
from polaris_adapters.sql_catalogue.rows import draft_columns, ref_columns, subject_columns
from polaris_adapters.sql_catalogue.search_terms import terms_of, words_of

__all__ = ["ARTIFACT", "REVISION", "Rows", "rows_of"]

_SUBJECT = ("subject_kind", "subject_owner", "subject_slug")
ARTIFACT = (
    "id", "kind", "owner", "slug", "created_at", "current_revision_id", *_SUBJECT, "access",
    "updated_at", "document_version",
)  # fmt: skip
REVISION = (
    "id", "artifact_id", "revision", "number", "document", "access", *_SUBJECT, "state",
    "created_at", "committed_at",
)  # fmt: skip


class Rows(NamedTuple):
    """What the database holds of one artifact.

    Attributes:
        artifact: By `ARTIFACT`.
        revisions: By `REVISION`.
        words: What it is found by.
        terms: What searches are narrowed to, on SQLite.
    """

    artifact: tuple[Any, ...]
    revisions: list[tuple[Any, ...]]
    words: list[str]
    terms: list[str]


def rows_of(corpus: Corpus) -> Iterator[Rows]:
    """Yield the rows of all artifacts, in the order of publication."""
    last = 0
    for number in range(1, corpus.size + 1):
        made = corpus.made(number)
        draft, columns = made.draft, draft_columns(made.draft)
        subject = tuple(subject_columns(draft.subject).values())
        revisions = []
        for version in range(1, made.versions + 1):
            last += 1
            revision, text, committed = draft.revision, columns["document"], made.updated_at
            if version < made.versions:
                old = {**draft.document, "n_rows": version}
                revision, text = revision_of(old, NONE), dumps(old)
                committed = made.created_at + version
            revisions.append(
                (last, number, revision, version, text, draft.access, *subject, "committed",
                 made.created_at, committed)
            )  # fmt: skip
        artifact = (
            number, *ref_columns(draft.ref).values(), made.created_at, last, *subject,
            draft.access, made.updated_at, document_version(draft.document),
        )  # fmt: skip
        yield Rows(artifact, revisions, words_of(draft), terms_of(draft))
