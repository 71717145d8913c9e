from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import ClosedError, InvalidInputError, PolarisRetrieveArtifactError
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifacts import ArtifactDraft, ArtifactQuery, ArtifactRepository
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.artifact_history import ArtifactHistorySuite
from polaris.testing.suites.artifacts import ArtifactsSuite
from polaris_adapters.sql_catalogue import SqlCatalogue, open_sqlite_catalogue
from polaris_adapters.sql_catalogue.history import SqlHistory

_check: type[ArtifactRepository] = SqlCatalogue
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TickingClock(ManualClock):
    def now(self) -> datetime:
        self.advance(1)
        return super().now()


class TestSqliteCatalogue(ArtifactsSuite):
    @pytest.fixture(params=[ManualClock, TickingClock])
    def artifacts(self, request: pytest.FixtureRequest, path: Path) -> ArtifactRepository:
        return open_sqlite_catalogue(path, request.param())

    @pytest.fixture
    def reopened(self, artifacts: ArtifactRepository, path: Path) -> ArtifactRepository:
        return open_sqlite_catalogue(path, ManualClock())


class TestSqliteHistory(ArtifactHistorySuite):
    @pytest.fixture
    def artifacts(self, catalogue: SqlCatalogue) -> ArtifactRepository:
        return catalogue

    @pytest.fixture
    def history(self, catalogue: SqlCatalogue) -> ArtifactHistory:
        history: SqlHistory = catalogue.history
        return history


def _execute(path: Path, statement: str, parameters: Any = ()) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        return database.execute(statement, parameters).fetchall()


async def test_times_are_those_of_the_clock_to_the_microsecond(
    path: Path, clock: ManualClock
) -> None:
    catalogue = open_sqlite_catalogue(path, clock)
    publication = await catalogue.begin(draft_of("molecules", "first"))
    clock.advance(60.123457)
    first_time = clock.now()
    first = await catalogue.commit(publication)
    clock.advance(60)
    await publish(catalogue, draft_of("molecules", "second"))
    clock.advance(60)
    again = await publish(catalogue, draft_of("molecules", "first"))
    assert first.created_at == first.updated_at == first_time
    assert again.created_at == first_time
    assert again.updated_at == clock.now()


async def test_earlier_revisions_are_kept(catalogue: SqlCatalogue, path: Path) -> None:
    for content in ("first", "second", "third"):
        await publish(catalogue, draft_of("molecules", content))
    kept = _execute(path, "SELECT number, document FROM revisions ORDER BY number")
    assert [number for number, _ in kept] == [1, 2, 3]
    assert "first" in str(kept[0][1])


async def test_documents_are_stored_as_compact_json(catalogue: SqlCatalogue, path: Path) -> None:
    await publish(catalogue, draft_of("molecules", document={"name": "分子", "n": [1, 2]}))
    assert _execute(path, "SELECT document FROM revisions") == [('{"name":"分子","n":[1,2]}',)]


async def test_publishing_again_puts_a_damaged_document_right(
    catalogue: SqlCatalogue, path: Path
) -> None:
    draft = draft_of("molecules")
    before = await publish(catalogue, draft)
    _execute(path, "UPDATE revisions SET document = '{\"no json'")
    with pytest.raises(PolarisRetrieveArtifactError, match="molecules"):
        await catalogue.get(draft.ref)
    with pytest.raises(PolarisRetrieveArtifactError):
        await catalogue.page(ArtifactQuery(ArtifactKind.DATASET))
    assert await publish(catalogue, draft) == before
    assert await catalogue.get(draft.ref) == before


async def test_half_a_character_in_a_document_is_refused(catalogue: SqlCatalogue) -> None:
    ref = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")
    with pytest.raises(InvalidInputError, match="molecules"):
        await catalogue.begin(ArtifactDraft(ref, {"x": "\ud800"}, "private", "0" * 64))


async def test_a_cursor_of_one_kind_is_none_of_another(catalogue: SqlCatalogue) -> None:
    for slug in ("item-1", "item-2"):
        await publish(catalogue, draft_of(slug))
    cursor = (await catalogue.page(ArtifactQuery(ArtifactKind.DATASET, limit=1))).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidInputError):
        await catalogue.page(ArtifactQuery(ArtifactKind.BENCHMARK, cursor=cursor))


async def test_a_closed_catalogue_says_so_and_may_be_closed_again(
    catalogue: SqlCatalogue, path: Path, clock: ManualClock
) -> None:
    record = await publish(catalogue, draft_of("molecules"))
    await catalogue.aclose()
    await catalogue.aclose()
    with pytest.raises(ClosedError):
        await catalogue.get(record.ref)
    assert await open_sqlite_catalogue(path, clock).get(record.ref) == record


async def test_nothing_is_left_beside_the_file_when_nobody_works(
    catalogue: SqlCatalogue, path: Path
) -> None:
    await publish(catalogue, draft_of("molecules"))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


async def test_a_cancelled_call_leaves_the_catalogue_whole(catalogue: SqlCatalogue) -> None:
    task = asyncio.create_task(publish(catalogue, draft_of("molecules")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await publish(catalogue, draft_of("molecules"))).number == 1


BENCHMARK = ArtifactRef(ArtifactKind.BENCHMARK, "acme", "bench")
# What is asked, and the index that gives it in order.
PLANS: list[tuple[dict[str, Any], str]] = [
    ({}, "ix_artifacts_created"),
    ({"descending": False}, "ix_artifacts_created"),
    ({"private_of": frozenset({"acme"})}, "ix_artifacts_owner_created"),
    ({"sort": "updated"}, "ix_artifacts_updated"),
    ({"sort": "updated", "updated_since": EPOCH}, "ix_artifacts_updated"),
    ({"sort": "name"}, "ix_artifacts_name"),
    ({"owner": "acme"}, "ix_artifacts_owner_created"),
    ({"owner": "acme", "sort": "updated"}, "ix_artifacts_owner_updated"),
    ({"owner": "acme", "sort": "name"}, "ix_artifacts_owner_name"),
    ({"subject": BENCHMARK}, "ix_artifacts_subject_created"),
    ({"versions": frozenset({1})}, "ix_artifacts_version_created"),
    ({"text": "item"}, "ix_artifacts_place"),
    ({"tags": frozenset({"blue"}), "descending": False}, "ix_artifacts_place"),
]


@pytest.mark.parametrize(("asked", "index"), PLANS, ids=lambda value: str(value))
async def test_listings_are_read_in_the_order_of_an_index(
    catalogue: SqlCatalogue, path: Path, asked: dict[str, Any], index: str
) -> None:
    for number in range(3):
        document = {"number": number, "tags": ["blue"]}
        await publish(catalogue, draft_of(f"item-{number}", subject=BENCHMARK, document=document))
    query = ArtifactQuery(ArtifactKind.DATASET, **{"limit": 1, "with_total": False, **asked})
    with _selects() as selects:
        page = await catalogue.page(query)
        assert page.next_cursor is not None
        await catalogue.page(attrs.evolve(query, cursor=page.next_cursor))
    used = set()
    for statement, parameters in selects:
        plan = [
            str(row[3]) for row in _execute(path, f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        text = " ".join(plan)
        assert "TEMP B-TREE" not in text
        assert not re.search(r"SCAN (artifacts|revisions)", text)
        used |= set(re.findall(r"INDEX (\w+)", text))
    assert index in used


async def test_a_total_is_not_counted_unless_it_is_asked_for(catalogue: SqlCatalogue) -> None:
    await publish(catalogue, draft_of("molecules"))
    with _selects() as selects:
        await catalogue.page(ArtifactQuery(ArtifactKind.DATASET, with_total=False))
    assert selects
    assert not any("count(" in statement for statement, _ in selects)


async def test_times_do_not_fall_where_the_clock_is_set_back(path: Path) -> None:
    clock = ManualClock()
    first = await publish(open_sqlite_catalogue(path, clock), draft_of("item-1"))
    second = await publish(open_sqlite_catalogue(path, _SetBack()), draft_of("item-2"))
    assert second.created_at == first.created_at
    catalogue = open_sqlite_catalogue(path, clock)
    for text in (None, "item"):
        page = await catalogue.page(ArtifactQuery(ArtifactKind.DATASET, text=text))
        assert page.records == (first, second)


class _SetBack(ManualClock):
    def now(self) -> datetime:
        return super().now() - timedelta(days=1)


@contextmanager
def _selects() -> Iterator[list[tuple[str, Sequence[object]]]]:
    """Note the statements that read."""
    seen: list[tuple[str, Sequence[object]]] = []

    def note(_c: object, _u: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
