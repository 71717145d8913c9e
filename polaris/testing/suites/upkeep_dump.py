"""What `DatabaseDump` promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import attrs
import pytest

from polaris.domain.identity import ArtifactKind
from polaris.errors import DamagedFileError, PolarisHubError
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifacts import ArtifactPage, ArtifactQuery, ArtifactRepository
from polaris.ports.jobs import JobQueue
from polaris.ports.upkeep_dump import DatabaseDump, DumpPart
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["UpkeepDumpSuite"]

DATASET = ArtifactKind.DATASET
BACKUP = "20240101T000000Z-0000"


async def _saved(dump: DatabaseDump) -> tuple[str, list[DumpPart]]:
    parts: list[DumpPart] = []

    async def keep(part: DumpPart) -> None:
        parts.append(part)

    return await dump.save(keep), parts


async def _each(parts: Sequence[DumpPart]) -> AsyncIterator[DumpPart]:
    for part in parts:
        yield part


async def _found(artifacts: ArtifactRepository, text: str) -> ArtifactPage:
    return await artifacts.page(ArtifactQuery(DATASET, text=text))


class UpkeepDumpSuite:
    """Copies of a database; part of `UpkeepSuite`."""

    async def test_a_copy_is_the_same_hub(
        self,
        artifacts: ArtifactRepository,
        history: ArtifactHistory,
        jobs: JobQueue,
        dump: DatabaseDump,
        other_dump: DatabaseDump,
        open_other: Callable[[], ArtifactRepository],
    ) -> None:
        for number in range(12):
            document = {"description": f"word{number} Grüße \u2028 'quoted' {'x' * 60}"}
            await publish(artifacts, draft_of(f"data-{number}", document=document))
        await publish(artifacts, draft_of("data-3", "second"))
        gone = draft_of("data-4").ref
        await history.delete(gone, by="somebody")
        await artifacts.begin(draft_of("begun-only"))
        submission = attrs.evolve(draft_of("forest", kind=ArtifactKind.PREDICTION), evaluate=True)
        await publish(artifacts, submission)
        assert await jobs.take(seconds=60) is not None

        schema, parts = await _saved(dump)
        assert len([part for part in parts if part.table == "revisions"]) > 1
        assert await other_dump.is_empty()
        await other_dump.begin_restore(BACKUP)
        rows = await other_dump.finish_restore(BACKUP, schema, _each(parts))
        assert rows["jobs"] == 1
        other = open_other()
        for query in (ArtifactQuery(DATASET), ArtifactQuery(DATASET, sort="name")):
            assert await other.page(query) == await artifacts.page(query)
        assert (await other.page(ArtifactQuery(DATASET))).total == 11
        # What a copy leaves out is there again.
        assert (await _found(other, "word7")).records == (await _found(artifacts, "word7")).records
        assert (await _found(other, "word7")).total == 1
        assert (await _found(other, "word4")).total == 0
        # New rows get numbers of their own.
        await publish(other, draft_of("after-all"))
        assert (await _found(other, "after")).total == 1

    async def test_the_names_are_those_of_what_was_ever_committed(
        self, artifacts: ArtifactRepository, dump: DatabaseDump
    ) -> None:
        first = await publish(artifacts, draft_of("data"))
        second = await publish(artifacts, draft_of("data", "second"))
        await artifacts.begin(draft_of("data", "third"))
        # An earlier one that is announced once more was committed all the same.
        await artifacts.begin(draft_of("data"))
        _, parts = await _saved(dump)
        names = b"".join(part.data for part in parts if part.table is None).decode()
        assert names.count("\n") == 2
        assert first.location.revision in names
        assert second.location.revision in names

    async def test_a_copy_is_of_one_moment(
        self, artifacts: ArtifactRepository, dump: DatabaseDump
    ) -> None:
        for number in range(8):
            await publish(artifacts, draft_of(f"data-{number}"))
        parts: list[DumpPart] = []

        async def keep(part: DumpPart) -> None:
            if not parts:
                # Whoever copies does not keep others from writing.
                await publish(artifacts, draft_of("meanwhile"))
            parts.append(part)

        await dump.save(keep)
        assert all(b"meanwhile" not in part.data for part in parts)

    async def test_nothing_is_restored_over_something(
        self, artifacts: ArtifactRepository, dump: DatabaseDump
    ) -> None:
        await publish(artifacts, draft_of("data"))
        assert not await dump.is_empty()
        with pytest.raises(PolarisHubError, match="not empty"):
            await dump.begin_restore(BACKUP)
        assert (await artifacts.page(ArtifactQuery(DATASET))).total == 1

    async def test_tables_without_rows_are_empty(
        self, artifacts: ArtifactRepository, dump: DatabaseDump
    ) -> None:
        assert await dump.is_empty()
        await dump.begin_restore(BACKUP)
        assert not await dump.is_empty()

    async def test_a_restore_that_has_not_ended_is_no_hub(
        self,
        artifacts: ArtifactRepository,
        dump: DatabaseDump,
        other_dump: DatabaseDump,
        open_other: Callable[[], ArtifactRepository],
    ) -> None:
        await publish(artifacts, draft_of("data"))
        schema, parts = await _saved(dump)
        await other_dump.begin_restore(BACKUP)
        with pytest.raises(PolarisHubError, match="being restored"):
            open_other()
        with pytest.raises(PolarisHubError):
            await _saved(other_dump)
        with pytest.raises(PolarisHubError, match="another backup"):
            await other_dump.begin_restore("20250101T000000Z-1111")
        damaged = [attrs.evolve(part, data=b"{not json\n") for part in parts]
        with pytest.raises(DamagedFileError):
            await other_dump.finish_restore(BACKUP, schema, _each(damaged))
        with pytest.raises(PolarisHubError, match="being restored"):
            open_other()
        # It can go on.
        await other_dump.begin_restore(BACKUP)
        await other_dump.finish_restore(BACKUP, schema, _each(parts))
        assert (await open_other().page(ArtifactQuery(DATASET))).total == 1

    async def test_a_backup_of_a_newer_schema_is_refused(self, other_dump: DatabaseDump) -> None:
        await other_dump.begin_restore(BACKUP)
        with pytest.raises(PolarisHubError, match="9999"):
            await other_dump.finish_restore(BACKUP, "9999", _each([]))
