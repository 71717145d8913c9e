"""Scores of resamples are those of the metric on the resampled rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from polaris.domain.metrics.metric import Metric
from polaris.domain.statistics.scores import contributions, weighted_scores
from polaris.errors import InvalidInputError, PolarisError

LABELS = [metric.label for metric in Metric if metric.label != "rmsd_coverage"]
every_metric = pytest.mark.parametrize("label", LABELS)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """scikit-learn and SciPy warn of resamples that lack a class, or are constant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def by_metric(metric: Metric, true: Any, judged: Any, groups: Any = None) -> float:
    argument = {"y_pred" if metric.y_type == "y_pred" else "y_prob": judged}
    try:
        return metric.score_arrays(true, groups=groups, **argument)
    except PolarisError:
        return float("nan")


def counts(drawn: NDArray[np.int64], units: int) -> NDArray[np.float64]:
    return np.array([np.bincount(one, minlength=units) for one in drawn], dtype=float)


@every_metric
@pytest.mark.parametrize("decimals", [None, 0])
def test_the_score_of_a_resample_is_that_of_its_rows(
    draw: Callable[..., Any], label: str, decimals: int | None
) -> None:
    random = np.random.default_rng(1)
    true, [judged, _] = draw(label, 25, 2, random, decimals)
    metric = Metric(label)
    score = weighted_scores(metric, true, [judged])[0]
    drawn = random.integers(0, 25, size=(60, 25))
    expected = [by_metric(metric, true[rows], judged[rows]) for rows in drawn]
    found = score.values(counts(drawn, 25))
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
    whole = score.values(np.ones((1, 25)))[0]
    assert whole == pytest.approx(by_metric(metric, true, judged), rel=1e-12)


@every_metric
def test_leaving_out_a_row_is_scoring_the_others(draw: Callable[..., Any], label: str) -> None:
    true, [judged] = draw(label, 20, 1, np.random.default_rng(2), 1)
    metric = Metric(label)
    score = weighted_scores(metric, true, [judged])[0]
    expected = [
        by_metric(metric, np.delete(true, row), np.delete(judged, row, axis=0)) for row in range(20)
    ]
    np.testing.assert_allclose(score.without(np.arange(20), 20), expected, rtol=1e-10, atol=1e-12)
    blocks = np.arange(20) % 4
    expected = [by_metric(metric, true[blocks != one], judged[blocks != one]) for one in range(4)]
    np.testing.assert_allclose(score.without(blocks, 4), expected, rtol=1e-10, atol=1e-12)


@every_metric
def test_the_order_of_the_rows_does_not_matter(draw: Callable[..., Any], label: str) -> None:
    random = np.random.default_rng(3)
    true, [judged] = draw(label, 30, 1, random, 1)
    order, weights = random.permutation(30), random.integers(0, 3, (8, 30)).astype(float)
    one = weighted_scores(Metric(label), true, [judged])[0].values(weights)
    other = weighted_scores(Metric(label), true[order], [judged[order]])[0]
    np.testing.assert_allclose(other.values(weights[:, order]), one, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("label", ["mean_absolute_error", "r2", "pearsonr", "spearmanr"])
def test_rows_without_a_true_value_count_nowhere(draw: Callable[..., Any], label: str) -> None:
    random = np.random.default_rng(4)
    true, [judged] = draw(label, 20, 1, random)
    true[[3, 8]] = np.nan
    score = weighted_scores(Metric(label), true, [judged])[0]
    drawn = random.integers(0, 20, size=(20, 20))
    expected = [by_metric(Metric(label), true[rows], judged[rows]) for rows in drawn]
    np.testing.assert_allclose(score.values(counts(drawn, 20)), expected, rtol=1e-10)


@pytest.mark.parametrize("label", ["accuracy", "mcc", "cohen_kappa", "f1_macro"])
def test_labels_may_be_texts_and_truth_values(label: str) -> None:
    true = np.array(["a", "b", "b", "c", "a"], dtype=object)
    judged = np.array(["a", "b", "a", "d", "a"], dtype=object)
    score = weighted_scores(Metric(label), true, [judged])[0]
    expected = by_metric(Metric(label), true, judged)
    assert score.values(np.ones((1, 5)))[0] == pytest.approx(expected)
    flags = weighted_scores(Metric(label), true == "a", [(judged == "a").astype(int)])[0]
    expected = by_metric(Metric(label), true == "a", (judged == "a").astype(int))
    assert flags.values(np.ones((1, 5)))[0] == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=2, max_size=12),
    st.sampled_from(["balanced_accuracy", "mcc", "cohen_kappa", "f1_macro", "f1_micro"]),
)
def test_any_labels_are_scored_as_the_metric_does(rows: list[tuple[int, int]], label: str) -> None:
    true, judged = (np.array(column) for column in zip(*rows, strict=True))
    score = weighted_scores(Metric(label), true, [judged])[0].values(np.ones((1, len(rows))))[0]
    expected = by_metric(Metric(label), true, judged)
    assert score == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("aggregation", ["mean", "median"])
@pytest.mark.parametrize("on_error", ["ignore", "default"])
def test_groups_are_the_units_of_a_grouped_metric(aggregation: str, on_error: str) -> None:
    random = np.random.default_rng(5)
    groups = np.array(list("aabbccddeeff"), dtype=object)
    true = np.array([0, 1] * 5 + [1, 1])
    config = {"group_by": "g", "aggregation": aggregation, "on_error": on_error}
    metric = Metric("pr_auc", config={**config, "default": 0.25})
    true[:2] = 0  # A group without a positive row has no score.
    judged = random.random(12)
    score = weighted_scores(metric, true, [judged], groups)[0]
    assert score.n_units == 6
    assert score.values(np.ones((1, 6)))[0] == by_metric(metric, true, judged, groups)
    # Each group of a resample is a group of its own there.
    drawn = random.integers(0, 6, size=(30, 6))
    rows = [np.concatenate([np.flatnonzero(groups == "abcdef"[g]) for g in one]) for one in drawn]
    names = np.repeat(np.arange(6), 2)
    expected = [by_metric(metric, true[one], judged[one], names) for one in rows]
    np.testing.assert_allclose(score.values(counts(drawn, 6)), expected, rtol=1e-12)


def test_a_group_whose_score_does_not_exist_makes_the_whole_one_not_exist() -> None:
    metric = Metric("pearsonr", config={"group_by": "g", "aggregation": "median"})
    groups = np.array(list("aaabbb"), dtype=object)
    true = np.arange(6.0)
    judged = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 4.0])
    score = weighted_scores(metric, true, [judged], groups)[0]
    assert np.isnan(score.values(np.ones((1, 2)))).all()
    with pytest.raises(InvalidInputError, match="there are no groups"):
        weighted_scores(metric, true, [judged])


def test_contributions_average_to_the_metric(draw: Callable[..., Any]) -> None:
    for label in LABELS:
        true, [judged] = draw(label, 30, 1, np.random.default_rng(6))
        found = contributions(Metric(label), true, judged)
        if label in ("mean_absolute_error", "mean_squared_error", "absolute_average_fold_error"):
            assert found.mean() == pytest.approx(by_metric(Metric(label), true, judged))
        elif label in ("accuracy", "f1_micro"):
            assert set(found) <= {0.0, 1.0}
            assert found.mean() == pytest.approx(by_metric(Metric(label), true, judged))
        else:
            assert found is None, label


def test_docking_is_a_share_of_molecules() -> None:
    chem = pytest.importorskip("rdkit.Chem")
    all_chem = pytest.importorskip("rdkit.Chem.AllChem")
    made = []
    for _ in range(3):
        molecule = chem.AddHs(chem.MolFromSmiles("CCO"))
        all_chem.EmbedMolecule(molecule, randomSeed=7)
        made.append(molecule)
    moved = chem.Mol(made[0])
    matrix = np.eye(4)
    matrix[0, 3] = 10.0
    all_chem.TransformConformer(moved.GetConformer(), matrix)
    true, judged = np.empty(3, dtype=object), np.empty(3, dtype=object)
    true[:], judged[:] = made, [made[0], moved, made[2]]
    assert contributions(Metric("rmsd_coverage"), true, judged).tolist() == [1, 0, 1]
    score = weighted_scores(Metric("rmsd_coverage"), true, [judged])[0]
    assert score.values(np.array([[1.0, 1, 1], [0, 3, 0]])).tolist() == [2 / 3, 0]
