"""Ranking results on a benchmark."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.leaderboard import (
    LeaderboardEntry,
    LeaderboardRow,
    MainMetric,
    Ranking,
    distance_to_best,
    mean_score,
    rank_entries,
)
from polaris.domain.statistics.interval import Interval

START = datetime(2025, 1, 1, tzinfo=UTC)


def _entry(name: str, score: float, *, day: int = 0) -> LeaderboardEntry:
    rows = (LeaderboardRow("test", "y", {"r2": score}),)
    return LeaderboardEntry(f"acme/{name}", name, START + timedelta(days=day), rows, score)


def _ranked(entries: list[LeaderboardEntry], direction: str | float) -> list[tuple[str, int]]:
    return [(entry.name, entry.rank) for entry in rank_entries(entries, direction)]


@pytest.mark.parametrize(
    ("direction", "order"),
    [
        ("max", ["high", "one", "low"]),
        ("min", ["low", "one", "high"]),
        (1, ["one", "low", "high"]),
    ],
)
def test_the_best_comes_first_whatever_is_best(direction: str | float, order: list[str]) -> None:
    entries = [_entry("low", 0.5), _entry("high", 3), _entry("one", 1.1)]
    assert _ranked(entries, direction) == [(name, rank) for rank, name in enumerate(order, 1)]


def test_what_is_shown_has_the_interval_and_the_submission() -> None:
    interval = Interval(0.5, 0.25, 0.75)
    entry = attrs.evolve(_entry("one", 0.5), interval=interval, submission_id="acme/forest")
    ranking = Ranking(MainMetric("r2", "max"), rank_entries([entry, _entry("two", 0.125)], "max"))
    frame = ranking.to_frame()
    assert frame.columns.tolist() == ["rank", "results", "submission", "r2", "low", "high"]
    assert frame["low"].tolist()[0] == 0.25
    for text in ("acme/forest", "0.25", "0.75", "0.125"):
        assert text in ranking._repr_html_()


def test_equal_scores_share_a_rank_and_the_next_one_is_passed_over() -> None:
    entries = [_entry("late", 2, day=2), _entry("last", 1), _entry("early", 2, day=1)]
    assert _ranked(entries, "max") == [("early", 1), ("late", 1), ("last", 3)]
    assert _ranked([_entry("over", 1.5), _entry("under", 0.5)], 1) == [("over", 1), ("under", 1)]


def test_who_published_at_the_same_moment_is_ordered_by_id() -> None:
    assert _ranked([_entry("b", 1), _entry("a", 1)], "min") == [("a", 1), ("b", 1)]


@pytest.mark.parametrize("direction", ["min", "max", 1])
def test_results_without_a_score_come_last(direction: str | float) -> None:
    entries = [_entry("none", math.nan), _entry("bad", 99), _entry("worse", -99)]
    ranked = rank_entries(entries, direction)
    assert (ranked[-1].name, ranked[-1].rank) == ("none", 3)
    assert distance_to_best(math.nan, direction) == math.inf


def test_no_results_make_an_empty_ranking() -> None:
    assert rank_entries([], "max") == []
    assert repr(Ranking(MainMetric("r2", "max"), [])) == "No results yet, ranked by r2"


def test_the_score_is_the_mean_over_the_rows_that_have_it() -> None:
    rows = [
        LeaderboardRow("a", "y", {"r2": 0.5, "mcc": 1.0}),
        LeaderboardRow("b", "y", {"r2": 1.0}),
        LeaderboardRow("b", "z", {"mcc": 0.0}),
    ]
    assert mean_score(rows, "r2") == 0.75
    assert mean_score(rows, "mcc") == 0.5
    assert math.isnan(mean_score(rows, "f1"))
    assert math.isnan(mean_score([], "r2"))


def test_a_ranking_prints_as_a_table_with_the_main_metric_first() -> None:
    rows = (LeaderboardRow("test", "y", {"mcc": 0.5, "r2": 0.25}),)
    entry = LeaderboardEntry("acme/one", "one", START, rows, 0.25)
    ranking = Ranking(MainMetric("r2", "max"), rank_entries([entry, _entry("two", 0.5)], "max"))
    frame = ranking.to_frame()
    assert frame.columns.tolist() == ["rank", "results", "r2", "mcc"]
    assert frame["results"].tolist() == ["acme/two", "acme/one"]
    assert frame["rank"].tolist() == [1, 2]
    assert "acme/two" in str(ranking)


@given(
    st.lists(st.floats(-5, 5), max_size=12),
    st.sampled_from(["min", "max", 1, 0.5]),
    st.randoms(use_true_random=False),
)
def test_ranks_are_those_of_a_competition_in_any_order_of_arrival(
    scores: list[float], direction: str | float, random: Random
) -> None:
    entries = [_entry(f"n{i}", score) for i, score in enumerate(scores)]
    shuffled = random.sample(entries, len(entries))
    ranked = rank_entries(shuffled, direction)
    assert ranked == rank_entries(entries, direction)
    for entry in ranked:
        mine = distance_to_best(entry.score, direction)
        better = sum(distance_to_best(e.score, direction) < mine for e in entries)
        assert entry.rank == better + 1
