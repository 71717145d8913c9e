"""Reading what is published.

A page is read in two steps: which artifacts are on it, from indexes alone; then their documents. It
is put together from parts that each lie in an index in the order of the listing, and the database
merges them, so that a page costs the same wherever it is, and whatever else the hub holds.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from polaris.application.artifact_conditions import no_artifact
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import ArtifactPage, ArtifactQuery, ArtifactRecord
from polaris_adapters.sql_catalogue.cursors import Cursor
from polaris_adapters.sql_catalogue.moments import to_microseconds
from polaris_adapters.sql_catalogue.rows import (
    CURRENT,
    IS_NAMED,
    RECORD_COLUMNS,
    record_of,
    ref_columns,
    subject_columns,
)
from polaris_adapters.sql_catalogue.scopes import Scope, scopes_of
from polaris_adapters.sql_catalogue.search_walk import count_before, walked
from polaris_adapters.sql_catalogue.searching import (
    count_found,
    found_by,
    merge_of,
    walks,
)
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = ["read_artifact", "read_page"]

# Past the end of any listing, but still an integer to all databases.
_MOST = 2**62
# Characters of the documents of one page: whoever asks for many must not fill the memory.
_ROOM = 8 * 2**20
# So many more than the page are read, lest artifacts of one time be torn apart.
_SLACK = 16
_TIMES = {"created": artifacts.c.created_at, "updated": artifacts.c.updated_at}
_NEWEST = (
    select(*RECORD_COLUMNS).select_from(CURRENT).where(IS_NAMED, artifacts.c.access.is_not(None))
)


def read_artifact(connection: Connection, ref: ArtifactRef) -> ArtifactRecord:
    """Return an artifact's newest committed revision.

    Raises:
        ArtifactNotFoundError: There is none.
    """
    row = connection.execute(_NEWEST, ref_columns(ref)).mappings().one_or_none()
    if row is None:
        raise no_artifact(ref)
    return record_of(row)


def read_page(connection: Connection, query: ArtifactQuery, cursor: Cursor | None) -> ArtifactPage:
    """Return a page; `ArtifactQuery` says which and in which order."""
    total = _count(connection, query) if query.with_total else None
    if query.limit == 0:
        return ArtifactPage((), total)
    read = _walk if walks(connection, query) else _merge
    rows = read(connection, query, cursor)
    records = _records(connection, [row.id for row in rows[: query.limit]])
    if len(records) == len(rows):
        return ArtifactPage(records, total)
    last = rows[len(records) - 1]
    order = (query.sort, query.is_descending, query.kind.value)
    return ArtifactPage(records, total, Cursor(*order, last.value, last.owner, last.slug).text)


def _records(connection: Connection, ids: list[int]) -> tuple[ArtifactRecord, ...]:
    """Return the first artifacts, as many as their documents leave room for, but at least one."""
    wanted = select(artifacts.c.id, func.length(revisions.c.document)).select_from(CURRENT)
    lengths = {row[0]: row[1] for row in connection.execute(wanted.where(artifacts.c.id.in_(ids)))}
    room = accumulate(lengths[artifact_id] for artifact_id in ids)
    ids = [one for one, taken in zip(ids, room, strict=True) if one == ids[0] or taken <= _ROOM]
    wanted = select(artifacts.c.id, *RECORD_COLUMNS).select_from(CURRENT)
    rows = connection.execute(wanted.where(artifacts.c.id.in_(ids))).mappings()
    found = {row["id"]: record_of(row) for row in rows}
    return tuple(found[artifact_id] for artifact_id in ids)


def _merge(connection: Connection, query: ArtifactQuery, cursor: Cursor | None) -> list[Row[Any]]:
    """Return ``id``, ``value``, ``owner`` and ``slug`` of a page's artifacts and one more."""
    value = _TIMES.get(query.sort, literal(0)).label("value")
    columns = (artifacts.c.id, value, artifacts.c.owner, artifacts.c.slug)
    passed = min(query.offset, _MOST) if cursor is None else 0
    most = passed + query.limit + 1
    order = _order(query, artifacts.c, value.element)
    parts = [select(*columns).where(*conditions) for conditions in _parts(connection, query)]
    if cursor is not None:
        parts = [part.where(_after(cursor)) for part in parts]
    if len(parts) == 1:
        wanted: Any = parts[0].order_by(*order)
    else:
        # Whatever one part has, no more of it can be on the page.
        merged = merge_of(connection, [(part, order) for part in parts], most=most)
        found = merged.selected_columns
        wanted = merged.order_by(*_order(query, found, found.value))
    wanted = wanted.limit(query.limit + 1).offset(passed)
    return list(connection.execute(wanted).all())


def _order(query: ArtifactQuery, columns: Any, value: Any) -> list[ColumnElement[Any]]:
    """Return the order of a query by columns that have ``owner`` and ``slug``, and by a time."""
    if query.sort == "name":
        order = [columns.slug, columns.owner]
        return [column.desc() for column in order] if query.is_descending else order
    if query.is_descending:
        return [value.desc(), columns.owner, columns.slug]
    return [value, columns.owner.desc(), columns.slug.desc()]


def _parts(connection: Connection, query: ArtifactQuery) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of each part of a listing."""
    scopes = scopes_of(query)
    common: list[ColumnElement[bool]] = [artifacts.c.kind == query.kind.value]
    if query.subject is not None:
        subject = subject_columns(query.subject)
        common += [artifacts.c[name] == value for name, value in subject.items()]
    for column, since in (
        (artifacts.c.created_at, query.created_since),
        (artifacts.c.updated_at, query.updated_since),
    ):
        if since is not None:
            common.append(column >= to_microseconds(since))
    found = found_by(connection, query, scopes)
    if found is not None:
        common.append(found)
    versions: list[list[ColumnElement[bool]]] = [[]]
    if query.versions is not None:
        versions = [[artifacts.c.document_version == v] for v in sorted(query.versions)]
        versions = versions or [[artifacts.c.document_version == -1]]
    return [[*common, *_shown(scope), *version] for scope in scopes for version in versions]


def _shown(scope: Scope) -> list[ColumnElement[bool]]:
    owner, shown = artifacts.c.owner, [artifacts.c.access == scope.access]
    if scope.owners is None:
        return shown
    one = len(scope.owners) == 1
    return [*shown, owner == scope.owners[0] if one else owner.in_(scope.owners)]


def _after(cursor: Cursor) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one where a page ended."""
    owner, slug = artifacts.c.owner, artifacts.c.slug
    if cursor.sort == "name":
        here, there = tuple_(slug, owner), (cursor.slug, cursor.owner)
        return here < there if cursor.descending else here > there
    value, here, there = _TIMES[cursor.sort], tuple_(owner, slug), (cursor.owner, cursor.slug)
    # The first of the two follows from the second, but lets the index be entered at the cursor.
    if cursor.descending:
        return and_(value <= cursor.value, or_(value < cursor.value, here > there))
    return and_(value >= cursor.value, or_(value > cursor.value, here < there))


def _walk(connection: Connection, query: ArtifactQuery, cursor: Cursor | None) -> list[Row[Any]]:
    """Return the same for a search that is read in the order of the times."""
    scopes = scopes_of(query)
    passed, start = (query.offset, None) if cursor is None else (0, cursor.value)
    if passed:
        # Those that are passed over are not read, but for those of one time with the first shown.
        offset = min(passed, _MOST)
        first = walked(connection, query, scopes, start=None, most=1, offset=offset)
        if not first:
            return []
        start = first[0].value
        passed -= count_before(connection, query, scopes, first[0].value)
    wanted = passed + query.limit + 1
    most = wanted + _SLACK
    while True:
        rows = walked(connection, query, scopes, start=start, most=most)
        ordered = sorted(rows, key=lambda row: (-row.value, row.owner, row.slug))
        if not query.is_descending:
            ordered.reverse()
        if cursor is not None:
            ordered = [row for row in ordered if _is_after(row, cursor)]
        if len(rows) == most:
            # More of the last time may follow.
            ordered = [row for row in ordered if row.value != rows[-1].value]
        if len(rows) < most or len(ordered) >= wanted:
            return ordered[passed:wanted]
        most *= 4


def _is_after(row: Row[Any], cursor: Cursor) -> bool:
    here = (-row.value, row.owner, row.slug)
    there = (-cursor.value, cursor.owner, cursor.slug)
    return here > there if cursor.descending else here < there


def _count(connection: Connection, query: ArtifactQuery) -> int:
    found = count_found(connection, query, scopes_of(query))
    if found is not None:
        return found
    return sum(
        connection.scalars(select(func.count()).select_from(artifacts).where(*conditions)).one()
        for conditions in _parts(connection, query)
    )
