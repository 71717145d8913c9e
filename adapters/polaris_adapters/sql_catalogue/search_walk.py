"""Reading what a search finds in the order of publication, on SQLite; see `searching`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, TextClause, and_, func, select, text

from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import ArtifactQuery
from polaris_adapters.sql_catalogue.moments import to_microseconds
from polaris_adapters.sql_catalogue.scopes import Scope
from polaris_adapters.sql_catalogue.search_terms import fts5_query_of
from polaris_adapters.sql_catalogue.tables import artifacts

__all__ = ["count_before", "walked"]

# Past the end of any listing, but still an integer to SQLite.
_MOST = 2**62
_WALK = (
    "SELECT a.id, a.created_at AS value, a.owner, a.slug "
    "FROM artifact_words AS w CROSS JOIN artifacts AS a ON a.place = w.rowid "
    "WHERE w.artifact_words MATCH :found_words{bounds} "
    "ORDER BY w.rowid {direction} LIMIT :most OFFSET :passed"
)


def walked(
    connection: Connection,
    query: ArtifactQuery,
    scopes: Iterable[Scope],
    *,
    start: int | None,
    most: int,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Return ``id``, ``value`` (the time), ``owner`` and ``slug`` of what a query finds.

    They come by time; those of one time come in any order.

    Args:
        connection: The database.
        query: The query; it sorts by the time of first publication.
        scopes: Its parts.
        start: Begin with what was published at this time, microseconds.
        most: At most so many.
        offset: Pass over so many.
    """
    conditions, asked = _bounds(connection, query, scopes)
    if start is not None:
        down = query.is_descending
        asked["start"] = _place_at(connection, query.kind, start, last=down)
        conditions += f" AND w.rowid {'<=' if down else '>='} :start"
    asked |= {"most": most, "passed": offset}
    return connection.execute(_walk(query, conditions), asked).all()


def count_before(
    connection: Connection, query: ArtifactQuery, scopes: Iterable[Scope], moment: int
) -> int:
    """Return how many come before all that was published at a time, in the order of a query."""
    down = query.is_descending
    conditions, asked = _bounds(connection, query, scopes)
    asked["edge"] = _place_at(connection, query.kind, moment, last=down)
    conditions += f" AND w.rowid {'>' if down else '<'} :edge"
    walk = _walk(query, conditions)
    counting = text(f"SELECT count(*) FROM ({walk.text})")  # noqa: S608  of constants
    return int(connection.execute(counting, {**asked, "most": -1, "passed": 0}).scalar_one())


def _walk(query: ArtifactQuery, conditions: str) -> TextClause:
    direction = "DESC" if query.is_descending else "ASC"
    return text(_WALK.format(bounds=conditions, direction=direction))


def _bounds(
    connection: Connection, query: ArtifactQuery, scopes: Iterable[Scope]
) -> tuple[str, dict[str, Any]]:
    """Return the conditions of a query besides its words, and all that it asks for."""
    conditions = ""
    values: dict[str, Any] = {"found_words": fts5_query_of(query, scopes)}
    if query.created_since is not None:
        since = to_microseconds(query.created_since)
        values["since"] = _place_at(connection, query.kind, since, last=False)
        conditions += " AND w.rowid >= :since"
    if query.updated_since is not None:
        values["updated"] = to_microseconds(query.updated_since)
        conditions += " AND a.updated_at >= :updated"
    return conditions, values


def _place_at(connection: Connection, kind: ArtifactKind, moment: int, *, last: bool) -> int:
    """Return the last place of what is there since a moment or before, or the first one after."""
    found: list[int] = []
    for access in ("public", "private"):
        column = artifacts.c.created_at
        part = and_(artifacts.c.kind == kind.value, artifacts.c.access == access)
        nearest = select(column).where(part, column <= moment if last else column >= moment)
        nearest = nearest.order_by(column.desc() if last else column.asc()).limit(1)
        pick = func.max if last else func.min
        place = select(pick(artifacts.c.place)).where(part, column == nearest.scalar_subquery())
        found += [number for number in connection.scalars(place) if number is not None]
    if not found:
        return 0 if last else _MOST
    return max(found) if last else min(found)
