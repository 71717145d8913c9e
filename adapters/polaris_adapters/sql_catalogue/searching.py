"""Full-text search, and all else that SQLite and PostgreSQL do in their own ways.

Words are found in Python (`polaris.domain.words`), so that both know the same ones. SQLite keeps
them in a table of FTS5, PostgreSQL in a column of lexemes with a GIN index.

On SQLite the number of a row in that table is the artifact's ``place``, which rises with the time
of first publication. Beside the words stand *terms* for what listings are narrowed to: who may see
an artifact, its owner, subject, version and tags. So FTS5 alone answers a query in the order of the
listing, and reads no further than the page needs, however common the words are.

Sources: sqlite.org/fts5.html; postgresql.org/docs/current/datatype-textsearch.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    MetaData,
    Select,
    event,
    select,
    text,
    union_all,
)

from polaris.ports.artifacts import ArtifactDraft, ArtifactQuery, ArtifactRecord
from polaris_adapters.sql_catalogue.scopes import Scope
from polaris_adapters.sql_catalogue.search_terms import (
    TERM_CHARACTERS,
    fts5_query_of,
    terms_of,
    tsquery_of,
    words_of,
)
from polaris_adapters.sql_catalogue.tables import artifacts, metadata

__all__ = [
    "add_search",
    "count_found",
    "forget_words",
    "found_by",
    "keep_words",
    "merge_of",
    "next_place",
    "remove_search",
    "walks",
]

# No positions and no lengths of texts: nothing asks for phrases or relevance. The beginnings of
# words are indexed like words, up to the length of nearly all.
_FTS5 = (
    "CREATE VIRTUAL TABLE artifact_words USING fts5(words, detail=none, columnsize=0, "
    f"prefix='1 2 3 4 5 6 7 8 9 10 11 12', tokenize=\"ascii tokenchars '{TERM_CHARACTERS}'\")"
)
_SQLITE = (_FTS5,)
_POSTGRESQL = (
    "ALTER TABLE artifacts ADD COLUMN words TSVECTOR",
    # Without it, what was published last would be searched one by one.
    "CREATE INDEX ix_artifacts_words ON artifacts USING gin (words) WITH (fastupdate = off)",
)
_MATCH = "SELECT rowid FROM artifact_words WHERE artifact_words MATCH :found_words"


def add_search(connection: Connection) -> None:
    """Make what search needs beside the tables; a new database has it from the start."""
    for statement in _SQLITE if _is_sqlite(connection) else _POSTGRESQL:
        connection.exec_driver_sql(statement)


@event.listens_for(metadata, "after_create")
def _add_to_new(_: MetaData, connection: Connection, **__: object) -> None:
    add_search(connection)


def remove_search(connection: Connection) -> None:
    """Undo `add_search`."""
    if _is_sqlite(connection):
        connection.exec_driver_sql("DROP TABLE artifact_words")
    else:
        # Its index goes with it.
        connection.exec_driver_sql("ALTER TABLE artifacts DROP COLUMN words")


def next_place(connection: Connection, now: int) -> tuple[int | None, int]:
    """Return place and time of first publication for an artifact that is published now.

    On SQLite, times never fall as places rise, also where the clock was set back.
    """
    if not _is_sqlite(connection):
        return None, now
    last = connection.execute(
        select(artifacts.c.place, artifacts.c.created_at)
        .where(artifacts.c.place.is_not(None))
        .order_by(artifacts.c.place.desc())
        .limit(1)
    ).one_or_none()
    return (1, now) if last is None else (last.place + 1, max(now, last.created_at))


def keep_words(
    connection: Connection, artifact_id: int, shown: ArtifactDraft | ArtifactRecord
) -> None:
    """Write what an artifact is found by, instead of what was there.

    Args:
        connection: The database, in a transaction that writes.
        artifact_id: Its row.
        shown: What its newest revision says.
    """
    words = words_of(shown)
    if not _is_sqlite(connection):
        statement = "UPDATE artifacts SET words = array_to_tsvector(CAST(:words AS text[])) "
        connection.execute(text(statement + "WHERE id = :id"), {"words": words, "id": artifact_id})
        return
    forget_words(connection, artifact_id)
    connection.execute(
        text(
            "INSERT INTO artifact_words (rowid, words) "
            "SELECT place, :words FROM artifacts WHERE id = :id"
        ),
        {"words": " ".join([*words, *terms_of(shown)]), "id": artifact_id},
    )


def forget_words(connection: Connection, artifact_id: int) -> None:
    """Remove what an artifact is found by."""
    if _is_sqlite(connection):
        statement = (
            "DELETE FROM artifact_words WHERE rowid = (SELECT place FROM artifacts WHERE id = :id)"
        )
    else:
        statement = "UPDATE artifacts SET words = NULL WHERE id = :id"
    connection.execute(text(statement), {"id": artifact_id})


def found_by(
    connection: Connection, query: ArtifactQuery, scopes: Iterable[Scope]
) -> ColumnElement[bool] | None:
    """Return the condition that a row has the words and tags of a query; None if it has none."""
    if not query.words and not query.tags:
        return None
    if _is_sqlite(connection):
        matching = text(_MATCH).bindparams(found_words=fts5_query_of(query, scopes))
        return artifacts.c.place.in_(matching.columns(artifacts.c.place))
    lexemes = text("artifacts.words @@ CAST(:found_words AS tsquery)")
    return cast("ColumnElement[bool]", lexemes.bindparams(found_words=tsquery_of(query)))


def merge_of(
    connection: Connection,
    parts: Sequence[tuple[Select[Any], Sequence[ColumnElement[Any]]]],
    *,
    most: int,
) -> CompoundSelect[Any]:
    """Return the rows of several parts, to be read in the order that all of them have.

    SQLite reads its parts in turns, each in that order, and stops with the page. PostgreSQL would
    read all of every part and sort it, unless it is told how much of each can be on the page.

    Args:
        connection: The database.
        parts: Selects, and the order of each.
        most: So many rows are read in all.
    """
    if _is_sqlite(connection):
        return union_all(*(part for part, _ in parts))
    return union_all(
        *(
            select(*limited.c)
            for limited in (part.order_by(*order).limit(most).subquery() for part, order in parts)
        )
    )


def count_found(
    connection: Connection, query: ArtifactQuery, scopes: Iterable[Scope]
) -> int | None:
    """Return how many a search finds; None if that takes other tables than those of words."""
    since = query.created_since or query.updated_since
    if since or not (query.words or query.tags) or not _is_sqlite(connection):
        return None
    counting = text(_MATCH.replace("rowid", "count(*)"))
    asked = {"found_words": fts5_query_of(query, scopes)}
    return int(connection.execute(counting, asked).scalar_one())


def walks(connection: Connection, query: ArtifactQuery) -> bool:
    """Say whether `search_walk` gives the page of a query, in the order that it asks for."""
    return bool(query.words or query.tags) and (_is_sqlite(connection) and query.sort == "created")


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
