from __future__ import annotations

import attrs

from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import SqlCatalogue

_MIB = 2**20


async def _lengths_of_pages(catalogue: SqlCatalogue) -> list[int]:
    """Return how many artifacts are on each page of one listing, the first page first."""
    found, query = [], ArtifactQuery(ArtifactKind.DATASET, sort="name", descending=False)
    while True:
        page = await catalogue.page(query)
        found.append(len(page.records))
        if page.next_cursor is None:
            return found
        query = attrs.evolve(query, cursor=page.next_cursor)


async def _publish(catalogue: SqlCatalogue, slug: str, size: int) -> None:
    draft = draft_of(slug)
    document = {**draft.document, "readme": "x" * size}
    await publish(catalogue, attrs.evolve(draft, document=document))


async def test_a_page_ends_where_its_documents_have_filled_their_room(
    catalogue: SqlCatalogue,
) -> None:
    for number in range(5):
        await _publish(catalogue, f"data-{number}", 3 * _MIB)
    assert await _lengths_of_pages(catalogue) == [2, 2, 1]


async def test_a_document_that_is_too_large_for_any_page_has_one_alone(
    catalogue: SqlCatalogue,
) -> None:
    for number, size in enumerate([9 * _MIB, 1, 1, 9 * _MIB, 1]):
        await _publish(catalogue, f"data-{number}", size)
    assert await _lengths_of_pages(catalogue) == [1, 2, 1, 1]
