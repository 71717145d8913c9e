"""What an `ArtifactRepository` promises to those who publish."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidInputError,
    PolarisCreateArtifactError,
)
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactLocation,
    ArtifactQuery,
    ArtifactRepository,
    Publication,
)
from polaris.ports.storage import IfExists
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["ArtifactsPublishingSuite"]

DATASET = ArtifactKind.DATASET

# What JSON can hold and what is easily lost on the way.
ODD_DOCUMENT: dict[str, Any] = {
    "z comes before a": 1,
    "a": None,
    "text": "Ünïcödé 分子 🧪 \u2028 \x00 \" ' \\ % ? :name",
    "integer": 2**80 + 1,
    "negative": -(2**63),
    "float": 0.1 + 0.2,
    "tiny": 5e-324,
    "whole": 1e16,
    "nested": {"list": [[], {}, [{"deep": [True, False]}]], "": ""},
}


class ArtifactsPublishingSuite:
    """Documents, beginnings, commits and revisions; part of `ArtifactsSuite`."""

    @pytest.fixture
    def reopened(self, artifacts: ArtifactRepository) -> ArtifactRepository:
        """The same repository once more; replace it where there is something to reopen."""
        return artifacts

    async def test_what_was_published_is_found(self, artifacts: ArtifactRepository) -> None:
        about = ArtifactRef(DATASET, "acme", "molecules")
        draft = draft_of("scores", kind=ArtifactKind.BENCHMARK, access="public", subject=about)
        published = await publish(artifacts, draft)
        assert published.ref == draft.ref
        assert published.document == draft.document
        assert published.access == "public"
        assert published.subject == about
        assert published.number == 1
        assert published.location.ref == draft.ref
        assert published.location.revision == draft.revision
        assert published.created_at == published.updated_at
        assert published.created_at.utcoffset() == timedelta(0)
        assert await artifacts.get(draft.ref) == published

    async def test_what_was_published_is_there_after_reopening(
        self, artifacts: ArtifactRepository, reopened: ArtifactRepository
    ) -> None:
        published = await publish(artifacts, draft_of("molecules"))
        begun = await artifacts.begin(draft_of("unfinished"))
        assert await reopened.get(published.ref) == published
        assert (await reopened.page(ArtifactQuery(DATASET))).records == (published,)
        assert (await reopened.commit(begun)).ref.slug == "unfinished"

    async def test_documents_come_back_as_they_were(self, artifacts: ArtifactRepository) -> None:
        draft = draft_of("oddities", document=ODD_DOCUMENT)
        await publish(artifacts, draft)
        found = (await artifacts.get(draft.ref)).document
        assert found == ODD_DOCUMENT
        assert revision_of(found, Sha256Manifest.of({})) == draft.revision

    async def test_a_large_document_comes_back(self, artifacts: ArtifactRepository) -> None:
        draft = draft_of("large-one", document={"split": list(range(200_000))})
        await publish(artifacts, draft)
        assert (await artifacts.get(draft.ref)).document == draft.document

    async def test_changing_a_document_that_was_given_or_got_changes_nothing(
        self, artifacts: ArtifactRepository
    ) -> None:
        said: dict[str, Any] = {"tags": ["one"]}
        draft = draft_of("molecules", document=said)
        record = await publish(artifacts, draft)
        said["tags"].append("two")
        record.document["tags"].append("three")
        assert (await artifacts.get(draft.ref)).document == {"tags": ["one"]}

    async def test_a_document_that_json_cannot_hold_is_refused(
        self, artifacts: ArtifactRepository
    ) -> None:
        draft = ArtifactDraft(
            ArtifactRef(DATASET, "acme", "molecules"), {"x": float("nan")}, "private", "0" * 64
        )
        with pytest.raises(InvalidInputError):
            await artifacts.begin(draft)
        with pytest.raises(ArtifactNotFoundError):
            await artifacts.get(draft.ref)

    async def test_what_is_not_there_is_not_found(self, artifacts: ArtifactRepository) -> None:
        await publish(artifacts, draft_of("molecules"))
        for ref in (
            ArtifactRef(DATASET, "acme", "elsewhere"),
            ArtifactRef(DATASET, "other", "molecules"),
            ArtifactRef(ArtifactKind.BENCHMARK, "acme", "molecules"),
        ):
            with pytest.raises(ArtifactNotFoundError):
                await artifacts.get(ref)

    async def test_nothing_is_seen_before_the_commit(self, artifacts: ArtifactRepository) -> None:
        draft = draft_of("molecules")
        publication = await artifacts.begin(draft)
        with pytest.raises(ArtifactNotFoundError):
            await artifacts.get(draft.ref)
        page = await artifacts.page(ArtifactQuery(DATASET))
        assert (page.records, page.total, page.next_cursor) == ((), 0, None)
        await artifacts.commit(publication)
        assert (await artifacts.page(ArtifactQuery(DATASET))).total == 1

    async def test_a_revision_that_has_begun_leaves_the_one_before_in_sight(
        self, artifacts: ArtifactRepository
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first"))
        await artifacts.begin(draft_of("molecules", "second"))
        assert await artifacts.get(first.ref) == first
        assert (await artifacts.page(ArtifactQuery(DATASET))).records == (first,)

    async def test_beginning_again_gives_the_same_location(
        self, artifacts: ArtifactRepository
    ) -> None:
        draft = draft_of("molecules")
        first, second = await artifacts.begin(draft), await artifacts.begin(draft)
        assert first.location == second.location
        assert first.location.revision == draft.revision
        await artifacts.commit(first)
        assert (await artifacts.begin(draft)).location == first.location

    async def test_committing_again_changes_nothing(self, artifacts: ArtifactRepository) -> None:
        publication = await artifacts.begin(draft_of("molecules"))
        committed = await artifacts.commit(publication)
        assert await artifacts.commit(publication) == committed
        assert await artifacts.get(committed.ref) == committed

    async def test_a_repeated_commit_does_not_bring_an_earlier_revision_back(
        self, artifacts: ArtifactRepository
    ) -> None:
        publication = await artifacts.begin(draft_of("molecules", "first"))
        first = await artifacts.commit(publication)
        second = await publish(artifacts, draft_of("molecules", "second"))
        assert await artifacts.commit(publication) == first
        assert await artifacts.get(first.ref) == second

    async def test_publishing_the_same_again_changes_nothing(
        self, artifacts: ArtifactRepository
    ) -> None:
        first = await publish(artifacts, draft_of("molecules"))
        assert await publish(artifacts, draft_of("molecules")) == first
        assert await artifacts.get(first.ref) == first

    async def test_publishing_the_same_for_others_to_see_opens_it(
        self, artifacts: ArtifactRepository
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", access="private"))
        await publish(artifacts, draft_of("molecules", access="public"))
        found = await artifacts.get(first.ref)
        assert found.access == "public"
        assert found.number == first.number

    async def test_a_new_revision_replaces_the_one_before(
        self, artifacts: ArtifactRepository
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first", access="public"))
        draft = draft_of("molecules", "second", access="private")
        second = await publish(artifacts, draft)
        assert second.number == 2
        assert second.document == draft.document
        assert second.access == "private"
        assert second.location != first.location
        assert second.created_at == first.created_at
        assert second.updated_at >= first.updated_at
        assert await artifacts.get(first.ref) == second
        assert (await artifacts.page(ArtifactQuery(DATASET))).records == (second,)

    async def test_an_earlier_content_can_be_published_again(
        self, artifacts: ArtifactRepository
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first"))
        second = await publish(artifacts, draft_of("molecules", "second"))
        again = await publish(artifacts, draft_of("molecules", "first"))
        assert again.location == first.location
        assert again.document == first.document
        assert again.number > second.number
        assert again.created_at == first.created_at
        assert again.updated_at >= second.updated_at
        assert await artifacts.get(first.ref) == again

    async def test_raise_refuses_an_artifact_that_is_there(
        self, artifacts: ArtifactRepository
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first"))
        for content in ("first", "second"):
            with pytest.raises(ArtifactExistsError):
                await artifacts.begin(draft_of("molecules", content), if_exists=IfExists.RAISE)
        assert await artifacts.get(first.ref) == first

    async def test_raise_takes_an_artifact_that_only_has_begun(
        self, artifacts: ArtifactRepository
    ) -> None:
        await artifacts.begin(draft_of("molecules", "first"), if_exists=IfExists.RAISE)
        draft = draft_of("molecules", "second")
        publication = await artifacts.begin(draft, if_exists=IfExists.RAISE)
        assert (await artifacts.commit(publication)).document == draft.document

    @pytest.mark.parametrize("if_exists", [IfExists.REPLACE, IfExists.SKIP])
    async def test_replace_and_skip_replace_what_is_there(
        self, artifacts: ArtifactRepository, if_exists: IfExists
    ) -> None:
        await publish(artifacts, draft_of("molecules", "first"))
        draft = draft_of("molecules", "second")
        await artifacts.commit(await artifacts.begin(draft, if_exists=if_exists))
        assert (await artifacts.get(draft.ref)).document == draft.document

    async def test_what_was_never_begun_cannot_be_committed(
        self, artifacts: ArtifactRepository
    ) -> None:
        await artifacts.begin(draft_of("molecules", "first"))
        for draft in (draft_of("molecules", "second"), draft_of("elsewhere")):
            location = ArtifactLocation(draft.ref, draft.revision)
            with pytest.raises(PolarisCreateArtifactError):
                await artifacts.commit(Publication(draft, location))
        assert (await artifacts.page(ArtifactQuery(DATASET))).total == 0
