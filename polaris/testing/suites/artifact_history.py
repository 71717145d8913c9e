"""The conformance suite of `polaris.ports.artifact_history`."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ArtifactChangedError,
    ArtifactDeletedError,
    ArtifactNotFoundError,
    InvalidInputError,
)
from polaris.ports.artifact_history import ArtifactHistory, Tombstone
from polaris.ports.artifacts import Access, ArtifactQuery, ArtifactRepository
from polaris.ports.storage import IfExists
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["ArtifactHistorySuite"]

DATASET = ArtifactKind.DATASET
REF = ArtifactRef(DATASET, "acme", "molecules")


class ArtifactHistorySuite:
    """What every `ArtifactHistory` promises to a caller who may do everything for any owner.

    Derive a class whose name begins with ``Test`` and give it two fixtures: ``artifacts``, an empty
    repository, and ``history``, that of the same hub. Where the hub itself knows who calls, name
    that account in ``caller``. Needs pytest-asyncio in its ``auto`` mode.

    Example:
        >>> class TestInMemoryHistory(ArtifactHistorySuite):
        ...     @pytest.fixture
        ...     def artifacts(self) -> InMemoryArtifacts:
        ...         return InMemoryArtifacts(ManualClock())  # doctest: +SKIP
        ...
        ...     @pytest.fixture
        ...     def history(self, artifacts: InMemoryArtifacts) -> ArtifactHistory:
        ...         return artifacts.history  # doctest: +SKIP
    """

    #: Who deletes.
    caller: ClassVar[str] = "acme"

    async def test_every_published_revision_is_a_version(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        published: list[tuple[str, Access]] = [
            ("one", "private"), ("two", "public"), ("three", "private")
        ]  # fmt: skip
        records = [
            await publish(artifacts, draft_of("molecules", content, access=access))
            for content, access in published
        ]
        await artifacts.begin(draft_of("molecules", "four"))
        await publish(artifacts, draft_of("elsewhere"))
        page = await history.versions(REF)
        assert page.next_cursor is None
        assert [v.ref for v in page.versions] == [REF] * 3
        assert [v.number for v in page.versions] == [3, 2, 1]
        expected = [(r.location.revision, r.access, r.updated_at) for r in records[::-1]]
        assert [(v.revision, v.access, v.published_at) for v in page.versions] == expected

    async def test_versions_come_page_by_page(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        for content in range(5):
            await publish(artifacts, draft_of("molecules", str(content)))
        numbers: list[list[int]] = []
        cursor: str | None = None
        while True:
            page = await history.versions(REF, limit=2, cursor=cursor)
            numbers.append([version.number for version in page.versions])
            cursor = page.next_cursor
            if cursor is None:
                break
        assert numbers == [[5, 4], [3, 2], [1]]

    async def test_a_version_is_got_by_number_and_by_revision(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first", access="public"))
        second = await publish(artifacts, draft_of("molecules", "second"))
        for record in (first, second):
            assert await history.get_version(REF, record.number) == record
            assert await history.get_version(REF, record.location.revision) == record

    async def test_what_was_published_again_has_a_new_number(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        for content in ("first", "second"):
            await publish(artifacts, draft_of("molecules", content))
        begun = await artifacts.begin(draft_of("molecules", "first"))
        assert [v.number for v in (await history.versions(REF)).versions] == [2, 1]
        await artifacts.commit(begun)
        assert [v.number for v in (await history.versions(REF)).versions] == [3, 2]
        with pytest.raises(ArtifactNotFoundError):
            await history.get_version(REF, 1)

    @pytest.mark.parametrize("version", [0, -1, 2, 2**70, "0" * 64, "x"])
    async def test_versions_that_are_not_there_are_not_found(
        self, artifacts: ArtifactRepository, history: ArtifactHistory, version: int | str
    ) -> None:
        await publish(artifacts, draft_of("molecules"))
        with pytest.raises(ArtifactNotFoundError):
            await history.get_version(REF, version)

    async def test_what_was_never_published_has_no_history(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        begun = await artifacts.begin(draft_of("molecules"))
        for ref in (REF, ArtifactRef(DATASET, "acme", "elsewhere")):
            for call in (history.versions, history.delete, history.restore):
                with pytest.raises(ArtifactNotFoundError):
                    await call(ref)
        with pytest.raises(ArtifactNotFoundError):
            await history.get_version(REF, begun.location.revision)
        assert (await history.tombstones("acme")).tombstones == ()

    async def test_what_is_deleted_is_gone_from_everywhere(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        record = await publish(artifacts, draft_of("molecules", access="public"))
        other = await publish(artifacts, draft_of("molecules", owner="other"))
        await history.delete(REF)
        for query in (
            ArtifactQuery(DATASET),
            ArtifactQuery(DATASET, text="molecules"),
            ArtifactQuery(DATASET, sort="updated"),
            ArtifactQuery(DATASET, sort="name"),
            ArtifactQuery(DATASET, private_of=frozenset({"acme", "other"})),
            ArtifactQuery(DATASET, versions=frozenset({1})),
        ):
            page = await artifacts.page(query)
            assert (page.records, page.total) == ((other,), 1)
        for call in (artifacts.get, history.versions):
            with pytest.raises(ArtifactNotFoundError):
                await call(REF)
        for version in (1, record.location.revision):
            with pytest.raises(ArtifactNotFoundError):
                await history.get_version(REF, version)

    async def test_a_tombstone_tells_what_was_there(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        await publish(artifacts, draft_of("molecules", "first"))
        record = await publish(artifacts, draft_of("molecules", "second", access="public"))
        tombstone = await history.delete(REF, by=self.caller)
        assert tombstone == Tombstone(
            REF, record.location.revision, 2, "public", tombstone.deleted_at, self.caller
        )
        assert tombstone.deleted_at >= record.updated_at
        assert (await history.tombstones("acme")).tombstones == (tombstone,)
        assert (await history.tombstones("other")).tombstones == ()
        assert await history.find_tombstone(REF) == tombstone
        assert await history.find_tombstone(ArtifactRef(DATASET, "acme", "elsewhere")) is None

    async def test_deleting_again_changes_nothing(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        record = await publish(artifacts, draft_of("molecules"))
        revision = record.location.revision
        first = await history.delete(REF, expected_revision=revision, by=self.caller)
        assert await history.delete(REF, expected_revision=revision, by=self.caller) == first
        assert (await history.tombstones("acme")).tombstones == (first,)

    async def test_what_has_moved_on_is_not_deleted(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first"))
        second = await publish(artifacts, draft_of("molecules", "second"))
        with pytest.raises(ArtifactChangedError):
            await history.delete(REF, expected_revision=first.location.revision)
        assert await artifacts.get(REF) == second

    async def test_what_is_restored_is_as_it_was(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        await publish(artifacts, draft_of("molecules", "first", access="private"))
        record = await publish(artifacts, draft_of("molecules", "second", access="public"))
        before, versions = await artifacts.page(ArtifactQuery(DATASET)), await history.versions(REF)
        await history.delete(REF)
        assert await history.restore(REF) == record
        assert await history.restore(REF) == record
        assert await history.find_tombstone(REF) is None
        assert await artifacts.get(REF) == record
        assert await artifacts.page(ArtifactQuery(DATASET)) == before
        assert (await artifacts.page(ArtifactQuery(DATASET, text="mole"))).records == (record,)
        assert await history.versions(REF) == versions
        assert (await history.tombstones("acme")).tombstones == ()
        assert (await publish(artifacts, draft_of("molecules", "third"))).number == 3

    async def test_nothing_is_published_over_a_tombstone(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        await publish(artifacts, draft_of("molecules", "first"))
        begun = await artifacts.begin(draft_of("molecules", "begun"))
        tombstone = await history.delete(REF)
        for if_exists in IfExists:
            for content in ("first", "second"):
                with pytest.raises(ArtifactDeletedError, match="deleted"):
                    await artifacts.begin(draft_of("molecules", content), if_exists=if_exists)
        with pytest.raises(ArtifactDeletedError):
            await artifacts.commit(begun)
        assert (await history.tombstones("acme")).tombstones == (tombstone,)

    async def test_tombstones_come_page_by_page(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        for number in range(5):
            draft = draft_of(f"item-{number}", kind=list(ArtifactKind)[number % 2])
            await publish(artifacts, draft)
            await history.delete(draft.ref)
        whole = (await history.tombstones("acme")).tombstones
        usual = sorted(whole, key=lambda tombstone: tombstone.ref)
        usual.sort(key=lambda tombstone: tombstone.deleted_at, reverse=True)
        assert list(whole) == usual
        assert len(whole) == 5
        found: list[Tombstone] = []
        cursor: str | None = None
        while True:
            page = await history.tombstones("acme", limit=2, cursor=cursor)
            found += page.tombstones
            assert len(page.tombstones) <= 2
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == list(whole)

    @pytest.mark.parametrize("limit", [0, -1, 1001])
    async def test_a_page_of_a_length_that_cannot_be_is_refused(
        self, artifacts: ArtifactRepository, history: ArtifactHistory, limit: int
    ) -> None:
        await publish(artifacts, draft_of("molecules"))
        with pytest.raises(InvalidInputError):
            await history.versions(REF, limit=limit)
        with pytest.raises(InvalidInputError):
            await history.tombstones("acme", limit=limit)

    @pytest.mark.parametrize("cursor", ["", "x", "%%%", "ünï", "bnVsbA==", "W10=", "WyJ4Il0="])
    async def test_a_text_that_is_no_cursor_is_refused(
        self, artifacts: ArtifactRepository, history: ArtifactHistory, cursor: str
    ) -> None:
        await publish(artifacts, draft_of("molecules"))
        await publish(artifacts, draft_of("elsewhere"))
        await history.delete(ArtifactRef(DATASET, "acme", "elsewhere"))
        with pytest.raises(InvalidInputError):
            await history.versions(REF, cursor=cursor)
        with pytest.raises(InvalidInputError):
            await history.tombstones("acme", cursor=cursor)

    async def test_of_those_who_delete_and_publish_at_once_nobody_is_lost(
        self, artifacts: ArtifactRepository, history: ArtifactHistory
    ) -> None:
        first = await publish(artifacts, draft_of("molecules", "first"))
        begun = await artifacts.begin(draft_of("molecules", "second"))
        done = await asyncio.gather(
            artifacts.commit(begun),
            history.delete(REF, expected_revision=first.location.revision),
            return_exceptions=True,
        )
        failed = [outcome for outcome in done if isinstance(outcome, Exception)]
        assert len(failed) == 1
        assert isinstance(failed[0], (ArtifactChangedError, ArtifactDeletedError))
