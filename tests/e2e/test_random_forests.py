"""The main job with real models: load, train, predict, evaluate, publish, rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from polaris.benchmark import (
    BenchmarkSpecification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)
from polaris.dataset import Dataset
from polaris.hub.client import PolarisHubClient

ROWS = 60


@pytest.fixture
def client(polaris_client: PolarisHubClient) -> PolarisHubClient:
    """A client of an empty hub."""
    return polaris_client


@pytest.fixture
def dataset() -> Dataset:
    """Points in the plane, with targets of every kind; one has holes."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, 2))
    total = x.sum(axis=1)
    holes = np.where(np.arange(ROWS) % 5 == 0, np.nan, total * 2)
    return Dataset(
        name="points",
        owner="acme",
        license="MIT",
        table=pd.DataFrame(
            {
                "text": [f"{a:.6f} {b:.6f}" for a, b in x],
                "sum": total,
                "twice": holes,
                "positive": (total > 0).astype(int),
                "third": np.digitize(total, [-0.5, 0.5]),
            }
        ),
    )


def featurize(text: str) -> Any:
    return np.array(text.split(), dtype=np.float64)


def benchmark(dataset: Dataset, **fields: Any) -> BenchmarkSpecification:
    targets = fields["target_cols"]
    cls = (
        SingleTaskBenchmarkSpecification
        if isinstance(targets, str)
        else MultiTaskBenchmarkSpecification
    )
    given = {"split": (range(40), range(40, ROWS)), "name": "forest", "owner": "acme"} | fields
    return cls(dataset=dataset, input_cols="text", **given)


def published(client: PolarisHubClient, made: BenchmarkSpecification) -> BenchmarkSpecification:
    """Publish a benchmark with its dataset and load it back."""
    client.upload_dataset(made.dataset)
    client.upload_benchmark(made)
    loaded = client.get_benchmark("acme", "forest")
    assert isinstance(loaded, BenchmarkSpecification)
    return loaded


def features(subset: Any) -> Any:
    return np.stack(subset.X)


def fit(model: Any, train: Any) -> Any:
    return model.fit(features(train), train.y)


def test_regression_with_one_test_set(client: PolarisHubClient, dataset: Dataset) -> None:
    made = benchmark(dataset, target_cols="sum", metrics=["mean_absolute_error", "r2"])
    loaded = published(client, made)
    train, test = loaded.get_train_test_split(featurize)
    model = fit(RandomForestRegressor(random_state=0), train)
    results = loaded.evaluate(model.predict(features(test)))
    scores = dict(zip(results.results["Metric"], results.results["Score"], strict=True))
    assert scores["r2"] > 0.5
    results.name = "forest-results"
    client.upload_results(results, owner="acme")
    [entry] = client.leaderboard("acme", "forest").entries
    assert entry.rank == 1
    assert entry.score == pytest.approx(scores["mean_absolute_error"])


def test_regression_with_several_test_sets(client: PolarisHubClient, dataset: Dataset) -> None:
    split = (range(40), {"near": range(40, 50), "far": range(50, ROWS)})
    made = benchmark(dataset, target_cols="sum", metrics="r2", split=split)
    loaded = published(client, made)
    train, tests = loaded.get_train_test_split(featurize)
    assert isinstance(tests, dict)
    model = fit(RandomForestRegressor(random_state=0), train)
    results = loaded.evaluate({name: model.predict(features(t)) for name, t in tests.items()})
    assert set(results.results["Test set"]) == {"near", "far"}
    assert len(results.results) == 2


def test_classification_with_probabilities(client: PolarisHubClient, dataset: Dataset) -> None:
    made = benchmark(dataset, target_cols="positive", metrics=["accuracy", "roc_auc", "pr_auc"])
    loaded = published(client, made)
    train, test = loaded.get_train_test_split(featurize)
    model = fit(RandomForestClassifier(random_state=0), train)
    inputs = features(test)
    column = model.predict_proba(inputs)[:, 1:]
    assert column.shape == (20, 1)
    results = loaded.evaluate(y_pred=model.predict(inputs), y_prob=column).results
    assert set(results["Metric"]) == {"accuracy", "roc_auc", "pr_auc"}
    assert (results["Score"] > 0.5).all()


def test_several_classes_with_a_matrix_of_probabilities(
    client: PolarisHubClient, dataset: Dataset
) -> None:
    made = benchmark(dataset, target_cols="third", metrics=["f1_macro", "roc_auc_ovr"])
    loaded = published(client, made)
    train, test = loaded.get_train_test_split(featurize)
    model = fit(RandomForestClassifier(random_state=0), train)
    inputs = features(test)
    results = loaded.evaluate(model.predict(inputs), model.predict_proba(inputs)).results
    assert (results["Score"] > 0.3).all()


@pytest.mark.parametrize("names", [["test"], ["near", "far"]])
def test_several_targets_with_holes(
    client: PolarisHubClient, dataset: Dataset, names: list[str]
) -> None:
    parts = np.array_split(np.arange(40, ROWS), len(names))
    made = benchmark(
        dataset,
        target_cols=["sum", "twice"],
        metrics=["mean_squared_error"],
        split=(range(40), dict(zip(names, parts, strict=True))),
    )
    loaded = published(client, made)
    train, tests = loaded.get_train_test_split(featurize)
    assert isinstance(train.y, dict)
    tests = tests if isinstance(tests, dict) else {"test": tests}
    predictions: dict[str, dict[str, Any]] = {}
    for target, values in train.y.items():
        known = ~np.isnan(values)
        model = RandomForestRegressor(random_state=0)
        model.fit(features(train)[known], np.asarray(values)[known])
        for name, test in tests.items():
            predictions.setdefault(name, {})[target] = model.predict(features(test))
    results = loaded.evaluate(predictions if len(names) > 1 else predictions["test"]).results
    assert len(results) == 2 * len(names)
    assert np.isfinite(results["Score"]).all()
