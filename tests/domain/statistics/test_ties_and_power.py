"""Shared ranks, and how small a difference can be seen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from polaris.domain.statistics.power import detectable_difference
from polaris.domain.statistics.ties import tie_groups
from polaris.errors import InvalidInputError


def test_what_is_not_significantly_worse_is_tied_with_the_best_of_its_group() -> None:
    p_values = {(0, 1): 0.4, (0, 2): 1e-6, (2, 3): 0.9, (2, 4): 1e-9}
    asked = []

    def p_value(one: int, other: int) -> float:
        asked.append((one, other))
        return p_values[one, other]

    assert tie_groups(5, p_value) == [0, 0, 2, 2, 4]
    assert asked == list(p_values)


def test_the_correction_counts_all_pairs_less_those_found_different() -> None:
    # Five methods make ten pairs: the first one that is split off needs 0.05 / 10.
    assert tie_groups(5, lambda *_: 0.0051) == [0] * 5
    assert tie_groups(5, lambda *_: 0.005) == [0, 1, 2, 3, 4]
    # The next one needs 0.05 / 9.
    p_values = {(0, 1): 0.005, (1, 2): 0.0055, (2, 3): 0.0063, (2, 4): 0.0063}
    assert tie_groups(5, lambda *pair: p_values[pair]) == [0, 1, 2, 2, 2]


def test_what_cannot_be_compared_is_not_split() -> None:
    assert tie_groups(3, lambda *_: math.nan) == [0, 0, 0]
    assert tie_groups(1, lambda *_: 0.0) == [0]
    assert tie_groups(0, lambda *_: 0.0) == []


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0.01, 0.5))
def test_groups_follow_each_other(p_values: list[float], alpha: float) -> None:
    groups = tie_groups(len(p_values), lambda _, other: p_values[other], alpha=alpha)
    assert len(groups) == len(p_values)
    assert groups == sorted(groups)
    for position, best in enumerate(groups):
        assert best <= position
        assert groups[best] == best


def test_the_detectable_difference_grows_with_noise_and_power() -> None:
    found = detectable_difference(0.1, 100, metric="r2")
    expected = 0.1 * (stats.t.ppf(0.975, 99) + stats.t.ppf(0.8, 99))
    assert float(found) == found.value == pytest.approx(expected)
    assert (found.n_units, found.alpha, found.power, found.metric) == (100, 0.05, 0.8, "r2")
    assert detectable_difference(0.2, 100).value == pytest.approx(2 * found.value)
    assert detectable_difference(0.1, 100, power=0.9).value > found.value
    assert detectable_difference(0.1, 100, alpha=0.01).value > found.value
    assert detectable_difference(0.0, 100).value == 0


@pytest.mark.parametrize(
    "arguments",
    [(-1.0, 100), (math.nan, 100), (0.1, 1), (0.1, 2.5)],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[float, int]) -> None:
    with pytest.raises(InvalidInputError):
        detectable_difference(*arguments)


@pytest.mark.parametrize("keyword", ["alpha", "power"])
def test_shares_lie_between_0_and_1(keyword: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{keyword} has to be a number between"):
        detectable_difference(0.1, 100, **{keyword: 1.0})  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="alpha"):
        tie_groups(2, lambda *_: 0.5, alpha=0)
