"""Metrics as values: labels, names, equality."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from polaris.codec.unstructuring import camel, plain
from polaris.domain.fields import UnknownFieldWarning
from polaris.domain.metrics.grouped import GroupedMetricConfig
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metric, parse_metrics
from polaris.domain.metrics.registry import METRICS
from polaris.errors import InvalidMetricError

BY_G: Any = {"group_by": "g"}


@pytest.mark.vector_cases("metrics.json")
def test_metrics_are_read_and_written_as_by_the_released_clients(case: dict[str, Any]) -> None:
    metric = parse_metric(case["input"])
    assert plain(metric, camel) == case["wire"]
    assert str(metric) == metric.checksum_text == case["checksum_string"]
    assert parse_metric(case["wire"]) == metric
    assert parse_metric(case["wire"]).name == metric.name


def test_a_metric_is_had_by_call_attribute_item_and_iteration() -> None:
    assert Metric("r2") == Metric.r2 == Metric["r2"]
    assert [metric.label for metric in Metric] == list(METRICS)
    assert len(Metric) == 19
    assert "r2" in Metric
    assert "nonsense" not in Metric
    with pytest.raises(AttributeError, match="nonsense"):
        _ = Metric.nonsense


@pytest.mark.parametrize("label", ["nonsense", "", None, 5, "R2"])
def test_an_unknown_label_is_refused_with_the_known_ones(label: Any) -> None:
    with pytest.raises(InvalidMetricError, match="Unknown metric label") as caught:
        Metric(label)
    assert "roc_auc_ovr" in caught.value.hint


def test_equality_is_by_label_and_grouping_and_not_by_name() -> None:
    grouped = Metric("r2", config=BY_G)
    assert Metric("r2") == Metric("r2", name="mine")
    assert hash(Metric("r2")) == hash(Metric("r2", name="mine"))
    assert Metric("r2") != Metric("mcc")
    assert Metric("r2") != grouped
    assert hash(Metric("r2")) != hash(grouped)
    assert grouped == Metric("r2", config=GroupedMetricConfig(group_by="g"))
    assert grouped != Metric("r2", config={"group_by": "h"})
    assert len({Metric("r2"), Metric("r2", name="mine"), grouped}) == 2


def test_a_metric_equals_the_texts_that_name_it() -> None:
    assert Metric("r2") == "r2"
    assert Metric("r2", name="mine") == "mine"
    assert Metric("r2", config=BY_G) == "r2_grouped"
    other: object = 5
    assert Metric("r2") != other


def test_the_name_is_the_label_the_grouping_or_its_own() -> None:
    metric = Metric("r2", config=BY_G)
    assert (Metric("r2").name, metric.name, metric.kind) == ("r2", "r2_grouped", "grouped")
    metric.custom_name = "mine"
    assert metric.name == "mine"


@pytest.mark.parametrize("keyword", ["name", "custom_name", "customName"])
def test_every_spelling_of_its_own_name_counts(keyword: str) -> None:  # W7
    assert Metric("r2", **{keyword: "mine"}).name == "mine"


def test_a_misspelt_keyword_is_warned_of() -> None:  # W11
    with pytest.warns(UnknownFieldWarning, match="'nam'"):
        Metric("r2", nam="mine")  # type: ignore[call-arg]


@pytest.mark.parametrize("field", ["label", "config", "fn", "direction", "y_type", "kwargs"])
def test_what_a_metric_computes_cannot_be_changed(field: str) -> None:
    metric = Metric("r2")
    with pytest.raises((InvalidMetricError, AttributeError)):
        setattr(metric, field, None)
    assert metric == Metric("r2")


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "group_by"),
        ({"group_by": 5}, "group_by"),
        ({"group_by": "g", "on_error": "shrug"}, "on_error"),
        ({"group_by": "g", "aggregation": "sum"}, "aggregation"),
        ({"group_by": "g", "on_error": "default"}, "default"),
    ],
)
def test_a_bad_grouping_is_refused_where_it_is_bad(config: Any, path: str) -> None:
    with pytest.raises(InvalidMetricError) as caught:
        GroupedMetricConfig(**config)
    assert [problem.path for problem in caught.value.problems] == [path]
    with pytest.raises(InvalidMetricError) as caught:
        Metric("r2", config=config)
    assert [problem.path for problem in caught.value.problems] == [f"config.{path}"]


def test_a_grouping_is_a_mapping_or_a_value() -> None:
    with pytest.raises(InvalidMetricError) as caught:
        Metric("r2", config="g")
    assert caught.value.problems[0].path == "config"


def test_all_bad_metrics_of_a_list_are_reported_together() -> None:
    with pytest.raises(InvalidMetricError) as caught:
        parse_metrics(["nonsense", "r2", 7, {"label": "r2"}, {"config": {}}])
    assert sorted(problem.path for problem in caught.value.problems) == [
        "",
        "0.label",
        "2",
        "4.config.group_by",
        "4.label",
    ]


def test_metrics_keep_their_order() -> None:
    assert [m.label for m in parse_metrics(["r2", "mcc", "accuracy"])] == ["r2", "mcc", "accuracy"]
    with pytest.raises(InvalidMetricError, match="must be metrics, not int"):
        parse_metrics(5)


def test_a_metric_survives_pickling_and_copying() -> None:
    metric = Metric("r2", config=BY_G, name="mine")
    for twin in (pickle.loads(pickle.dumps(metric)), copy.copy(metric), copy.deepcopy(metric)):
        assert twin == metric
        assert twin.name == "mine"


@pytest.mark.parametrize("key", ["confg", "nmae", "groupBy"])
def test_a_misspelt_key_of_a_mapping_is_warned_of(key: str) -> None:
    with pytest.warns(UnknownFieldWarning, match=f"Metric has no field '{key}'"):
        parse_metric({"label": "r2", key: None})


def test_what_can_be_derived_may_stand_in_a_mapping() -> None:
    given = {"label": "r2", "config": None, "kind": "default", "name": "r2", "customName": "mine"}
    assert parse_metric(given).name == "mine"
