"""What is found is the same in every catalogue, whatever is searched for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.domain.identity import ArtifactKind
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery, Sort
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import Database, SqlCatalogue

# Few characters, so that what is asked for is often there: cases, marks, signs of query languages.
TEXT = st.text("aAbBéẞ\u0301分1_- '\"*():&|!§\\\x00\u2028😀", max_size=8)
DOCUMENT = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "description": TEXT | st.integers(),
        "tags": st.lists(TEXT, max_size=2) | TEXT,
        "version": st.sampled_from([1, 2, 3, "2", None, True]),
    },
)
QUERY = st.fixed_dictionaries(
    {
        "text": st.none() | TEXT,
        "tags": st.frozensets(TEXT, max_size=1),
        "versions": st.none() | st.frozensets(st.sampled_from([1, 2, 3]), max_size=2),
        "owner": st.sampled_from([None, "acme", "other"]),
        "private_of": st.sampled_from([None, frozenset(), frozenset({"acme"})]),
        "sort": st.sampled_from(["created", "updated", "name"]),
        "descending": st.sampled_from([None, True, False]),
    }
)
PLACES: list[tuple[str, str, Any]] = [
    ("acme", "item-1", "public"),
    ("acme", "item-2", "private"),
    ("other", "item-1", "private"),
]


@pytest.fixture
def both(database: Database) -> tuple[InMemoryArtifacts, SqlCatalogue]:
    clock = ManualClock()
    return InMemoryArtifacts(clock), SqlCatalogue(database, clock)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    documents=st.lists(DOCUMENT, min_size=3, max_size=3),
    queries=st.lists(QUERY, min_size=12, max_size=12),
)
def test_catalogues_agree(
    both: tuple[InMemoryArtifacts, SqlCatalogue],
    documents: list[dict[str, Any]],
    queries: list[dict[str, Any]],
) -> None:
    asyncio.run(_compare(both, documents, queries))


async def _compare(
    both: tuple[InMemoryArtifacts, SqlCatalogue],
    documents: list[dict[str, Any]],
    queries: list[dict[str, Any]],
) -> None:
    for (owner, slug, access), document in zip(PLACES, documents, strict=True):
        draft = draft_of(slug, owner=owner, access=access, document=document)
        for catalogue in both:
            await publish(catalogue, draft)
    for asked in queries:
        sort: Sort = asked["sort"]
        try:
            query = ArtifactQuery(ArtifactKind.DATASET, **{**asked, "sort": sort})
        except InvalidInputError:
            continue
        one, other = [await catalogue.page(query) for catalogue in both]
        assert one.total == other.total
        assert [r.ref for r in one.records] == [r.ref for r in other.records]
