"""What notebooks and terminals show of objects is small, whatever they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.benchmark_v1 import SingleTaskBenchmarkSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.html import card
from polaris.domain.leaderboard import LeaderboardEntry, LeaderboardRow, MainMetric, Ranking
from polaris.domain.results import BenchmarkResultsV1
from polaris.domain.short_text import few, shortened
from polaris.domain.subset import Subset

MOST = 8000
SCRIPT = "<script>alert('x')</script>"
COLUMNS = [f"{SCRIPT} {i}" for i in range(2000)]
TAGS = {"div", "b", "table", "tr", "th", "td"}


class Tags(HTMLParser):
    """Notes the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def check(page: str) -> Tags:
    """Return what a page holds, if it is small and has no other elements than it should."""
    assert len(page) < MOST
    tags = Tags(page)
    assert tags.seen <= TAGS
    assert tags.open == []
    return tags


@pytest.fixture(scope="module")
def large() -> DatasetV1:
    """A dataset that says a lot of itself, and has markup in all of its texts."""
    return DatasetV1(
        name="large_one",
        owner="acme",
        description=SCRIPT * 100,
        readme=(SCRIPT + "\n") * 100_000,
        tags=[SCRIPT] * 10_000,
        license="MIT",
        source="https://example.org/" + "<b>" * 1000,
        table=pd.DataFrame(np.zeros((30, 2000)), columns=COLUMNS),
        annotations={COLUMNS[0]: {"description": SCRIPT * 1000}},
    )


@pytest.fixture(scope="module")
def benchmark(large: DatasetV1) -> SingleTaskBenchmarkSpecification:
    """A benchmark that uses every column."""
    return SingleTaskBenchmarkSpecification(
        name="large_task",
        owner="acme",
        readme=SCRIPT * 100_000,
        dataset=large,
        input_cols=COLUMNS[1:],
        target_cols=COLUMNS[0],
        split=(range(10), range(10, 30)),
        metrics=["mean_absolute_error", "r2"],
        target_types={COLUMNS[0]: "regression"},
    )


@pytest.fixture(scope="module")
def results() -> BenchmarkResultsV1:
    """Results with ten thousand scores."""
    return BenchmarkResultsV1(
        name="large_results",
        benchmark_artifact_id="acme/large-task",
        description=SCRIPT * 100_000,
        results=pd.DataFrame(
            {
                "Test set": [SCRIPT * 100] * 10_000,
                "Target label": COLUMNS * 5,
                "Metric": "r2",
                "Score": 0.123456789,
            }
        ),
    )


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    """A leaderboard of a thousand submissions."""
    row = LeaderboardRow("test", "y", dict.fromkeys(COLUMNS[:300], 0.5))
    entry = LeaderboardEntry("acme/one", SCRIPT, datetime(2026, 1, 1, tzinfo=UTC), (row,), 0.5, 1)
    return Ranking(MainMetric(COLUMNS[0], "max"), [entry] * 1000)


@pytest.mark.parametrize("kind", ["dataset", "benchmark", "train", "test", "results", "ranking"])
def test_what_is_shown_stays_small(kind: str, request: pytest.FixtureRequest) -> None:
    if kind in ("train", "test"):
        pair = request.getfixturevalue("benchmark").get_train_test_split()
        shown = pair[("train", "test").index(kind)]
    else:
        shown = request.getfixturevalue("large" if kind == "dataset" else kind)
    assert len(repr(shown)) < (500 if kind != "ranking" else MOST)
    check(shown._repr_html_())


def test_no_data_is_read_for_it(
    large: DatasetV1, benchmark: SingleTaskBenchmarkSpecification, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, _ = benchmark.get_train_test_split()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("data is read")

    for name in ("read_column", "archive", "zarr_root", "_computed_md5sum", "table"):
        monkeypatch.setattr(DatasetV1, name, refuse, raising=False)
    monkeypatch.setattr(pd.DataFrame, "__getitem__", refuse)
    for shown in (benchmark, train):
        check(shown._repr_html_())
        assert repr(shown)


def test_a_dataset_shows_what_its_columns_are(dataset: DatasetV1) -> None:
    text = check(dataset._repr_html_()).text
    for word in ("six_molecules", "acme/six-molecules", "6 rows x 4 columns", "smiles", "int64"):
        assert word in text


def test_a_subset_tells_that_its_targets_are_hidden(dataset: DatasetV1) -> None:
    shown, hidden = (Subset(dataset, [0, 1], "smiles", "y", hide_targets=h) for h in (False, True))
    assert "hidden" not in check(shown._repr_html_()).text
    assert "hidden" in check(hidden._repr_html_()).text
    assert "0.5" not in hidden._repr_html_()


def test_results_show_their_scores(results: BenchmarkResultsV1) -> None:
    text = check(results._repr_html_()).text
    assert "0.1235" in text
    assert "9985 more rows" in text


def test_a_ranking_shows_the_best(ranking: Ranking) -> None:
    text = check(ranking._repr_html_()).text
    assert "acme/one" in text
    assert "985 more rows and 292 more columns" in text


@given(st.dictionaries(st.text(max_size=300), st.text(max_size=3000), max_size=30), st.text())
def test_any_text_is_shown_as_text(facts: dict[str, str], title: str) -> None:
    tags = Tags(card(title, facts, heading=["a", title], rows=[[title, None]], total=1))
    assert tags.seen <= TAGS
    assert tags.open == []


@given(st.text(), st.integers(2, 50))
def test_a_shortened_text_is_one_line_of_so_many_characters(text: str, length: int) -> None:
    line = shortened(text, length)
    assert len(line) <= length
    assert len(line.splitlines()) <= 1
    assert line == " ".join(text.split()) or line.endswith("…")


def test_few_of_many_are_named() -> None:
    assert few(["a", "b"]) == "['a', 'b']"
    assert few(range(9), 2) == "[0, 1, … 7 more]"
    assert len(few(["x" * 10_000] * 10_000)) < 300
    assert few([]) == "[]"
