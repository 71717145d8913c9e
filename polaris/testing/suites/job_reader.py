"""The conformance suite of `polaris.ports.jobs.JobReader`."""

from __future__ import annotations

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactDraft, ArtifactRepository
from polaris.ports.jobs import Job, JobQueue, JobReader, JobState, Lease
from polaris.testing.suites.artifact_drafts import draft_of, publish

__all__ = ["JobReaderSuite"]

RESULTS = ArtifactRef(ArtifactKind.RESULT, "acme", "the-scores")


def _submission(slug: str, content: str = "first") -> ArtifactDraft:
    return attrs.evolve(draft_of(slug, content, kind=ArtifactKind.PREDICTION), evaluate=True)


async def _taken(jobs: JobQueue) -> Lease:
    lease = await jobs.take(seconds=60)
    assert lease is not None
    return lease


class JobReaderSuite:
    """What every `JobReader` promises, whatever clock its hub goes by.

    Derive a class whose name begins with ``Test`` and give it three fixtures: ``jobs``, an empty
    queue that nobody else takes from; ``reader``, which tells of it; and ``artifacts``, the
    catalogue of the same hub. Needs pytest-asyncio in its ``auto`` mode.
    """

    async def test_there_is_no_job_of_what_is_not_to_be_scored(
        self, reader: JobReader, artifacts: ArtifactRepository
    ) -> None:
        record = await publish(artifacts, draft_of("forest", kind=ArtifactKind.PREDICTION))
        assert list(await reader.find(record.ref)) == []

    async def test_a_submission_waits(
        self, reader: JobReader, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        record = await publish(artifacts, _submission("forest"))
        [found] = await reader.find(record.ref)
        expected = Job(record.ref, record.location.revision, JobState.WAITING, 0, record.updated_at)
        assert attrs.evolve(found, queued_at=record.updated_at) == expected
        assert found.queued_at >= record.created_at
        assert [found] == list(await jobs.find(record.ref))

    async def test_every_state_is_told_as_it_is(
        self, reader: JobReader, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        for slug, said in (
            ("scored", {"results": RESULTS}),
            ("failed", {"reason": "there is no column 分子"}),
        ):
            record = await publish(artifacts, _submission(slug))
            first = await _taken(jobs)
            assert list(await reader.find(record.ref)) == [first.job]
            await jobs.give_back(first, seconds=0)
            [waiting] = await reader.find(record.ref)
            assert (waiting.state, waiting.attempts) == (JobState.WAITING, 1)
            done = await jobs.finish(await _taken(jobs), **said)
            assert (done.state, done.attempts) == (slug, 2)
            assert list(await reader.find(record.ref)) == [done]

    async def test_the_newest_revision_comes_first(
        self, reader: JobReader, jobs: JobQueue, artifacts: ArtifactRepository
    ) -> None:
        drafts = [_submission("forest", "first"), _submission("forest", "second")]
        await publish(artifacts, drafts[0])
        done = await jobs.finish(await _taken(jobs), reason="the hub lost its targets")
        await publish(artifacts, drafts[1])
        found = await reader.find(drafts[0].ref)
        assert [job.revision for job in found] == [drafts[1].revision, drafts[0].revision]
        assert found[1] == done
