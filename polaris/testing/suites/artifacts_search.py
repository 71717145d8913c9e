"""What an `ArtifactRepository` promises to those who search and sort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord, ArtifactRepository, Sort
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["ArtifactsSearchSuite"]

DATASET, RESULT = ArtifactKind.DATASET, ArtifactKind.RESULT

DOCUMENTS: Mapping[str, dict[str, Any]] = {
    "solubility": {"name": "Aqueous Solubility", "tags": ["ADMET", "small  molecules"]},
    "binding-db": {"description": "Affinities of kinase inhibitors, IC50 and K_i.", "version": 2},
    "strasse": {"name": "Straße", "description": "Größe der Moleküle; 分子的性质", "tags": []},
    "admet-lab": {"name": "lab", "tags": ["admet", "Toxicity"], "description": "Solubilities"},
    "odd-values": {"name": 7, "tags": "admet", "description": ["kinase"], "version": "2"},
}
# What is searched for, and what is found.
FOUND: Mapping[str, set[str]] = {
    "solub": {"solubility", "admet-lab"},
    "SOLUBILITY": {"solubility"},
    "aqueous solub": {"solubility"},
    "solubility kinase": set(),
    "kinase": {"binding-db"},
    "ic50, affin": {"binding-db"},
    "i": {"binding-db"},
    "ubility": set(),
    "strasse": {"strasse"},
    "STRASSE größe": {"strasse"},
    "gro\u0308sse": {"strasse"},
    "groesse": set(),
    "分子": {"strasse"},
    "性质": set(),
    "admet": {"solubility", "admet-lab"},
    "acme": set(DOCUMENTS),
    "odd values": {"odd-values"},
    '"kinase" OR *': set(),
    "kinase' --": {"binding-db"},
}
TAGGED: list[tuple[set[str], set[str]]] = [
    ({"admet"}, {"solubility", "admet-lab"}),
    ({"Admet ", "TOXICITY"}, {"admet-lab"}),
    ({"small molecules"}, {"solubility"}),
    ({"small"}, set()),
    ({""}, set()),
    ({"x" * 5000, "' OR \"1"}, set()),
    (set(), set(DOCUMENTS)),
]
ORDERS: list[tuple[Sort, bool | None]] = [
    (sort, descending)
    for sort in ("created", "updated", "name")
    for descending in (None, True, False)
]


class ArtifactsSearchSuite:
    """Words, tags, versions, times and orders; part of `ArtifactsSuite`."""

    async def test_artifacts_are_found_by_beginnings_of_their_words(
        self, artifacts: ArtifactRepository
    ) -> None:
        await _publish_all(artifacts)
        for text, slugs in FOUND.items():
            found = await _slugs(artifacts, ArtifactQuery(DATASET, text=text))
            assert (text, found) == (text, slugs)

    async def test_a_search_goes_by_the_newest_revision(
        self, artifacts: ArtifactRepository
    ) -> None:
        for name in ("kinases", "proteases"):
            await publish(artifacts, draft_of("molecules", document={"name": name, "tags": [name]}))
        for query, found in (
            (ArtifactQuery(DATASET, text="protease"), {"molecules"}),
            (ArtifactQuery(DATASET, text="kinase"), set()),
            (ArtifactQuery(DATASET, tags=frozenset({"proteases"})), {"molecules"}),
            (ArtifactQuery(DATASET, tags=frozenset({"kinases"})), set()),
        ):
            assert await _slugs(artifacts, query) == found

    async def test_nothing_is_found_before_the_commit(self, artifacts: ArtifactRepository) -> None:
        begun = await artifacts.begin(draft_of("molecules"))
        assert await _slugs(artifacts, ArtifactQuery(DATASET, text="molecules")) == set()
        await artifacts.commit(begun)
        assert await _slugs(artifacts, ArtifactQuery(DATASET, text="molecules")) == {"molecules"}

    async def test_artifacts_are_listed_by_all_of_some_tags(
        self, artifacts: ArtifactRepository
    ) -> None:
        await _publish_all(artifacts)
        for tags, slugs in TAGGED:
            found = await _slugs(artifacts, ArtifactQuery(DATASET, tags=frozenset(tags)))
            assert (tags, found) == (tags, slugs)

    async def test_artifacts_are_listed_by_versions_of_their_documents(
        self, artifacts: ArtifactRepository
    ) -> None:
        await _publish_all(artifacts)
        first = set(DOCUMENTS) - {"binding-db"}
        for versions, slugs in (({1}, first), ({2}, {"binding-db"}), ({1, 2}, set(DOCUMENTS)),
                                ({3}, set()), (set(), set())):  # fmt: skip
            query = ArtifactQuery(DATASET, versions=frozenset(versions))
            assert await _slugs(artifacts, query) == slugs
            with_words = attrs.evolve(query, text="acme")
            assert await _slugs(artifacts, with_words) == slugs

    async def test_filters_hold_together(self, artifacts: ArtifactRepository) -> None:
        about = ArtifactRef(ArtifactKind.BENCHMARK, "acme", "bench")
        for draft in (
            draft_of("run-1", kind=RESULT, subject=about, access="public"),
            draft_of("run-2", kind=RESULT, subject=about),
            draft_of("run-3", kind=RESULT, subject=about, owner="other"),
            draft_of("run-4", kind=RESULT, access="public"),
            draft_of("run-5", access="public", subject=about),
        ):
            await publish(artifacts, draft)
        run = ArtifactQuery(RESULT, text="run")
        everything = {"run-1", "run-2", "run-3", "run-4"}
        for query, slugs in (
            (run, everything),
            (attrs.evolve(run, subject=about), everything - {"run-4"}),
            (attrs.evolve(run, private_of=frozenset()), {"run-1", "run-4"}),
            (attrs.evolve(run, private_of=frozenset({"acme"})), {"run-1", "run-2", "run-4"}),
            (attrs.evolve(run, private_of=frozenset({"other"}), owner="acme"), {"run-1", "run-4"}),
            (attrs.evolve(run, private_of=frozenset({"acme"}), owner="acme", subject=about),
             {"run-1", "run-2"}),
            (attrs.evolve(run, owner="other", sort="name"), {"run-3"}),
            (attrs.evolve(run, text="run 2"), {"run-2"}),
            (attrs.evolve(run, private_of=frozenset(f"owner-{i}" for i in range(99)) | {"other"}),
             {"run-1", "run-3", "run-4"}),
        ):  # fmt: skip
            assert await _slugs(artifacts, query) == slugs

    async def test_who_may_see_it_is_kept_in_step(self, artifacts: ArtifactRepository) -> None:
        query = ArtifactQuery(DATASET, text="molecules", private_of=frozenset())
        await publish(artifacts, draft_of("molecules", access="private"))
        assert await _slugs(artifacts, query) == set()
        await publish(artifacts, draft_of("molecules", access="public"))
        assert await _slugs(artifacts, query) == {"molecules"}
        await publish(artifacts, draft_of("molecules", "second", access="private"))
        assert await _slugs(artifacts, query) == set()

    async def test_pages_of_every_order_make_up_the_listing(
        self, artifacts: ArtifactRepository
    ) -> None:
        for number in (3, 1, 2):
            for owner in ("acme", "other"):
                await publish(artifacts, draft_of(f"item-{number}", owner=owner))
        for number in (3, 2):
            await publish(artifacts, draft_of(f"item-{number}", "second"))
        for sort, descending in ORDERS:
            for text in (None, "item"):
                query = ArtifactQuery(DATASET, limit=4, sort=sort, descending=descending, text=text)
                whole = list((await artifacts.page(attrs.evolve(query, limit=100))).records)
                assert whole == _sorted(whole, query)
                assert len(whole) == 6
                page = await artifacts.page(query)
                later = attrs.evolve(query, cursor=page.next_cursor, offset=5)
                rest = await artifacts.page(later)
                assert [*page.records, *rest.records] == whole
                assert rest.next_cursor is None
                page = await artifacts.page(attrs.evolve(query, offset=1))
                assert list(page.records) == whole[1:5]

    async def test_a_cursor_is_of_one_order(self, artifacts: ArtifactRepository) -> None:
        for number in range(3):
            await publish(artifacts, draft_of(f"item-{number}"))
        for sort, descending in ORDERS:
            query = ArtifactQuery(DATASET, limit=1, sort=sort, descending=descending)
            cursor = (await artifacts.page(query)).next_cursor
            for other, down in ORDERS:
                asked = attrs.evolve(query, sort=other, descending=down, cursor=cursor)
                if (other, asked.is_descending) == (sort, query.is_descending):
                    assert (await artifacts.page(asked)).records
                else:
                    with pytest.raises(InvalidInputError):
                        await artifacts.page(asked)

    async def test_artifacts_are_listed_since_a_time(self, artifacts: ArtifactRepository) -> None:
        first = await publish(artifacts, draft_of("item-1"))
        second = await publish(artifacts, draft_of("item-2"))
        again = await publish(artifacts, draft_of("item-1", "second"))
        everything = [second, again]
        for text in (None, "item"):
            query = ArtifactQuery(DATASET, text=text)
            for moment in (first.created_at, second.created_at, again.updated_at):
                created = {r.ref.slug for r in everything if r.created_at >= moment}
                since = attrs.evolve(query, created_since=moment)
                assert await _slugs(artifacts, since) == created
                updated = {r.ref.slug for r in everything if r.updated_at >= moment}
                since = attrs.evolve(query, updated_since=moment)
                assert await _slugs(artifacts, since) == updated
                assert await _slugs(artifacts, attrs.evolve(since, sort="updated")) == updated

    async def test_a_total_is_counted_where_it_is_asked_for(
        self, artifacts: ArtifactRepository
    ) -> None:
        await _publish_all(artifacts)
        for query in (
            ArtifactQuery(DATASET, limit=1),
            ArtifactQuery(DATASET, limit=1, text="acme"),
        ):
            assert (await artifacts.page(query)).total == len(DOCUMENTS)
            page = await artifacts.page(attrs.evolve(query, with_total=False))
            assert page.total is None
            assert page.next_cursor is not None


async def _publish_all(artifacts: ArtifactRepository) -> None:
    for slug, document in DOCUMENTS.items():
        await publish(artifacts, draft_of(slug, document=document))


async def _slugs(artifacts: ArtifactRepository, query: ArtifactQuery) -> set[str]:
    page = await artifacts.page(query)
    slugs = {record.ref.slug for record in page.records}
    assert page.total == len(page.records) == len(slugs)
    return slugs


def _sorted(records: list[ArtifactRecord], query: ArtifactQuery) -> list[ArtifactRecord]:
    if query.sort == "name":
        usual = sorted(records, key=lambda r: (r.ref.slug, r.ref.owner))
    else:
        usual = sorted(records, key=lambda r: (r.ref.owner, r.ref.slug))
        usual.sort(key=lambda r: getattr(r, f"{query.sort}_at"), reverse=True)
    return usual if query.is_descending == (query.sort != "name") else usual[::-1]
