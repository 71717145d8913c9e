"""Bootstrap confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from polaris.domain.metrics.metric import Metric
from polaris.domain.statistics.comparison import compare_in, pair_noise
from polaris.domain.statistics.interval import Interval, bootstrap_interval
from polaris.domain.statistics.scores import weighted_scores
from polaris.domain.statistics.study import Stratum, Study, advantage_of, mean_of_parts
from polaris.errors import InvalidInputError

LABELS = [metric.label for metric in Metric if metric.label != "rmsd_coverage"]
FIRST = mean_of_parts([0])


def _mae(true: Any, predicted: Any) -> Study:
    return Study((Stratum(tuple(weighted_scores(Metric("mean_absolute_error"), true, predicted))),))


@pytest.mark.parametrize("method", ["BCa", "percentile"])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_mean_has_the_interval_of_scipy(
    draw: Callable[..., Any], scipy_confidence: Callable[..., float], method: Any, seed: int
) -> None:
    true, [predicted] = draw("mean_absolute_error", 80, 1, np.random.default_rng(0))
    found = bootstrap_interval(_mae(true, [predicted]), FIRST, method=method, seed=seed)
    errors = np.abs(true - predicted)
    # The BCa interval is widened for few rows, the percentile interval is not.
    level = scipy_confidence(80, errors) if method == "BCa" else 0.95
    expected = stats.bootstrap(
        (errors,), np.mean, n_resamples=2000, method=method, confidence_level=level,
        rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert found.estimate == pytest.approx(np.abs(true - predicted).mean())
    assert (found.confidence, found.method) == (0.95, method)


@pytest.mark.parametrize("label", ["pearsonr", "spearmanr"])
def test_a_correlation_has_the_interval_of_scipy(
    draw: Callable[..., Any], study: Callable[..., Study],
    scipy_confidence: Callable[..., float], label: str,
) -> None:  # fmt: skip
    true, [predicted] = draw(label, 40, 1, np.random.default_rng(1))
    correlate = getattr(stats, label)
    left_out = [
        correlate(np.delete(true, row), np.delete(predicted, row)).statistic for row in range(40)
    ]
    expected = stats.bootstrap(
        (true, predicted), lambda a, b: correlate(a, b).statistic, paired=True, vectorized=False,
        n_resamples=400, confidence_level=scipy_confidence(40, left_out, 0.9),
        rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    found = bootstrap_interval(
        study(label, true, [predicted]), FIRST, confidence=0.9, n_resamples=400, seed=3
    )
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_many_rows_are_resampled_in_pieces_that_make_no_difference(
    monkeypatch: pytest.MonkeyPatch, draw: Callable[..., Any]
) -> None:
    true, [predicted] = draw("mean_absolute_error", 50, 1, np.random.default_rng(2))
    whole = _mae(true, [predicted]).replicates(200, 1)
    monkeypatch.setattr("polaris.domain.statistics.study._CHUNK", 1000)
    assert (_mae(true, [predicted]).replicates(200, 1) == whole).all()


@pytest.mark.parametrize("label", LABELS)
def test_every_metric_has_an_interval_around_its_score(
    draw: Callable[..., Any], study: Callable[..., Study], label: str
) -> None:
    true, [judged] = draw(label, 60, 1, np.random.default_rng(4))
    one = study(label, true, [judged])
    found = bootstrap_interval(one, FIRST, n_resamples=500)
    assert found.low < found.estimate < found.high
    assert found.is_known
    assert found.estimate in found
    assert bootstrap_interval(one, FIRST, n_resamples=500) == found
    other = bootstrap_interval(one, FIRST, n_resamples=500, seed=1)
    assert other != found
    assert other.estimate == found.estimate
    wide = bootstrap_interval(one, FIRST, n_resamples=500, confidence=0.99)
    assert wide.low < found.low
    assert wide.high > found.high


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=15),
    st.sampled_from(["mean_absolute_error", "mean_squared_error", "r2", "pearsonr", "spearmanr"]),
    st.sampled_from(["BCa", "percentile"]),
)
def test_an_interval_holds_the_estimate_or_is_unknown(
    rows: list[tuple[float, float]], label: str, method: str
) -> None:
    true, predicted = (np.array(column) for column in zip(*rows, strict=True))
    score = weighted_scores(Metric(label), true, [predicted])
    found = bootstrap_interval(
        Study((Stratum(tuple(score)),)), FIRST, method=method, n_resamples=100
    )
    if found.is_known:
        assert found.low <= found.estimate <= found.high
    else:
        assert math.isnan(found.low)
        assert str(found) == "unknown"


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.permutations(range(40)))
def test_the_order_of_the_rows_changes_an_interval_by_no_more_than_the_drawing(
    order: list[int],
) -> None:
    random = np.random.default_rng(5)
    true = random.normal(size=40)
    predicted = true + random.normal(size=40)
    one = bootstrap_interval(_mae(true, [predicted]), FIRST)
    other = bootstrap_interval(_mae(true[order], [predicted[order]]), FIRST)
    assert other.estimate == pytest.approx(one.estimate)
    width = one.high - one.low
    assert other.low == pytest.approx(one.low, abs=0.15 * width)
    assert other.high == pytest.approx(one.high, abs=0.15 * width)


def test_nothing_is_known_where_all_resamples_score_the_same() -> None:
    true = np.arange(10.0)
    found = bootstrap_interval(_mae(true, [true + 0.5]), FIRST)
    assert found.estimate == pytest.approx(0.5)
    assert not found.is_known
    assert 0.5 not in found
    assert str(found) == "unknown"


def test_nothing_is_known_where_most_resamples_have_no_score(study: Callable[..., Study]) -> None:
    # One resample in sixteen has no positive row, and one in sixteen no other.
    rare = study("roc_auc", np.array([0, 0, 1, 1]), [np.array([0.1, 0.4, 0.2, 0.3])])
    drawn = rare.replicates(1000, 0)
    assert 0.08 < np.isnan(drawn).mean() < 0.17
    assert bootstrap_interval(rare, FIRST, replicates=drawn).is_known
    drawn[::2] = np.nan
    assert not bootstrap_interval(rare, FIRST, replicates=drawn).is_known


@pytest.mark.parametrize("label", ["roc_auc", "pr_auc", "spearmanr"])
def test_nothing_is_known_of_a_score_that_hangs_on_a_single_row(
    study: Callable[..., Study], label: str
) -> None:
    # Resamples would only say how the other rows vary.
    true = np.array([0, 0, 0, 0, 0, 0, 1])
    scores = np.array([0.1, 0.4, 0.2, 0.3, 0.6, 0.7, 0.5])
    one = study(label, true, [scores, scores[::-1]])
    assert math.isfinite(one.scores()[0, 0])
    assert not bootstrap_interval(one, FIRST).is_known
    assert math.isnan(compare_in(one, [0], [1], "max").p_value)
    assert math.isnan(pair_noise(one, [0], [1], "max", one.replicates(500, 0))[0])


def test_test_sets_are_resampled_one_by_one(draw: Callable[..., Any]) -> None:
    random = np.random.default_rng(6)
    strata: list[Stratum] = []
    losses = []
    for rows in (40, 60):
        true, [predicted] = draw("mean_absolute_error", rows, 1, random)
        strata += _mae(true, [predicted]).strata
        losses.append(np.abs(true - predicted))
    found = bootstrap_interval(Study(tuple(strata)), mean_of_parts([0, 1]), n_resamples=4000)
    expected = stats.bootstrap(
        losses, lambda a, b, axis: (a.mean(axis=axis) + b.mean(axis=axis)) / 2, n_resamples=4000,
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    width = expected.high - expected.low
    assert found.estimate == pytest.approx((losses[0].mean() + losses[1].mean()) / 2)
    assert found.low == pytest.approx(expected.low, abs=0.08 * width)
    assert found.high == pytest.approx(expected.high, abs=0.08 * width)


def test_one_stratum_is_independent_of_another() -> None:
    random = np.random.default_rng(7)
    true = random.normal(size=50)
    strata = _mae(true, [true + random.normal(size=50)]).strata * 2
    first, second = Study(strata).replicates(2000, 0).T
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1
    together = Study((Stratum(strata[0].scores * 2),)).replicates(2000, 0)
    assert (together[:, 0] == together[:, 1]).all()


def test_what_leaves_out_blocks_agrees_with_what_leaves_out_rows(
    monkeypatch: pytest.MonkeyPatch, draw: Callable[..., Any], study: Callable[..., Study]
) -> None:
    true, [judged] = draw("roc_auc", 900, 1, np.random.default_rng(8))
    one = study("roc_auc", true, [judged])
    exact = bootstrap_interval(one, FIRST)
    monkeypatch.setattr("polaris.domain.statistics.study._MOST_LEFT_OUT", 500)
    rough = bootstrap_interval(one, FIRST)
    width = exact.high - exact.low
    assert rough.low == pytest.approx(exact.low, abs=0.05 * width)
    assert rough.high == pytest.approx(exact.high, abs=0.05 * width)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"confidence": 95}, "confidence has to be a number between 0 and 1"),
        ({"confidence": "high"}, "confidence has to be"),
        ({"method": "normal"}, "no method 'normal'"),
        ({"n_resamples": 10}, "n_resamples has to be a whole number from 100"),
        ({"n_resamples": 2.5}, "n_resamples has to be"),
        ({"seed": -1}, "seed has to be"),
        ({"seed": True}, "seed has to be"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], message: str) -> None:
    true = np.arange(5.0)
    with pytest.raises(InvalidInputError, match=message) as caught:
        bootstrap_interval(_mae(true, [true**2]), FIRST, **arguments)
    assert caught.value.hint


def test_the_case_of_a_method_does_not_matter() -> None:
    true = np.arange(9.0)
    found = bootstrap_interval(_mae(true, [true**2]), FIRST, method="bca")
    assert found.method == "BCa"
    assert str(Interval(1.0, 0.5, 1.5)) == "0.5000 .. 1.5000"


@pytest.mark.parametrize(("direction", "expected"), [("min", 2.0), ("max", -2.0), (1, 2.0)])
def test_an_advantage_is_positive_where_the_first_is_better(
    direction: str | float, expected: float
) -> None:
    scores = np.array([[1.0, 3.0]])
    assert advantage_of([0], [1], direction)(scores).tolist() == [expected]
    assert advantage_of([1], [0], direction)(scores).tolist() == [-expected]
