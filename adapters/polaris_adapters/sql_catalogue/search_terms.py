"""What an artifact is found by, and what a query looks for, in the languages of the databases.

Words stand as they are. *Terms* begin with a sign that is in no word, so neither is taken for
the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.words import document_tags, document_words
from polaris.ports.artifacts import ArtifactDraft, ArtifactQuery, ArtifactRecord, document_version
from polaris_adapters.sql_catalogue.scopes import Scope

__all__ = ["TERM_CHARACTERS", "fts5_query_of", "terms_of", "tsquery_of", "words_of"]

_SIGN = "\u00a7"
TERM_CHARACTERS = "-:="
"""What terms hold besides the sign, letters and digits; FTS5 has to be told."""


def words_of(shown: ArtifactDraft | ArtifactRecord) -> list[str]:
    """Return the words of an artifact, and a term for each of its tags."""
    tags = [_tag(tag) for tag in sorted(document_tags(shown.document))]
    return [*document_words(shown.ref.owner, shown.ref.slug, shown.document), *tags]


def terms_of(shown: ArtifactDraft | ArtifactRecord) -> list[str]:
    """Return terms for what else listings are narrowed to: access, owner, version and subject."""
    kind = shown.ref.kind
    subject = [] if shown.subject is None else [_subject(shown.subject)]
    return [
        _access(kind, shown.access),
        _access(kind, shown.access, shown.ref.owner),
        _version(kind, document_version(shown.document)),
        *subject,
    ]


def fts5_query_of(query: ArtifactQuery, scopes: Iterable[Scope]) -> str:
    """Return all that a query asks for as FTS5 reads it.

    Source: sqlite.org/fts5.html, section 3.
    """
    asked = [f'"{word}" *' for word in query.words]
    choices = [[_tag(tag)] for tag in sorted(query.tags)]
    if query.subject is not None:
        choices.append([_subject(query.subject)])
    if query.versions is not None:
        choices.append([_version(query.kind, number) for number in sorted(query.versions)])
    shown: list[str] = []
    for scope in scopes:
        owners = [()] if scope.owners is None else [(owner,) for owner in scope.owners]
        shown += [_access(query.kind, scope.access, *owner) for owner in owners]
    choices.append(shown)
    # The sign alone is in no artifact: where nothing may be chosen, nothing is found.
    asked += ["(" + " OR ".join(f'"{term}"' for term in some or [_SIGN]) + ")" for some in choices]
    return " AND ".join(asked)


def tsquery_of(query: ArtifactQuery) -> str:
    """Return the words and tags of a query as PostgreSQL's ``tsquery``.

    Source: postgresql.org/docs/current/datatype-textsearch.html, section 8.11.2.
    """
    # Neither words nor terms hold quotes or backslashes.
    asked = [f"'{word}':*" for word in query.words]
    return " & ".join([*asked, *(f"'{_tag(tag)}'" for tag in sorted(query.tags))])


def _access(kind: ArtifactKind, *parts: str) -> str:
    return _SIGN + ":".join((kind.value, *parts))


def _version(kind: ArtifactKind, number: int) -> str:
    return f"{_SIGN}{kind.value}=v{number}"


def _subject(subject: ArtifactRef) -> str:
    return _hashed("subject", subject.urn)


def _tag(tag: str) -> str:
    return _hashed("tag", tag)


def _hashed(kind: str, value: str) -> str:
    # Tags may hold what separates words, and be long.
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_SIGN}{kind}={digest[:32]}"
