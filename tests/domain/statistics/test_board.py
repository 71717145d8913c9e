"""Leaderboards with intervals and shared ranks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.examples import Examples
from polaris.domain.leaderboard import (
    LeaderboardEntry,
    LeaderboardRow,
    MainMetric,
    Ranking,
    mean_score,
)
from polaris.domain.statistics.board import rank_with_noise
from polaris.domain.statistics.of_results import confidence_interval

START = datetime(2025, 1, 1, tzinfo=UTC)


class Board:
    """Submissions to a benchmark of 150 test rows."""

    def __init__(self, metric: str) -> None:
        self.random = np.random.default_rng(0)
        y = self.random.normal(size=150)
        table = pd.DataFrame({"smiles": [f"C{n}" for n in range(150)], "y": y})
        self.task = BenchmarkV1Specification(
            dataset=DatasetV1(table=table),
            input_cols="smiles",
            target_cols="y",
            split=([], range(150)),
            metrics=[metric],
        )
        self.metric = metric
        self.entries: list[LeaderboardEntry] = []
        self.examples: dict[str, Examples] = {}

    def submit(self, name: str, error: float, *, keep: bool = True) -> None:
        truth = self.task.ground_truth().column("test", "y")
        results = self.task.evaluate(truth + error * self.random.normal(size=150))
        rows = (LeaderboardRow("test", "y", {self.metric: float(results.results["Score"][0])}),)
        published = START + timedelta(days=len(self.entries))
        score = mean_score(rows, self.metric)
        self.entries.append(LeaderboardEntry(name, name, published, rows, score))
        if keep:
            assert results.examples is not None
            self.examples[name] = results.examples

    def ranks(self) -> dict[str, int]:
        return {entry.name: entry.rank for entry in self.ranked()}

    def ranked(self) -> list[LeaderboardEntry]:
        truth = self.task.ground_truth()
        return rank_with_noise(self.entries, self.examples, truth, truth.main_metric)


@pytest.mark.parametrize("metric", ["mean_absolute_error", "r2", "spearmanr"])
def test_ties_within_noise_share_a_rank(metric: str) -> None:
    board = Board(metric)
    for name, error in [("a", 0.5), ("b", 0.5), ("c", 0.5), ("d", 1.2), ("e", 1.2)]:
        board.submit(name, error)
    ranks = board.ranks()
    assert {ranks[name] for name in "abc"} == {1}
    assert {ranks[name] for name in "de"} == {4}
    scores = [entry.score for entry in board.ranked()]
    assert scores == sorted(scores, reverse=metric != "mean_absolute_error")


def test_entries_have_the_interval_of_their_results() -> None:
    board = Board("mean_absolute_error")
    board.submit("a", 0.5)
    board.submit("b", 0.9)
    for entry in board.ranked():
        results = board.task.evaluate(board.examples[entry.name].y_pred)
        assert entry.interval == confidence_interval(results)


def test_who_kept_no_predictions_keeps_the_rank_of_the_score_and_affects_nobody() -> None:
    board = Board("mean_absolute_error")
    for name, error in [("a", 0.50), ("b", 0.50), ("poor", 1.5)]:
        board.submit(name, error)
    before = board.ranks()
    board.submit("best", 0.01, keep=False)
    board.submit("worst", 2.5, keep=False)
    ranks = board.ranks()
    assert (ranks["best"], ranks["worst"]) == (1, 5)
    assert {name: rank - 1 for name, rank in ranks.items() if name in before} == before
    intervals = {entry.name: entry.interval for entry in board.ranked()}
    assert intervals["best"] is None
    assert intervals["a"] is not None


def test_borrowed_predictions_do_not_count() -> None:
    board = Board("mean_absolute_error")
    board.submit("good", 0.2)
    board.submit("poor", 1.5)
    board.examples["poor"] = board.examples["good"]
    assert board.ranks() == {"good": 1, "poor": 2}
    [_, poor] = board.ranked()
    assert poor.interval is None


def test_without_predictions_the_scores_decide() -> None:
    board = Board("mean_absolute_error")
    board.submit("a", 0.5, keep=False)
    board.submit("b", 0.5, keep=False)
    assert sorted(board.ranks().values()) == [1, 2]
    assert board.ranked()[0].interval is None


def test_a_ranking_shows_the_ends_of_the_intervals() -> None:
    board = Board("r2")
    board.submit("a", 0.5)
    board.submit("b", 0.5, keep=False)
    frame = Ranking(MainMetric("r2", "max"), board.ranked()).to_frame()
    assert frame.columns.tolist() == ["rank", "results", "r2", "low", "high"]
    assert frame.set_index("results")["low"].isna().to_dict() == {"a": False, "b": True}
