"""Two plain regressors, for others to beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.dataset import Subset

__all__ = ["BASELINES", "Baseline", "predict"]


def _ridge() -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=10.0)


def _random_forest() -> Any:
    from sklearn.ensemble import RandomForestRegressor

    # One worker: the sum over trees, and so the last digit, must not depend on who finishes first.
    return RandomForestRegressor(n_estimators=200, max_features=0.1, random_state=2014, n_jobs=1)


@attrs.frozen
class Baseline:
    """A regressor over fingerprints.

    Attributes:
        name: Name of its results.
        title: What it is, in a few words.
        make: Makes it, untrained.
    """

    name: str
    title: str
    make: Callable[[], Any]


BASELINES = (
    Baseline("freesolv_ridge", "ridge regression", _ridge),
    Baseline("freesolv_random_forest", "random forest of 200 trees", _random_forest),
)


def predict(baseline: Baseline, train: Subset, test: Subset) -> NDArray[np.float64]:
    """Train a baseline and predict a test set.

    Args:
        baseline: The baseline.
        train: The training set, with targets.
        test: The test set; its targets are hidden.

    Returns:
        Shape ``(len(test),)``, kcal/mol.
    """
    model = baseline.make()
    model.fit(_bits(train), train.targets)
    return np.asarray(model.predict(_bits(test)), dtype=np.float64)


def _bits(subset: Subset) -> NDArray[np.float32]:
    inputs = subset.inputs
    assert isinstance(inputs, dict)
    return np.asarray(inputs["fingerprint"], dtype=np.float32)
