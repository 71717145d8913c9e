"""Who is ahead in a competition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from polaris.competition import CompetitionSpecification
from polaris.errors import ArtifactNotFoundError, InvalidNameError
from polaris.hub.client import PolarisHubClient
from polaris.hub.worker import run_worker
from polaris.prediction import CompetitionPredictions

TEST = [15, 12, 16, 19]
TRUTH = 1000.5 + np.array(TEST) * 7.25
Make = Callable[..., CompetitionSpecification]


def _score(client: PolarisHubClient, name: str, error: float) -> None:
    submission = CompetitionPredictions(
        name=name,
        owner="me-myself",
        predictions=TRUTH + error,
        target_labels=["y"],
        test_set_labels=["test"],
        test_set_sizes={"test": len(TEST)},
        paper_url="https://example.org/report",
    )
    client.submit_competition_predictions("acme/the-contest", submission)
    run_worker(container=client._twin._container, once=True)


def test_submissions_are_ranked_by_the_main_metric(client: PolarisHubClient, make: Make) -> None:
    client.upload_competition(make(main_metric="mean_absolute_error"))
    for name, error in [("far_off", 9.0), ("close", 1.0), ("other", 1.0)]:
        _score(client, name, error)
    ranking = client.competition_leaderboard("acme/the-contest")
    assert ranking.metric.name == "mean_absolute_error"
    assert [(e.rank, e.submission_id, e.score) for e in ranking.entries] == [
        (1, "me-myself/close", 1.0), (1, "me-myself/other", 1.0), (3, "me-myself/far-off", 9.0),
    ]  # fmt: skip
    results = client.get_competition_results(ranking.entries[2].artifact_id)
    assert results.results["Score"].tolist()[0] == 9.0
    assert ranking.to_frame()["submission"].tolist()[0] == "me-myself/close"
    assert "me-myself/close" in ranking._repr_html_()


def test_what_was_submitted_anew_counts_once(client: PolarisHubClient, make: Make) -> None:
    client.upload_competition(make(main_metric="mean_absolute_error"))
    for error in (1.0, 4.0):
        _score(client, "forest", error)
    [entry] = client.competition_leaderboard("acme/the-contest").entries
    assert (entry.submission_id, entry.score) == ("me-myself/forest", 4.0)


def test_a_competition_without_scores_has_an_empty_ranking(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    assert client.competition_leaderboard("acme/the-contest").entries == []


def test_a_competition_that_is_not_there_has_none(client: PolarisHubClient) -> None:
    with pytest.raises(ArtifactNotFoundError):
        client.competition_leaderboard("acme/nothing")
    with pytest.raises(InvalidNameError):
        client.competition_leaderboard("nothing")
