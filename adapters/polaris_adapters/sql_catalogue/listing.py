"""Reading what is published."""

from __future__ import annotations

from sqlalchemy import Connection, FromClause, and_, func, or_, select, tuple_

from polaris.domain.identity import ArtifactRef
from polaris.errors import ArtifactNotFoundError
from polaris.ports.artifacts import ArtifactPage, ArtifactQuery, ArtifactRecord
from polaris_adapters.sql_catalogue.cursors import Cursor
from polaris_adapters.sql_catalogue.moments import to_microseconds
from polaris_adapters.sql_catalogue.rows import (
    RECORD_COLUMNS,
    is_artifact,
    record_of,
    subject_columns,
)
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = ["read_artifact", "read_page"]

# Past the end of any listing, but still an integer to all databases.
_MOST = 2**62

_CURRENT = artifacts.join(revisions, revisions.c.id == artifacts.c.current_revision_id)


def read_artifact(connection: Connection, ref: ArtifactRef) -> ArtifactRecord:
    """Return an artifact's newest committed revision.

    Raises:
        ArtifactNotFoundError: There is none.
    """
    wanted = select(*RECORD_COLUMNS).select_from(_CURRENT).where(is_artifact(ref))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise ArtifactNotFoundError(
            f"The hub has no {ref}", hint="Check owner and name; listing shows what there is."
        )
    return record_of(row)


def read_page(connection: Connection, query: ArtifactQuery, cursor: Cursor | None) -> ArtifactPage:
    """Return a page; `ArtifactQuery` says which and in which order."""
    conditions = [artifacts.c.kind == query.kind.value, artifacts.c.created_at.is_not(None)]
    if query.owner is not None:
        conditions.append(artifacts.c.owner == query.owner)
    if query.subject is not None:
        subject = subject_columns(query.subject)
        conditions += [artifacts.c[name] == value for name, value in subject.items()]
    tables: FromClause = artifacts
    if query.private_of is not None:
        # Access is that of the newest revision, which no column of the artifact repeats.
        tables = _CURRENT
        shown = artifacts.c.owner.in_(sorted(query.private_of))
        conditions.append(or_(revisions.c.access == "public", shown))
    total = connection.execute(
        select(func.count()).select_from(tables).where(*conditions)
    ).scalar_one()
    if query.limit == 0:
        return ArtifactPage((), total)

    wanted = select(*RECORD_COLUMNS).select_from(_CURRENT).where(*conditions)
    if cursor is None:
        wanted = wanted.offset(min(query.offset, _MOST))
    else:
        names = tuple_(artifacts.c.owner, artifacts.c.slug)
        wanted = wanted.where(
            and_(
                # Follows from the rest, but lets the index be entered at the cursor.
                artifacts.c.created_at <= cursor.created_at,
                or_(
                    artifacts.c.created_at < cursor.created_at,
                    names > (cursor.ref.owner, cursor.ref.slug),
                ),
            )
        )
    wanted = wanted.order_by(
        artifacts.c.created_at.desc(), artifacts.c.owner, artifacts.c.slug
    ).limit(query.limit + 1)
    records = tuple(record_of(row) for row in connection.execute(wanted).mappings())
    if len(records) <= query.limit:
        return ArtifactPage(records, total)
    records = records[: query.limit]
    last = Cursor(to_microseconds(records[-1].created_at), records[-1].ref)
    return ArtifactPage(records, total, last.text)
