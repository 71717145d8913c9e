"""The 19 metrics, compared with the libraries that define them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from polaris.domain.metrics.functions import absolute_average_fold_error
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.registry import METRICS
from polaris.domain.task_types import TargetType
from polaris.errors import InvalidPredictionsError

RNG = np.random.default_rng(7)
TRUE = RNG.normal(3, 1, 40)
PREDICTED = TRUE + RNG.normal(0, 0.5, 40)
BINARY = RNG.integers(0, 2, 40)
BINARY_LABELS = np.where(RNG.random(40) < 0.7, BINARY, 1 - BINARY)
BINARY_SCORES = np.clip(BINARY_LABELS * 0.6 + RNG.random(40) * 0.4, 0, 1)
MULTI = RNG.integers(0, 3, 40)
MULTI_LABELS = np.where(RNG.random(40) < 0.6, MULTI, RNG.integers(0, 3, 40))
MULTI_SCORES = RNG.dirichlet([1, 1, 1], 40)

REGRESSION: dict[str, Callable[[Any, Any], Any]] = {
    "mean_absolute_error": sk.mean_absolute_error,
    "mean_squared_error": sk.mean_squared_error,
    "r2": sk.r2_score,
    "explained_var": sk.explained_variance_score,
    "pearsonr": lambda t, p: stats.pearsonr(t, p).statistic,
    "spearmanr": lambda t, p: stats.spearmanr(t, p).statistic,
    "absolute_average_fold_error": lambda t, p: np.mean(np.abs(p) / np.abs(t)),
}
BINARY_CLASSES: dict[str, Callable[[Any, Any], Any]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "mcc": sk.matthews_corrcoef,
    "cohen_kappa": sk.cohen_kappa_score,
    "f1": lambda t, p: sk.f1_score(t, p, average="binary"),
}
MULTI_CLASSES: dict[str, Callable[[Any, Any], Any]] = {
    **{
        name: BINARY_CLASSES[name]
        for name in ("accuracy", "balanced_accuracy", "mcc", "cohen_kappa")
    },
    "f1_macro": lambda t, p: sk.f1_score(t, p, average="macro"),
    "f1_micro": lambda t, p: sk.f1_score(t, p, average="micro"),
}
SCORES: dict[str, Callable[[Any, Any], Any]] = {
    "roc_auc": sk.roc_auc_score,
    "pr_auc": sk.average_precision_score,
}
MULTI_SCORED: dict[str, Callable[[Any, Any], Any]] = {
    "roc_auc_ovr": lambda t, p: sk.roc_auc_score(t, p, multi_class="ovr"),
    "roc_auc_ovo": lambda t, p: sk.roc_auc_score(t, p, multi_class="ovo"),
    "pr_auc": sk.average_precision_score,
}


def _cases() -> list[Any]:
    groups = [
        ("regression", REGRESSION, TRUE, {"y_pred": PREDICTED}),
        ("binary", BINARY_CLASSES, BINARY, {"y_pred": BINARY_LABELS}),
        ("multiclass", MULTI_CLASSES, MULTI, {"y_pred": MULTI_LABELS}),
        ("scores", SCORES, BINARY, {"y_prob": BINARY_SCORES}),
        ("multi_scores", MULTI_SCORED, MULTI, {"y_prob": MULTI_SCORES}),
    ]
    return [
        pytest.param(label, reference, true, given, id=f"{label}-{kind}")
        for kind, references, true, given in groups
        for label, reference in references.items()
    ]


@pytest.mark.parametrize(("label", "reference", "true", "given"), _cases())
def test_a_metric_equals_the_function_of_its_library(
    label: str, reference: Callable[[Any, Any], Any], true: Any, given: dict[str, Any]
) -> None:
    [judged] = given.values()
    assert Metric(label)(true, **given) == pytest.approx(reference(true, judged), rel=1e-12)


def test_every_metric_but_docking_is_compared_with_a_library() -> None:
    compared = {*REGRESSION, *BINARY_CLASSES, *MULTI_CLASSES, *SCORES, *MULTI_SCORED}
    assert compared | {"rmsd_coverage"} == set(METRICS)
    assert len(METRICS) == 19


@pytest.mark.parametrize("label", list(METRICS))
def test_the_direction_of_a_metric_is_min_max_or_a_best_value(label: str) -> None:
    metric = Metric(label)
    assert metric.direction in ("min", "max", 1)
    assert metric.is_multitask is False
    assert metric.y_type in ("y_pred", "y_score")
    assert metric.target_types <= set(TargetType)


def test_scores_are_taken_from_probabilities_and_labels_from_predictions() -> None:
    for label in ("accuracy", "roc_auc"):
        found = Metric(label)(BINARY, y_pred=BINARY_LABELS, y_prob=BINARY_SCORES)
        judged = BINARY_LABELS if label == "accuracy" else BINARY_SCORES
        reference = sk.accuracy_score if label == "accuracy" else sk.roc_auc_score
        assert found == pytest.approx(reference(BINARY, judged))


def test_a_column_of_probabilities_is_as_good_as_a_list() -> None:
    column = BINARY_SCORES.reshape(-1, 1)
    assert Metric("roc_auc")(BINARY, y_prob=column) == Metric("roc_auc")(
        BINARY, y_prob=BINARY_SCORES
    )


@pytest.mark.parametrize(
    ("label", "given", "message"),
    [
        ("r2", {}, "Neither `y_pred` nor `y_prob` is specified."),
        ("r2", {"y_prob": [0.1, 0.9]}, "Metric requires `y_pred` input."),
        ("roc_auc", {"y_pred": [0, 1]}, "Metric requires `y_prob` input."),
        ("pr_auc", {"y_pred": [0, 1]}, "Metric requires `y_prob` input."),
    ],
)
def test_what_a_metric_judges_has_to_be_given(
    label: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidPredictionsError) as caught:
        Metric(label)([0, 1], **given)
    assert caught.value.message == message
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("label", "true", "given"),
    [
        ("r2", [1.0, 2.0], {"y_pred": [1.0]}),
        ("r2", [1.0, np.nan, 2.0], {"y_pred": [1.0, 2.0]}),
        ("r2", [1.0, np.nan], {"y_pred": [1.0, 2.0, 3.0]}),
        ("r2", [1.0, 2.0], {"y_pred": [np.nan, 1.0]}),
        ("r2", [1.0, 2.0], {"y_pred": ["a", "b"]}),
        ("r2", [1.0, 2.0], {"y_pred": [None, 1.0]}),
        ("pearsonr", [1.0], {"y_pred": [1.0]}),
        ("f1", [0, 1, 2], {"y_pred": [0, 1, 2]}),
        ("accuracy", [0, 1], {"y_pred": [0.3, 0.7]}),
        ("roc_auc", [0, 1, 1], {"y_prob": [[0.1, 0.9], [0.2, 0.8], [0.5, 0.5]]}),
        ("roc_auc_ovr", [0, 1, 2], {"y_prob": [0.1, 0.2, 0.3]}),
        ("pr_auc", [0, 0], {"y_prob": [0.1, 0.2]}),
        ("absolute_average_fold_error", [0.0, 1.0], {"y_pred": [1.0, 1.0]}),
        ("absolute_average_fold_error", [1.0, 1.0], {"y_pred": [1.0]}),
        ("absolute_average_fold_error", ["a"], {"y_pred": [1.0]}),
    ],
)
def test_predictions_that_cannot_be_judged_are_refused(
    label: str, true: Any, given: dict[str, Any]
) -> None:  # W14
    with pytest.raises(InvalidPredictionsError) as caught:
        Metric(label)(true, **given)
    assert caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "true", [np.array([1.0, np.nan, 3.0, 4.5]), np.array([1, None, 3, 4.5], dtype=object)]
)
def test_rows_without_truth_are_left_out(true: Any) -> None:
    judged = np.array([1.5, 99.0, 2.5, 4.0])
    known = [0, 2, 3]
    expected = sk.mean_absolute_error(true[known].astype(float), judged[known])
    assert Metric("mean_absolute_error")(true, judged) == pytest.approx(expected)


def test_fold_errors_are_relative_to_the_truth() -> None:
    true = np.array([1.0, -2.0, 4.0])
    assert absolute_average_fold_error(true, true) == 1
    doubled, quadrupled = (absolute_average_fold_error(true, true * n) for n in (2, 4))
    assert 1 < doubled < quadrupled
    assert absolute_average_fold_error(true, true / 2) < 1


values = st.lists(
    st.tuples(st.floats(0.1, 100), st.floats(-100, 100)),
    min_size=3,
    max_size=20,
    unique_by=lambda p: p[0],
)


@given(values, st.sampled_from(sorted(REGRESSION)))
def test_regression_metrics_equal_their_library_on_any_values(
    rows: list[tuple[float, float]], label: str
) -> None:
    true, judged = np.array(rows).T
    if label in ("pearsonr", "spearmanr"):
        assume(np.ptp(judged) > 1e-3)
        assume(np.ptp(true) > 1e-3)
    expected = REGRESSION[label](true, judged)
    assert Metric(label)(true, judged) == pytest.approx(expected, rel=1e-9, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=30))
def test_label_metrics_equal_their_library_on_any_labels(rows: list[tuple[int, int]]) -> None:
    true, judged = np.array(rows).T
    assume({0, 1} == set(true.tolist()) == set(judged.tolist()))
    for label, reference in BINARY_CLASSES.items():
        assert Metric(label)(true, judged) == pytest.approx(reference(true, judged))


def test_identical_conformers_cover_and_displaced_ones_do_not() -> None:
    pytest.importorskip("rdkit")
    from rdkit import Chem
    from rdkit.Chem import rdDistGeom

    molecule = Chem.AddHs(Chem.MolFromSmiles("CCOc1ccccc1"))
    rdDistGeom.EmbedMolecule(molecule, randomSeed=7)
    moved = Chem.Mol(molecule)
    conformer = moved.GetConformer()
    for atom in range(moved.GetNumAtoms()):
        at = conformer.GetAtomPosition(atom)
        conformer.SetAtomPosition(atom, (at.x + 5, at.y, at.z))
    metric = Metric("rmsd_coverage")
    true = np.array([molecule, molecule], dtype=object)
    assert metric(true, np.array([molecule, molecule], dtype=object)) == 1
    assert metric(true, np.array([moved, molecule], dtype=object)) == 0.5
    assert metric(true, np.array([moved, moved], dtype=object)) == 0
    with pytest.raises(InvalidPredictionsError):  # W14
        metric(true, np.array([molecule], dtype=object))
