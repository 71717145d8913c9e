"""Every migration up and down, on both kinds of databases, with what is in them."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest
from sqlalchemy import text

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError, PolarisHubError
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs, open_database
from polaris_adapters.sql_catalogue.schema import (
    NO_SCHEMA,
    downgrade_schema,
    schema_revision,
    upgrade_schema,
)
from polaris_adapters.sql_catalogue.tables import SCHEMA_REVISIONS
from tests.adapters.sql_catalogue.schema_facts import schema_facts

LAST = SCHEMA_REVISIONS[-1]
STEPS = (NO_SCHEMA, *SCHEMA_REVISIONS)


@pytest.fixture
def unprepared(database_place: str) -> Iterator[Database]:
    """An empty database that nobody has made tables in."""
    if "://" not in database_place:
        open_database(database_place).close()
    opened = open_database(database_place, prepare=False)
    _go(opened, NO_SCHEMA)
    yield opened
    opened.close()


def _go(database: Database, revision: str) -> None:
    with database.migrating() as connection:
        there = schema_revision(connection) or NO_SCHEMA
        if STEPS.index(there) > STEPS.index(revision):
            downgrade_schema(connection, revision)
        elif revision != NO_SCHEMA:
            upgrade_schema(connection, revision)


def _facts(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        facts = schema_facts(connection)
    # Alembic's own table stays when all others are gone.
    return {name: said for name, said in facts.items() if "alembic_version" not in name}


def _revision(database: Database) -> str | None:
    with database.reading() as connection:
        return schema_revision(connection)


def test_a_new_database_is_what_the_migrations_make(
    unprepared: Database, database_place: str
) -> None:
    _go(unprepared, LAST)
    migrated = _facts(unprepared)
    _go(unprepared, NO_SCHEMA)
    assert _facts(unprepared) == {}
    with unprepared.migrating() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    made = open_database(database_place)
    assert len(migrated) > 20
    assert _facts(made) == migrated
    made.close()


def test_each_migration_can_be_undone(unprepared: Database) -> None:
    seen = {NO_SCHEMA: _facts(unprepared)}
    for revision in SCHEMA_REVISIONS:
        _go(unprepared, revision)
        assert _revision(unprepared) == revision
        seen[revision] = _facts(unprepared)
    assert len({tuple(sorted(facts.items())) for facts in seen.values()}) == len(STEPS)
    for revision in STEPS[-2::-1]:
        _go(unprepared, revision)
        assert _revision(unprepared) == (None if revision == NO_SCHEMA else revision)
        assert _facts(unprepared) == seen[revision]


@pytest.mark.parametrize("revision", SCHEMA_REVISIONS[:-1])
async def test_what_is_published_survives_an_older_schema(
    database: Database, clock: ManualClock, revision: str
) -> None:
    artifacts, jobs = SqlCatalogue(database, clock), SqlJobs(database, clock)
    subject = ArtifactRef(ArtifactKind.BENCHMARK, "acme", "bench")
    for number in range(3):
        clock.advance(1)
        await publish(artifacts, draft_of(f"item-{number}", access="public", subject=subject))
    clock.advance(1)
    await publish(artifacts, draft_of("item-1", "second", access="private"))
    await publish(
        artifacts, attrs.evolve(draft_of("forest", kind=ArtifactKind.PREDICTION), evaluate=True)
    )
    queries = [
        ArtifactQuery(ArtifactKind.DATASET),
        ArtifactQuery(ArtifactKind.DATASET, subject=subject),
        ArtifactQuery(ArtifactKind.DATASET, private_of=frozenset()),
    ]
    before = [await artifacts.page(query) for query in queries]
    assert [page.total for page in before] == [3, 2, 2]
    _go(database, revision)
    _go(database, LAST)
    assert [await artifacts.page(query) for query in queries] == before
    assert (await publish(artifacts, draft_of("item-1", "third"))).number == 3
    lease = await jobs.take(seconds=60)
    # The first schema has no jobs.
    assert (lease is None) == (revision == "0001")


@pytest.mark.parametrize("revision", STEPS[:-1])
def test_an_older_database_is_upgraded_when_it_is_opened(
    database: Database, database_place: str, revision: str
) -> None:
    before = _facts(database)
    _go(database, revision)
    open_database(database_place, prepare=False).close()
    assert _revision(database) == (None if revision == NO_SCHEMA else revision)
    open_database(database_place).close()
    assert (_facts(database), _revision(database)) == (before, LAST)


def test_a_migration_that_fails_changes_nothing(database: Database) -> None:
    before = _facts(database)

    def fail_at_the_end() -> None:
        with database.migrating() as connection:
            downgrade_schema(connection, NO_SCHEMA)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_the_end()
    assert _facts(database) == before
    assert _revision(database) == LAST


def test_going_where_the_database_is_changes_nothing(database: Database) -> None:
    before = _facts(database)
    with database.migrating() as connection:
        downgrade_schema(connection, LAST)
        upgrade_schema(connection, LAST)
        upgrade_schema(connection, SCHEMA_REVISIONS[0])
    assert (_facts(database), _revision(database)) == (before, LAST)


@pytest.mark.parametrize("revision", ["", "head", "9999", "-1", "0001:0002"])
def test_an_unknown_revision_is_refused(database: Database, revision: str) -> None:
    for work in (upgrade_schema, downgrade_schema):
        with (
            pytest.raises(InvalidInputError, match="no revision"),
            database.migrating() as connection,
        ):
            work(connection, revision)
    assert _revision(database) == LAST


def test_a_newer_database_is_left_alone(database: Database, database_place: str) -> None:
    before = _facts(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PolarisHubError, match=r"9999.*newer"):
        open_database(database_place)
    with pytest.raises(PolarisHubError, match=r"9999.*newer"), database.migrating() as connection:
        downgrade_schema(connection, SCHEMA_REVISIONS[0])
    assert (_facts(database), _revision(database)) == (before, "9999")


def test_a_database_of_something_else_is_left_alone(
    unprepared: Database, database_place: str
) -> None:
    with unprepared.migrating() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        connection.execute(text("CREATE TABLE bookmarks (url TEXT)"))
    before = _facts(unprepared)
    with pytest.raises(PolarisHubError, match="not the catalogue"):
        open_database(database_place)
    assert _facts(unprepared) == before


def test_sorted_names_are_compared_by_code_point(database: Database) -> None:
    names = ["B", "a", "Z", "_", "é", "分", "z", "-", "𝄞", "\uffff"]
    with database.writing() as connection:
        for table in ("artifacts", "accounts"):
            facts = schema_facts(connection)
            if connection.dialect.name == "postgresql":
                assert "collation=C " in facts[f"column {table}.slug"]
        connection.execute(
            text("INSERT INTO artifacts (kind, owner, slug) VALUES ('dataset', :name, :name)"),
            [{"name": name} for name in names],
        )
        for column in ("owner", "slug"):
            found = connection.execute(text(f"SELECT {column} FROM artifacts ORDER BY {column}"))
            assert list(found.scalars()) == sorted(names)
