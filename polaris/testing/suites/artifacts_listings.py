"""What an `ArtifactRepository` promises to those who list."""

from __future__ import annotations

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRepository
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["ArtifactsListingsSuite"]

DATASET = ArtifactKind.DATASET


class ArtifactsListingsSuite:
    """Order, filters, pages and cursors; part of `ArtifactsSuite`."""

    async def test_listings_start_with_the_newest(self, artifacts: ArtifactRepository) -> None:
        published = [await publish(artifacts, draft_of(f"item-{i}")) for i in (2, 0, 3, 1)]
        await publish(artifacts, draft_of("item-2", "changed"))
        times = [record.created_at for record in published]
        assert times == sorted(times)
        expected = sorted(published, key=lambda record: record.ref)
        expected.sort(key=lambda record: record.created_at, reverse=True)
        page = await artifacts.page(ArtifactQuery(DATASET))
        assert [record.ref for record in page.records] == [record.ref for record in expected]
        assert page.total == 4
        assert page.next_cursor is None

    async def test_listings_are_of_one_kind_owner_and_subject(
        self, artifacts: ArtifactRepository
    ) -> None:
        result, benchmark = ArtifactKind.RESULT, ArtifactKind.BENCHMARK
        one, two = (ArtifactRef(benchmark, "acme", slug) for slug in ("bench-1", "bench-2"))
        for draft in (
            draft_of("run-1", kind=result, subject=one),
            draft_of("run-2", kind=result, subject=two),
            draft_of("run-3", kind=result, subject=one, owner="other"),
            draft_of("run-4", kind=result),
            draft_of("run-5", subject=one),
        ):
            await publish(artifacts, draft)

        async def listed(query: ArtifactQuery) -> set[str]:
            page = await artifacts.page(query)
            assert page.total == len(page.records)
            return {record.ref.slug for record in page.records}

        assert await listed(ArtifactQuery(result)) == {"run-1", "run-2", "run-3", "run-4"}
        assert await listed(ArtifactQuery(result, owner="acme")) == {"run-1", "run-2", "run-4"}
        assert await listed(ArtifactQuery(result, subject=one)) == {"run-1", "run-3"}
        assert await listed(ArtifactQuery(result, owner="other", subject=one)) == {"run-3"}
        assert await listed(ArtifactQuery(result, owner="other", subject=two)) == set()
        assert await listed(ArtifactQuery(result, owner="nobody")) == set()
        assert await listed(ArtifactQuery(benchmark)) == set()

    async def test_a_listing_goes_by_the_subject_of_the_newest_revision(
        self, artifacts: ArtifactRepository
    ) -> None:
        one, two = (ArtifactRef(DATASET, "acme", slug) for slug in ("data-1", "data-2"))
        benchmark = ArtifactKind.BENCHMARK
        await publish(artifacts, draft_of("scores", "first", kind=benchmark, subject=one))
        await publish(artifacts, draft_of("scores", "second", kind=benchmark, subject=two))
        assert (await artifacts.page(ArtifactQuery(benchmark, subject=one))).total == 0
        assert (await artifacts.page(ArtifactQuery(benchmark, subject=two))).total == 1

    async def test_private_artifacts_are_listed_for_their_owners_only(
        self, artifacts: ArtifactRepository
    ) -> None:
        for draft in (
            draft_of("item-1", access="public"),
            draft_of("item-2"),
            draft_of("item-3", owner="other"),
            draft_of("item-4", owner="other", access="public"),
            draft_of("item-5", "first", access="public"),
            draft_of("item-5", "second", access="private"),
        ):
            await publish(artifacts, draft)

        async def listed(*owners: str) -> set[str]:
            query = ArtifactQuery(DATASET, limit=2, private_of=frozenset(owners))
            page = await artifacts.page(query)
            found, total = list(page.records), page.total
            while page.next_cursor is not None:
                page = await artifacts.page(attrs.evolve(query, cursor=page.next_cursor))
                found += page.records
            assert total == len(found)
            return {record.ref.slug for record in found}

        assert await listed() == {"item-1", "item-4"}
        assert await listed("acme") == {"item-1", "item-2", "item-4", "item-5"}
        assert await listed("other", "nobody") == {"item-1", "item-3", "item-4"}

    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 1000])
    async def test_pages_by_cursor_make_up_the_listing(
        self, artifacts: ArtifactRepository, limit: int
    ) -> None:
        for number in (3, 1, 4, 0, 5, 2):
            await publish(artifacts, draft_of(f"item-{number}"))
            await publish(artifacts, draft_of(f"item-{number}", owner="other"))
        everything = await artifacts.page(ArtifactQuery(DATASET, owner="acme"))
        whole = [record.ref.slug for record in everything.records]
        assert len(whole) == everything.total == 6
        assert await _walk(artifacts, ArtifactQuery(DATASET, limit=limit, owner="acme")) == whole
        assert len(await _walk(artifacts, ArtifactQuery(DATASET, limit=limit))) == 12

    async def test_an_offset_passes_over_artifacts(self, artifacts: ArtifactRepository) -> None:
        for number in range(5):
            await publish(artifacts, draft_of(f"item-{number}"))
        whole = await _walk(artifacts, ArtifactQuery(DATASET))
        for offset in (0, 2, 4, 5, 6, 2**70):
            page = await artifacts.page(ArtifactQuery(DATASET, limit=2, offset=offset))
            assert [r.ref.slug for r in page.records] == whole[offset : offset + 2]
            assert page.total == 5
            assert (page.next_cursor is None) == (offset + 2 >= 5)

    async def test_a_page_after_an_offset_goes_on_from_there(
        self, artifacts: ArtifactRepository
    ) -> None:
        for number in range(5):
            await publish(artifacts, draft_of(f"item-{number}"))
        whole = await _walk(artifacts, ArtifactQuery(DATASET))
        assert await _walk(artifacts, ArtifactQuery(DATASET, limit=2, offset=1)) == whole[1:]
        first = await artifacts.page(ArtifactQuery(DATASET, limit=2))
        # With a cursor the offset is ignored.
        second = await artifacts.page(
            ArtifactQuery(DATASET, limit=2, offset=3, cursor=first.next_cursor)
        )
        assert [record.ref.slug for record in second.records] == whole[2:4]
        assert second.total == 5

    async def test_artifacts_that_come_meanwhile_do_not_shift_the_pages(
        self, artifacts: ArtifactRepository
    ) -> None:
        for number in range(4):
            await publish(artifacts, draft_of(f"item-{number}"))
        whole = await _walk(artifacts, ArtifactQuery(DATASET))
        page = await artifacts.page(ArtifactQuery(DATASET, limit=2))
        found = [record.ref.slug for record in page.records]
        # In a tie of times its name puts it before all others.
        await publish(artifacts, draft_of("a-new-one"))
        await publish(artifacts, draft_of(found[0], "changed"))
        page = await artifacts.page(ArtifactQuery(DATASET, limit=3, cursor=page.next_cursor))
        assert found + [record.ref.slug for record in page.records] == whole
        assert page.total == 5

    async def test_a_page_of_none_tells_the_total(self, artifacts: ArtifactRepository) -> None:
        empty = await artifacts.page(ArtifactQuery(DATASET, limit=0))
        assert (empty.records, empty.total) == ((), 0)
        await publish(artifacts, draft_of("molecules"))
        page = await artifacts.page(ArtifactQuery(DATASET, limit=0))
        assert (page.records, page.total) == ((), 1)

    @pytest.mark.parametrize("cursor", ["", "x", "%%%", "ünï", "bm9uZQ==", "bnVsbA==", "W10="])
    async def test_a_text_that_is_no_cursor_is_refused(
        self, artifacts: ArtifactRepository, cursor: str
    ) -> None:
        await publish(artifacts, draft_of("molecules"))
        with pytest.raises(InvalidInputError):
            await artifacts.page(ArtifactQuery(DATASET, cursor=cursor))


async def _walk(artifacts: ArtifactRepository, query: ArtifactQuery) -> list[str]:
    """Return the slugs of a listing, page by page."""
    page = await artifacts.page(query)
    slugs = [record.ref.slug for record in page.records]
    while page.next_cursor is not None:
        page = await artifacts.page(
            ArtifactQuery(query.kind, limit=query.limit, cursor=page.next_cursor, owner=query.owner)
        )
        assert 0 < len(page.records) <= query.limit
        slugs += [record.ref.slug for record in page.records]
    return slugs
