"""What `RevisionLedger` and `RowCheck` promise of a database that is whole."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from polaris.domain.identity import ArtifactKind
from polaris.errors import (
    ArtifactNotFoundError,
    PolarisCreateArtifactError,
    PolarisHubError,
)
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifacts import ArtifactDraft, ArtifactQuery, ArtifactRepository
from polaris.ports.upkeep import RowCheck
from polaris.ports.upkeep_ledger import RevisionEntry, RevisionLedger, RevisionName, RevisionState
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["UpkeepLedgerSuite"]

DATASET = ArtifactKind.DATASET


def name_of(draft: ArtifactDraft) -> RevisionName:
    """Return what the database calls a draft."""
    ref = draft.ref
    return RevisionName(ref.kind.value, ref.owner, ref.slug, draft.revision)


async def _abandoned(ledger: RevisionLedger, clock: ManualClock) -> RevisionEntry:
    [entry] = await ledger.abandoned(before=clock.now() + timedelta(microseconds=1))
    return entry


class UpkeepLedgerSuite:
    """The revisions in a database; part of `UpkeepSuite`."""

    async def test_every_revision_is_on_a_page(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger
    ) -> None:
        for number in range(5):
            await publish(artifacts, draft_of(f"data-{number}"))
        await publish(artifacts, draft_of("data-0", "second"))
        await artifacts.begin(draft_of("begun-only"))
        found: list[RevisionEntry] = []
        while page := await ledger.page(after=found[-1].id if found else 0, limit=3):
            assert len(page) <= 3
            found += page
        assert len({entry.id for entry in found}) == 7
        states = {entry.name: (entry.state, entry.is_current) for entry in found}
        assert states[name_of(draft_of("data-0"))] == (RevisionState.COMMITTED, False)
        assert states[name_of(draft_of("data-0", "second"))] == (RevisionState.COMMITTED, True)
        assert states[name_of(draft_of("begun-only"))] == (RevisionState.BEGUN, False)

    async def test_names_are_known_whatever_their_state(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger
    ) -> None:
        await publish(artifacts, draft_of("data"))
        await artifacts.begin(draft_of("begun-only"))
        there = {name_of(draft_of("data")), name_of(draft_of("begun-only"))}
        elsewhere = {name_of(draft_of("data", "other")), name_of(draft_of("missing"))}
        assert await ledger.known(there | elsewhere) == there
        assert await ledger.known([]) == set()

    async def test_only_what_was_never_committed_is_abandoned(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger, clock: ManualClock
    ) -> None:
        await publish(artifacts, draft_of("data"))
        await publish(artifacts, draft_of("data", "second"))
        await artifacts.begin(draft_of("data"))
        await artifacts.begin(draft_of("begun-only"))
        assert await ledger.abandoned(before=clock.now()) == []
        entry = await _abandoned(ledger, clock)
        assert entry.name == name_of(draft_of("begun-only"))

    async def test_what_was_given_up_cannot_be_committed(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger, clock: ManualClock
    ) -> None:
        publication = await artifacts.begin(draft_of("data"))
        entry = await _abandoned(ledger, clock)
        assert await ledger.give_up(entry, before=clock.now() + timedelta(seconds=1))
        with pytest.raises(PolarisCreateArtifactError, match="never begun"):
            await artifacts.commit(publication)
        [left] = await ledger.removing()
        assert left.name == entry.name
        assert left.state is RevisionState.REMOVING
        assert await ledger.known([entry.name]) == {entry.name}
        done: list[str] = []

        async def work() -> None:
            done.append("it")

        assert await ledger.remove(left, work)
        assert done == ["it"]
        await ledger.forget(left)
        assert await ledger.page() == []
        # Begun once more, it is as new.
        await publish(artifacts, draft_of("data"))
        assert (await artifacts.page(ArtifactQuery(DATASET))).total == 1

    async def test_what_was_committed_meanwhile_is_not_given_up(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger, clock: ManualClock
    ) -> None:
        publication = await artifacts.begin(draft_of("data"))
        entry = await _abandoned(ledger, clock)
        await artifacts.commit(publication)
        assert not await ledger.give_up(entry, before=clock.now() + timedelta(seconds=1))
        assert (await artifacts.get(publication.draft.ref)).number == 1

    async def test_nothing_is_removed_of_what_was_begun_anew(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger, clock: ManualClock
    ) -> None:
        await artifacts.begin(draft_of("data"))
        await ledger.give_up(
            await _abandoned(ledger, clock), before=clock.now() + timedelta(seconds=1)
        )
        [entry] = await ledger.removing()
        publication = await artifacts.begin(draft_of("data"))

        async def work() -> None:
            raise AssertionError("the objects are another one's by now")

        assert not await ledger.remove(entry, work)
        await ledger.forget(entry)
        assert await ledger.removing() == []
        await artifacts.commit(publication)

    async def test_nobody_begins_while_objects_are_removed(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger, clock: ManualClock
    ) -> None:
        await artifacts.begin(draft_of("data"))
        await ledger.give_up(
            await _abandoned(ledger, clock), before=clock.now() + timedelta(seconds=1)
        )
        [entry] = await ledger.removing()
        begun: list[asyncio.Task[object]] = []

        async def work() -> None:
            begun.append(asyncio.create_task(_begun(artifacts)))
            done, _ = await asyncio.wait(begun, timeout=0.2)
            assert not done

        assert await ledger.remove(entry, work)
        await begun[0]

    async def test_what_is_announced_is_not_unknown(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger
    ) -> None:
        done: list[str] = []

        async def work() -> None:
            done.append("it")

        name = name_of(draft_of("data"))
        assert await ledger.remove_unknown(name, work)
        await artifacts.begin(draft_of("data"))
        assert not await ledger.remove_unknown(name, work)
        assert done == ["it"]
        assert await ledger.remove_unknown(name_of(draft_of("data", "other")), work)

    async def test_a_failure_of_the_work_is_told(
        self, artifacts: ArtifactRepository, ledger: RevisionLedger, clock: ManualClock
    ) -> None:
        await artifacts.begin(draft_of("data"))
        await ledger.give_up(
            await _abandoned(ledger, clock), before=clock.now() + timedelta(seconds=1)
        )
        [entry] = await ledger.removing()

        async def work() -> None:
            raise PolarisHubError("the store is away")

        with pytest.raises(PolarisHubError, match="the store is away"):
            await ledger.remove(entry, work)
        assert list(await ledger.removing()) == [entry]

    async def test_what_was_deleted_can_be_given_up_for_good(
        self,
        artifacts: ArtifactRepository,
        history: ArtifactHistory,
        ledger: RevisionLedger,
        clock: ManualClock,
    ) -> None:
        await publish(artifacts, draft_of("data"))
        await publish(artifacts, draft_of("data", "second"))
        await publish(artifacts, draft_of("other-data"))
        ref = draft_of("data").ref
        await history.delete(ref)
        later = clock.now() + timedelta(seconds=1)
        assert await ledger.deleted(before=clock.now()) == []
        entries = await ledger.deleted(before=later)
        assert len(entries) == 2
        for entry in entries:
            assert await ledger.give_up(entry, before=later)
        with pytest.raises(ArtifactNotFoundError):
            await history.restore(ref)
        for entry in await ledger.removing():
            await ledger.forget(entry)
        await publish(artifacts, draft_of("data", "another one's"))
        assert (await artifacts.get(ref)).number == 1

    async def test_what_was_restored_meanwhile_is_not_given_up(
        self,
        artifacts: ArtifactRepository,
        history: ArtifactHistory,
        ledger: RevisionLedger,
        clock: ManualClock,
    ) -> None:
        await publish(artifacts, draft_of("data"))
        await history.delete(draft_of("data").ref)
        later = clock.now() + timedelta(seconds=1)
        [entry] = await ledger.deleted(before=later)
        await history.restore(draft_of("data").ref)
        assert not await ledger.give_up(entry, before=later)
        assert (await artifacts.get(draft_of("data").ref)).number == 1

    async def test_what_is_withdrawn_is_not_seen_until_it_is_published_again(
        self,
        artifacts: ArtifactRepository,
        history: ArtifactHistory,
        ledger: RevisionLedger,
        rows: RowCheck,
    ) -> None:
        draft = draft_of("data", document={"description": "unmistakable"})
        await publish(artifacts, draft)
        [entry] = await ledger.page()
        assert await ledger.withdraw(entry)
        assert not await ledger.withdraw(entry)
        with pytest.raises(ArtifactNotFoundError):
            await artifacts.get(draft.ref)
        with pytest.raises(ArtifactNotFoundError):
            await history.get_version(draft.ref, 1)
        query = ArtifactQuery(DATASET, text="unmistakable")
        assert (await artifacts.page(query)).total == 0
        assert await rows.faults() == []
        await publish(artifacts, draft)
        assert (await artifacts.page(query)).total == 1
        assert await rows.faults() == []

    async def test_rows_that_agree_are_no_faults(
        self, artifacts: ArtifactRepository, history: ArtifactHistory, rows: RowCheck
    ) -> None:
        dataset = draft_of("data", access="public")
        await publish(artifacts, dataset)
        await publish(artifacts, draft_of("data", "second"))
        benchmark = draft_of("bench", kind=ArtifactKind.BENCHMARK, subject=dataset.ref)
        await publish(artifacts, benchmark)
        await publish(artifacts, draft_of("deleted-data"))
        await history.delete(draft_of("deleted-data").ref)
        await artifacts.begin(draft_of("begun-only"))
        assert await rows.faults() == []
        assert await rows.repair() == []
        await history.delete(dataset.ref)
        [warning] = await rows.faults()
        assert (warning.code, warning.severity) == ("subject-missing", "warning")
        assert await rows.repair() == []


async def _begun(artifacts: ArtifactRepository) -> object:
    return await artifacts.begin(draft_of("data"))
