from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import ClosedError, InvalidInputError, PolarisRetrieveArtifactError
from polaris.ports.artifacts import ArtifactDraft, ArtifactQuery, ArtifactRepository
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.artifacts import ArtifactsSuite
from polaris_adapters.sql_catalogue import SqlCatalogue, open_sqlite_catalogue

_check: type[ArtifactRepository] = SqlCatalogue


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


@pytest.mark.parametrize(
    ("owner", "subject", "index"),
    [
        (None, None, "ix_artifacts_listing"),
        ("acme", None, "ix_artifacts_owner_listing"),
        (
            None,
            ArtifactRef(ArtifactKind.BENCHMARK, "acme", "bench"),
            "ix_artifacts_subject_listing",
        ),
    ],
)
async def test_listings_are_read_in_the_order_of_an_index(
    catalogue: SqlCatalogue, path: Path, owner: str | None, subject: ArtifactRef | None, index: str
) -> None:
    for number in range(3):
        await publish(catalogue, draft_of(f"item-{number}", subject=subject))
    query = ArtifactQuery(ArtifactKind.DATASET, limit=1, owner=owner, subject=subject)
    with _selects() as selects:
        page = await catalogue.page(query)
        await catalogue.page(attrs.evolve(query, cursor=page.next_cursor))
    # A count and a page, twice.
    assert len(selects) == 4
    for statement, parameters in selects:
        plan = _execute(path, f"EXPLAIN QUERY PLAN {statement}", parameters)
        text = " ".join(str(row[3]) for row in plan)
        assert f"{index} (" in text
        assert "TEMP B-TREE" not in text
    assert "created_at<" in text


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
