"""Random tasks: a table with targets, a split of it, metrics, and predictions to be judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .tables import random_words

__all__ = ["predictions_for", "random_metrics", "random_split", "table_of_targets"]

Rng = np.random.Generator

_REGRESSION = ["mean_absolute_error", "mean_squared_error", "r2", "explained_var", "pearsonr",
               "spearmanr", "absolute_average_fold_error"]  # fmt: skip
_BINARY = ["accuracy", "balanced_accuracy", "mcc", "cohen_kappa", "f1", "f1_macro", "f1_micro",
           "roc_auc", "pr_auc"]  # fmt: skip
_CLASSES = ["accuracy", "balanced_accuracy", "mcc", "cohen_kappa", "f1_macro", "f1_micro",
            "roc_auc_ovr", "roc_auc_ovo"]  # fmt: skip
_METRICS = {"regression": _REGRESSION, "binary": _BINARY, "classes": _CLASSES}


def table_of_targets(rng: Rng, goal: str, n: int, count: int) -> pd.DataFrame:
    """Return a table with inputs ``smiles`` and ``x``, a column ``group``, and targets ``y0`` …"""
    table = pd.DataFrame(
        {
            "smiles": ["C" * int(size) for size in rng.integers(1, 9, size=n)],
            "x": rng.normal(size=n),
            "group": rng.choice(["a", "b", "é"], size=n),
        }
    )
    for number in range(count):
        if goal == "regression":
            values = rng.normal(loc=5, size=n).astype("float32" if number == 1 else "float64")
            table[f"y{number}"] = np.where(rng.random(n) < 0.1, np.nan, values).astype(values.dtype)
        else:
            classes = np.arange(n) % (2 if goal == "binary" else 3)
            table[f"y{number}"] = rng.permutation(classes)
            if number == 1 and goal == "binary":
                table["y1"] = table["y1"].astype(float).where(rng.random(n) > 0.1)
    return table


def random_metrics(rng: Rng, goal: str) -> list[Any]:
    """Return metrics that fit, one of them maybe grouped."""
    known = _METRICS[goal]
    labels = rng.permutation(known)[: int(rng.integers(1, len(known) + 1))]
    found: list[Any] = [str(label) for label in labels]
    if rng.random() < 0.6:
        label = "mean_absolute_error" if goal == "regression" else "accuracy"
        config: dict[str, Any] = {
            "group_by": "group",
            "on_error": str(rng.choice(["raise", "ignore"])),
            "aggregation": str(rng.choice(["mean", "median"])),
        }
        if rng.random() < 0.4:
            config |= {"on_error": "default", "default": -1.5}
        grouped: dict[str, Any] = {"label": label, "config": config}
        found.append(grouped | ({"name": "by group é"} if rng.random() < 0.5 else {}))
    return found


def random_split(rng: Rng, n: int) -> tuple[list[int], Any]:
    """Return row positions to train and to test on: one test set, or several that may overlap."""
    order = [int(row) for row in rng.permutation(n)]
    train = order[: 0 if rng.random() < 0.2 else n // 3]
    rest = order[n // 3 :]
    shape = rng.random()
    if shape < 0.4:
        return train, rest
    if shape < 0.6:
        return train, {"test": rest}
    half = 2 * len(rest) // 3
    names = random_words(rng, 3)
    sets = [rest[:half], rest[-half:], list(reversed(rest))]
    return train, dict(zip(names[: 2 + int(rng.integers(2))], sets, strict=False))


def predictions_for(rng: Rng, goal: str, sizes: dict[str, int], targets: list[str]) -> Any:
    """Return ``{"y_pred": …, "y_prob": …}`` as lists, by test set and target."""

    def values(n: int) -> Any:
        if goal == "regression":
            return rng.normal(loc=5, size=n).tolist()
        return rng.integers(0, 2 if goal == "binary" else 3, size=n).tolist()

    def scores(n: int) -> Any:
        if goal == "binary":
            return rng.random(n).tolist()
        return rng.dirichlet([1.0, 1.0, 1.0], size=n).tolist()

    given = {"y_pred": values} if goal == "regression" else {"y_pred": values, "y_prob": scores}
    return {
        name: {test: {target: make(n) for target in targets} for test, n in sizes.items()}
        for name, make in given.items()
    }
