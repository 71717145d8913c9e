"""What was published before there was search is listed and found after the migration."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from polaris.domain.identity import ArtifactKind
from polaris.errors import ArtifactNotFoundError, PolarisRetrieveArtifactError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import Database, SqlCatalogue
from polaris_adapters.sql_catalogue.schema import downgrade_schema, upgrade_schema

DATASET = ArtifactKind.DATASET
WORDS = ArtifactQuery(DATASET, text="kinase", tags=frozenset({"admet"}))


@pytest.fixture
def catalogue(database: Database, clock: ManualClock) -> SqlCatalogue:
    return SqlCatalogue(database, clock)


async def _published(catalogue: SqlCatalogue, clock: ManualClock) -> list[ArtifactRecord]:
    records = []
    for slug in ("item-2", "item-1", "item-3"):
        document = {"slug": slug, "description": "Kinases", "tags": ["ADMET"], "version": 2}
        # Two of one time, and one later.
        records.append(await publish(catalogue, draft_of(slug, document=document)))
        clock.advance(1 if slug == "item-1" else 0)
    return records


def _back_and_forth(database: Database) -> None:
    with database.migrating() as connection:
        downgrade_schema(connection, "0002")
    with database.migrating() as connection:
        upgrade_schema(connection)


async def test_what_was_published_before_is_found(
    database: Database, catalogue: SqlCatalogue, clock: ManualClock
) -> None:
    two, one, three = await _published(catalogue, clock)
    _back_and_forth(database)
    await publish(catalogue, draft_of("item-4"))
    assert (await catalogue.page(WORDS)).records == (three, one, two)
    for version, total in ((1, 1), (2, 3)):
        query = ArtifactQuery(DATASET, versions=frozenset({version}))
        assert (await catalogue.page(query)).total == total
    page = await catalogue.page(ArtifactQuery(DATASET, sort="name", private_of=frozenset()))
    assert page.records == ()


async def test_what_was_deleted_stays_hidden_and_can_be_published_anew(
    database: Database, catalogue: SqlCatalogue, clock: ManualClock
) -> None:
    two, one, three = await _published(catalogue, clock)
    await catalogue.history.delete(one.ref)
    _back_and_forth(database)
    with pytest.raises(ArtifactNotFoundError):
        await catalogue.get(one.ref)
    assert (await catalogue.page(WORDS)).records == (three, two)
    again = await publish(catalogue, draft_of("item-1", document=one.document))
    assert again.number == 2
    assert (await catalogue.page(WORDS)).total == 3


async def test_a_damaged_document_does_not_stop_the_migration(
    database: Database, catalogue: SqlCatalogue, clock: ManualClock
) -> None:
    [record, *_] = await _published(catalogue, clock)
    with database.writing() as connection:
        connection.execute(
            text("UPDATE revisions SET document = '{' WHERE revision = :revision"),
            {"revision": record.location.revision},
        )
    _back_and_forth(database)
    assert (await catalogue.page(WORDS)).total == 2
    with pytest.raises(PolarisRetrieveArtifactError, match="damaged"):
        await catalogue.page(ArtifactQuery(DATASET))
    await publish(catalogue, draft_of("item-2", document=record.document))
    assert (await catalogue.page(WORDS)).total == 3
