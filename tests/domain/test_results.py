"""The scores of one method on one benchmark."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.identity import HubOwner
from polaris.domain.metrics.metric import Metric
from polaris.domain.results import BenchmarkResultsV1, ResultRecords, records_of, table_of
from polaris.errors import InvalidResultError

COLUMNS = ["Test set", "Target label", "Metric", "Score"]
ROWS = [
    ("b", "y", "r2", 0.5),
    ("b", "y", "mcc", 0.25),
    ("a", "y", "r2", 1.0),
]
RECORDS = [
    {"test_set": "b", "target_label": "y", "scores": {"r2": 0.5, "mcc": 0.25}},
    {"testSet": "a", "targetLabel": "y", "scores": {"r2": 1.0}},
]


def _table() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=COLUMNS)


def _results(results: Any = None, **fields: Any) -> BenchmarkResultsV1:
    return BenchmarkResultsV1(results=_table() if results is None else results, **fields)


def _paths(results: Any = None, **fields: Any) -> list[str]:
    with pytest.raises(InvalidResultError) as caught:
        _results(results, **fields)
    assert isinstance(caught.value, ValueError)
    return [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize(
    "written",
    [
        _table(),
        _table()[COLUMNS[::-1]],
        _table().set_axis([7, 8, 9]),
        RECORDS,
        tuple(RECORDS),
        [ResultRecords(**RECORDS[0]), RECORDS[1]],
    ],
)
def test_a_table_and_records_make_the_same_results(written: Any) -> None:
    pd.testing.assert_frame_equal(_results(written).results, _table())
    assert len(_results(written)) == 3


def test_metrics_in_a_table_become_their_names_and_the_table_stays() -> None:
    table = pd.DataFrame([("a", "y", Metric("r2", name="mine"), 1)], columns=COLUMNS)
    results = _results(table)
    assert results.results["Metric"].tolist() == ["mine"]
    assert results.results["Score"].dtype == float
    assert isinstance(table["Metric"][0], Metric)


@pytest.mark.parametrize(
    "results",
    [
        _table().drop(columns="Score"),
        _table().assign(more=1),
        _table().iloc[:0],
        _table().assign(Score="high"),
        _table().assign(Score=pd.Series([(1,), (2,), (3,)], dtype=object)),
        [],
        [{"test_set": "a"}],
        ["text"],
        "text",
        5,
        {},
    ],
)
def test_what_makes_no_results_is_refused(results: Any) -> None:
    assert all(path.startswith("results") for path in _paths(results))


def test_every_bad_record_is_named_with_its_position() -> None:
    bad = [
        {"test_set": "a", "target_label": "y", "scores": {"r2": "high", "mcc": True, "f1": 1}},
        {"test_set": "a", "target_label": "y", "scores": {"r2": 1}},
        {"test_set": "a", "scores": {}},
        5,
    ]
    assert sorted(_paths(bad)) == [
        "results.0.scores.mcc",
        "results.0.scores.r2",
        "results.2.scores",
        "results.2.target_label",
        "results.3",
    ]


@pytest.mark.parametrize("score", [np.array([1.0, 2.0]), 1j, "x", [1.0]])
def test_a_score_is_one_number(score: Any) -> None:
    with pytest.raises(InvalidResultError):
        ResultRecords(test_set="a", target_label="y", scores={"r2": score})


def test_the_benchmark_may_be_named_by_id_or_by_owner_and_name() -> None:
    assert _results(benchmark_artifact_id="acme/task-one").benchmark_artifact_id == "acme/task-one"
    for owner in ("acme", HubOwner("acme"), {"slug": "acme"}):
        results = _results(benchmark_name="Task_One", benchmark_owner=owner)
        assert results.benchmark_artifact_id == "acme/task-one"
    assert _paths(benchmark_artifact_id="task-one") == ["benchmark_artifact_id"]
    assert _paths(benchmark_artifact_id=5) == ["benchmark_artifact_id"]
    assert _paths(benchmark_name="x", benchmark_owner="A!") == [
        "benchmark_name",
        "benchmark_owner.slug",
    ]


@pytest.mark.parametrize("field", ["github_url", "paper_url"])
def test_a_bad_web_address_is_refused_when_it_is_assigned(field: str) -> None:  # W11
    results = _results(**{field: "https://a.org"})
    with pytest.raises(InvalidResultError) as caught:
        setattr(results, field, "not a url")
    assert caught.value.problems[0].path == field
    assert getattr(results, field) == "https://a.org"


def test_newer_spellings_of_the_web_addresses_are_understood() -> None:
    results = _results(code_url="https://a.org", reportUrl="https://b.org")
    assert (results.github_url, results.paper_url) == ("https://a.org", "https://b.org")


def test_everything_that_tutorials_set_after_evaluation_can_be_set() -> None:
    results = _results()
    results.name = "my_results"
    results.github_url = "https://a.org"
    results.paper_url = "https://b.org"
    results.description = "text"
    results.tags = ["one"]
    results.user_attributes = {"a": "b"}
    results.owner = "acme"  # type: ignore[assignment]
    results.model = SimpleNamespace(artifact_id="acme/model-one")
    assert results.urn == "urn:polaris:result:acme:my-results"
    assert results.model_artifact_id == results.model == "acme/model-one"


def test_contributors_are_user_names() -> None:
    assert _results(contributors=["user_one"]).contributors == ["user_one"]
    assert _paths(contributors=["user_one", "x", "y!"]) == ["contributors.1", "contributors.2"]
    assert _paths(contributors="user_one") == ["contributors"]


def test_results_survive_pickling_and_copying() -> None:
    results = _results(name="my_results", owner="acme")
    for twin in (pickle.loads(pickle.dumps(results)), copy.copy(results), copy.deepcopy(results)):
        pd.testing.assert_frame_equal(twin.results, results.results)
        assert twin.artifact_id == "acme/my-results"


def test_the_repr_counts_the_scores() -> None:
    results = _results(name="my_results", benchmark_artifact_id="acme/task-one")
    assert repr(results) == "BenchmarkResultsV1('my_results', 3 scores on acme/task-one)"


texts = st.text(min_size=1, max_size=4)


@given(
    st.dictionaries(
        st.tuples(texts, texts),
        st.dictionaries(texts, st.floats(allow_nan=False), min_size=1, max_size=3),
        min_size=1,
        max_size=5,
    )
)
def test_records_and_tables_are_two_forms_of_the_same(
    scores: dict[tuple[str, str], dict[str, float]],
) -> None:
    records = [
        ResultRecords(test_set=test, target_label=target, scores=by_metric)
        for (test, target), by_metric in scores.items()
    ]
    table = table_of(records)
    assert table.columns.tolist() == COLUMNS
    assert len(table) == sum(len(by_metric) for by_metric in scores.values())
    assert records_of(table) == records
