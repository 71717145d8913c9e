"""Nobody's results take the place of somebody else's in a ranking."""

from __future__ import annotations

from typing import Any, cast

from polaris.application.leaderboard import Leaderboard
from polaris.domain.identity import ArtifactKind
from polaris.testing import InMemoryArtifacts, InMemoryArtifactStorage, ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish

SUBMISSION = "urn:polaris:competitionPrediction:alice:forest"


async def test_results_are_of_a_submission_of_the_same_owner() -> None:
    clock = ManualClock()
    artifacts = InMemoryArtifacts(clock)
    metric = {"name": "mean_absolute_error", "label": "mean_absolute_error"}
    contest = draft_of(
        "contest", kind=ArtifactKind.COMPETITION, access="public", document={"metrics": [metric]}
    )
    await publish(artifacts, contest)
    for owner, score in (("alice", 0.5), ("mallory", 99.0)):
        clock.advance(60)
        row = {"testSet": "test", "targetLabel": "y", "scores": {"mean_absolute_error": score}}
        document = {"submissionUrn": SUBMISSION, "results": [row]}
        draft = draft_of(
            "eval-1", owner=owner, kind=ArtifactKind.COMPETITION_RESULT, access="public",
            subject=contest.ref, document=document,
        )  # fmt: skip
        await publish(artifacts, draft)
    ranking = await Leaderboard(
        artifacts, InMemoryArtifactStorage(), cast("Any", None)
    ).of_competition("acme/contest")
    assert [(e.artifact_id, e.score, e.submission_id) for e in ranking.entries] == [
        ("alice/eval-1", 0.5, "alice/forest"),
        ("mallory/eval-1", 99.0, None),
    ]
