"""What the database keeps that follows from other rows: listings and the index of words.

It is in no backup, and can be computed anew at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.expression import TableClause, column, table

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import PolarisRetrieveArtifactError
from polaris.ports.artifacts import ArtifactDraft, ArtifactRecord
from polaris_adapters.sql_catalogue.publishing import show
from polaris_adapters.sql_catalogue.rows import CURRENT, RECORD_COLUMNS, record_of
from polaris_adapters.sql_catalogue.searching import forget_words
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = ["DERIVED_COLUMNS", "hide", "mislisted", "rebuild_derived", "unfindable"]

DERIVED_COLUMNS: Mapping[str, frozenset[str]] = {"artifacts": frozenset({"place", "words"})}

_PAGE = 500
_IS_SHOWN = and_(artifacts.c.current_revision_id.is_not(None), artifacts.c.deleted_at.is_(None))
# The index of words on SQLite, and the column of words on PostgreSQL, are no part of the tables
# that SQLAlchemy knows.
_WORDS: TableClause = table("artifact_words", column("rowid"))


def hide(connection: Connection, artifact_ids: Iterable[int]) -> None:
    """Let readers see nothing of some artifacts until they are published again."""
    names = ("current_revision_id", "access", "updated_at", "document_version")
    subject = ("subject_kind", "subject_owner", "subject_slug")
    for artifact_id in artifact_ids:
        forget_words(connection, artifact_id)
        connection.execute(
            update(artifacts)
            .where(artifacts.c.id == artifact_id)
            .values(dict.fromkeys((*names, *subject)))
        )


def mislisted() -> Select[tuple[int]]:
    """Return the query of the artifacts that are listed as something else than they are."""
    a, r = artifacts.c, revisions.c
    differs = or_(
        a.access.is_distinct_from(r.access),
        a.updated_at.is_distinct_from(r.committed_at),
        a.subject_kind.is_distinct_from(r.subject_kind),
        a.subject_owner.is_distinct_from(r.subject_owner),
        a.subject_slug.is_distinct_from(r.subject_slug),
        a.created_at.is_(None),
    )
    joined = artifacts.outerjoin(revisions, r.id == a.current_revision_id)
    hidden = or_(a.current_revision_id.is_(None), a.deleted_at.is_not(None))
    is_wrong = or_(and_(_IS_SHOWN, differs), and_(hidden, a.access.is_not(None)))
    return select(a.id).select_from(joined).where(is_wrong)


def unfindable(connection: Connection) -> Select[tuple[int]]:
    """Return the query of the artifacts that no search finds, or that one finds that must not."""
    a = artifacts.c
    has_words: ColumnElement[bool]
    if connection.dialect.name == "sqlite":
        has_words = exists(select(1).select_from(_WORDS).where(_WORDS.c.rowid == a.place))
    else:
        has_words = literal_column("artifacts.words").is_not(None)
    return select(a.id).where(or_(and_(_IS_SHOWN, ~has_words), and_(~_IS_SHOWN, has_words)))


def rebuild_derived(connection: Connection, only: Iterable[int] | None = None) -> None:
    """Compute it anew; the connection writes.

    Args:
        connection: The database.
        only: Rows of ``artifacts``; all of them when omitted, and then their order too.
    """
    if only is not None:
        for artifact_id in only:
            _rebuild(connection, select(artifacts.c.id).where(artifacts.c.id == artifact_id))
        return
    if connection.dialect.name == "sqlite":
        connection.execute(text("DELETE FROM artifact_words"))
        connection.execute(update(artifacts).values(place=None))
        _number_places(connection)
    after = 0
    while True:
        page = select(artifacts.c.id).where(artifacts.c.id > after)
        last = _rebuild(connection, page.order_by(artifacts.c.id).limit(_PAGE))
        if last is None:
            return
        after = last


def _rebuild(connection: Connection, wanted: Select[Any]) -> int | None:
    """Rebuild some artifacts; return the last of them."""
    ids: list[int] = list(connection.execute(wanted).scalars())
    if not ids:
        return None
    shown = (
        select(*RECORD_COLUMNS, artifacts.c.id)
        .select_from(CURRENT)
        .where(_IS_SHOWN, artifacts.c.id.in_(ids))
    )
    rows = connection.execute(shown).mappings().all()
    for row in rows:
        try:
            found: ArtifactRecord | ArtifactDraft = record_of(row)
        except PolarisRetrieveArtifactError:
            # Damaged: it is listed all the same, so that its owner sees it and publishes it again.
            try:
                ref = ArtifactRef(ArtifactKind(row["kind"]), row["owner"], row["slug"])
            except ValueError:
                hide(connection, [row["id"]])
                continue
            found = ArtifactDraft(ref, {}, row["access"], row["revision"])
        subject = {name: row[name] for name in ("subject_kind", "subject_owner", "subject_slug")}
        values = subject | {
            "created_at": func.coalesce(artifacts.c.created_at, row["committed_at"])
        }
        connection.execute(update(artifacts).where(artifacts.c.id == row["id"]).values(**values))
        show(connection, row["id"], found)
    for artifact_id in set(ids) - {row["id"] for row in rows}:
        forget_words(connection, artifact_id)
        connection.execute(
            update(artifacts).where(artifacts.c.id == artifact_id).values(access=None)
        )
    return ids[-1]


def _number_places(connection: Connection) -> None:
    order = (artifacts.c.created_at, artifacts.c.owner.desc(), artifacts.c.slug.desc())
    numbered = (
        select(artifacts.c.id, func.row_number().over(order_by=order).label("number"))
        .where(artifacts.c.created_at.is_not(None))
        .subquery()
    )
    connection.execute(
        update(artifacts).where(artifacts.c.id == numbered.c.id).values(place=numbered.c.number)
    )
