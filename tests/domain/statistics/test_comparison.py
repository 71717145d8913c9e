"""Paired comparisons of two methods."""

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
from polaris.domain.statistics.comparison import Comparison, compare_in, standard_error
from polaris.domain.statistics.exchange import exchange_test
from polaris.domain.statistics.interval import Interval
from polaris.domain.statistics.scores import weighted_scores
from polaris.domain.statistics.study import Stratum, Study

LABELS = [metric.label for metric in Metric if metric.label != "rmsd_coverage"]


def _absolute(first: Any, second: Any) -> Study:
    """Return a study of two methods with these errors."""
    zero = np.zeros(len(first))
    methods = [np.asarray(first, dtype=float), np.asarray(second, dtype=float)]
    return Study((Stratum(tuple(weighted_scores(Metric("mean_absolute_error"), zero, methods))),))


def _p(study: Study, direction: str = "min", **arguments: Any) -> float:
    return exchange_test(study, [0], [1], direction, **arguments)


def test_with_few_rows_all_exchanges_are_tried_as_scipy_does() -> None:
    random = np.random.default_rng(0)
    for _ in range(5):
        a, b = random.exponential(size=(2, 11))
        expected = stats.permutation_test((b - a,), np.mean, permutation_type="samples").pvalue
        assert _p(_absolute(a, b)) == pytest.approx(expected)


def test_with_many_rows_the_p_value_is_near_that_of_scipy() -> None:
    a, b = np.random.default_rng(1).exponential(size=(2, 60))
    b += 0.3
    expected = stats.permutation_test(
        (b - a,), np.mean, permutation_type="samples", n_resamples=9999, rng=2
    ).pvalue
    assert _p(_absolute(a, b)) == pytest.approx(expected, abs=0.02)


def test_hits_and_misses_are_compared_as_mcnemar_does() -> None:
    true = np.zeros(40, dtype=int)
    first, second = true.copy(), true.copy()
    first[:2], second[2:11] = 1, 1
    scores = weighted_scores(Metric("accuracy"), true, [first, second])
    expected = stats.binomtest(2, 11).pvalue
    assert _p(Study((Stratum(tuple(scores)),)), "max") == pytest.approx(expected)


def test_a_p_value_below_what_was_tried_is_bounded() -> None:
    a = np.random.default_rng(2).exponential(size=200)
    found = _p(_absolute(a, a + 1), n_permutations=999)
    assert stats.wilcoxon(a, a + 1).pvalue / 1e30 < found < 1e-20
    assert _p(_absolute(a, a + np.r_[np.ones(20), np.zeros(180)]), n_permutations=999) < 0.001


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=2, max_size=12),
    st.randoms(use_true_random=False),
)
def test_order_and_sides_do_not_change_the_p_value(
    rows: list[tuple[float, float]], random: Any
) -> None:
    a, b = (np.array(column) for column in zip(*rows, strict=True))
    found = _p(_absolute(a, b))
    assert 0 < found <= 1
    assert _p(_absolute(b, a)) == pytest.approx(found)
    order = random.sample(range(len(rows)), len(rows))
    assert _p(_absolute(a[order], b[order])) == pytest.approx(found)


def test_two_that_say_the_same_do_not_differ(study: Callable[..., Study]) -> None:
    true = np.arange(9.0)
    for label in ("mean_absolute_error", "spearmanr"):
        same = study(label, true, [true**2, true**2])
        found = compare_in(same, [0], [1], "max")
        assert (found.p_value, found.better) == (1.0, None)
        assert found.advantage.estimate == 0


def test_a_score_that_does_not_exist_cannot_be_compared(study: Callable[..., Study]) -> None:
    true = np.arange(9.0)
    for label in ("pearsonr", "spearmanr"):
        found = compare_in(study(label, true, [true, np.ones(9)]), [0], [1], "max")
        assert math.isnan(found.p_value)
        assert found.better is None
        assert not found.is_significant()


@pytest.mark.parametrize("label", LABELS)
def test_a_method_is_found_better_than_one_that_guesses(
    draw: Callable[..., Any], study: Callable[..., Study], label: str
) -> None:
    random = np.random.default_rng(3)
    true, [judged] = draw(label, 250, 1, random)
    guessed = judged[random.permutation(250)]
    if label == "absolute_average_fold_error":
        guessed = judged + 3
    metric = Metric(label)
    found = compare_in(
        study(label, true, [judged, guessed]), [0], [1], metric.direction, metric=label
    )
    ranked = label in ("spearmanr", "pr_auc") or label.startswith("roc_auc")
    assert found.test == ("bootstrap" if ranked else "exchange")
    assert found.better == "first"
    assert found.p_value < 0.001
    assert found.advantage.low > 0
    assert "the first is better" in str(found)
    swapped = compare_in(study(label, true, [guessed, judged]), [0], [1], metric.direction)
    assert swapped.better == "second"
    assert swapped.p_value == pytest.approx(found.p_value)
    assert (swapped.first, swapped.second) == (found.second, found.first)
    assert swapped.advantage.estimate == pytest.approx(-found.advantage.estimate)


def test_areas_are_compared_as_delong_does(
    draw: Callable[..., Any], study: Callable[..., Study]
) -> None:
    true, (a, b) = draw("roc_auc", 200, 2, np.random.default_rng(4))
    two = study("roc_auc", true, [a, b])
    # DeLong, DeLong & Clarke-Pearson, Biometrics 44 (1988): placements of each row.
    placed = [
        [(p[true == 1][:, None] > p[true == 0]).mean(axis=axis) for axis in (1, 0)] for p in (a, b)
    ]
    differences = [np.subtract(*pair) for pair in zip(*placed, strict=True)]
    error = math.sqrt(sum(d.var(ddof=1) / len(d) for d in differences))
    found = standard_error(two, [0], [1], "max", two.replicates(4000, 0))
    assert found == pytest.approx(error, rel=0.06)
    expected = 2 * stats.norm.sf(abs(differences[0].mean()) / error)
    assert compare_in(two, [0], [1], "max").p_value == pytest.approx(expected, abs=0.05)


def test_parts_of_several_test_sets_are_exchanged_together() -> None:
    random = np.random.default_rng(5)
    a, b = random.exponential(size=(2, 10))
    one = _absolute(a, b)
    twice = Study((_absolute(a[:5], b[:5]).strata[0], _absolute(a[5:], b[5:]).strata[0]))
    # Two test sets of the same size: the mean of their means is the mean of all rows.
    assert exchange_test(twice, [0, 2], [1, 3], "min") == pytest.approx(_p(one))


def test_what_is_significant_follows_the_confidence() -> None:
    interval = Interval(0.5, 0.1, 0.9, confidence=0.9)
    found = Comparison(1.0, 0.5, interval, p_value=0.08, test="exchange", metric="r2")
    assert found.better == "first"
    assert not found.is_significant()
    assert found.is_significant(0.1)
    assert str(found) == "r2: 1.0000 and 0.5000, the first is better (p = 0.08)"
