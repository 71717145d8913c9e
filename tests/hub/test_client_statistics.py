"""Predictions that are kept with results, on a hub and in files, and leaderboards with noise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import (
    DamagedFileError,
    InvalidInputError,
    InvalidResultError,
    PolarisChecksumError,
)
from polaris.evaluate import BenchmarkResults, Examples, compare, confidence_interval
from polaris.hub.async_client import AsyncPolarisHubClient
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

Submit = Callable[..., BenchmarkResults]


@pytest.fixture
def task() -> SingleTaskBenchmarkSpecification:
    """A benchmark of 120 test rows."""
    y = np.random.default_rng(0).normal(size=130)
    dataset = Dataset(
        name="many_rows",
        owner="acme",
        license="MIT",
        table=pd.DataFrame({"smiles": [f"C{n}" for n in range(130)], "y": y}),
    )
    return SingleTaskBenchmarkSpecification(
        name="many_tested",
        owner="acme",
        dataset=dataset,
        input_cols="smiles",
        target_cols="y",
        split=(range(10), range(10, 130)),
        metrics=["mean_absolute_error", "r2"],
    )


@pytest.fixture
def published(client: PolarisHubClient, task: SingleTaskBenchmarkSpecification) -> PolarisHubClient:
    """A client of a hub that holds the benchmark."""
    client.upload_dataset(task.dataset)
    client.upload_benchmark(task)
    return client


@pytest.fixture
def submit(published: PolarisHubClient, task: SingleTaskBenchmarkSpecification) -> Submit:
    """Evaluates and publishes results of a method that errs by so much."""
    random = np.random.default_rng(1)
    truth = task.dataset.table["y"].to_numpy()[10:]

    def make(name: str, error: float, **arguments: Any) -> BenchmarkResults:
        results = task.evaluate(truth + error * random.normal(size=120), **arguments)
        results.name = name
        published.upload_results(results, owner="some-lab")
        return results

    return make


def _arrays(examples: Examples | None) -> Any:
    assert examples is not None
    assert examples.y_pred is not None
    return examples.y_pred.predictions["test"]["y"]


def test_predictions_are_published_with_results(
    published: PolarisHubClient, submit: Submit, task: SingleTaskBenchmarkSpecification
) -> None:
    good, poor = submit("good_model", 0.3), submit("poor_model", 0.9)
    loaded = published.get_results("some-lab", "good-model")
    assert (_arrays(loaded.examples) == _arrays(good.examples)).all()
    assert confidence_interval(loaded, task) == confidence_interval(good)
    other = published.get_results("some-lab", "poor-model")
    found = compare(loaded, other, published.get_benchmark("acme", "many-tested"))
    assert found == compare(good, poor)
    assert found.better == "first"
    with pytest.raises(InvalidInputError, match="true values are not part of published"):
        confidence_interval(loaded)


def test_the_document_of_results_says_nothing_of_predictions(
    published: PolarisHubClient, submit: Submit
) -> None:
    submit("with_them", 0.3)
    submit("without", 0.3, keep_examples=False)
    documents = [
        published.get_record("result", "some-lab", name).document
        for name in ("with-them", "without")
    ]
    assert documents[0].keys() == documents[1].keys()
    assert "examples" not in json.dumps(dict(documents[0]))
    assert published.get_results("some-lab", "without").examples is None


def test_predictions_that_were_altered_are_refused(
    hub_url: str, published: PolarisHubClient, submit: Submit
) -> None:
    submit("good_model", 0.3)
    submit("other_model", 0.5)
    if not hub_url.startswith("file:"):
        pytest.skip("alters files of a hub in a folder")
    root = Path(hub_url.removeprefix("file://"))
    [file] = [f for f in root.rglob("examples.parquet") if "good-model" in str(f)]
    data = file.read_bytes()
    for altered in (data[:-9] + b"x" + data[-8:], None):
        if altered is None:
            file.unlink()
        else:
            file.write_bytes(altered)
        with pytest.raises(PolarisChecksumError, match="good-model"):
            published.get_results("some-lab", "good-model")
        # One damaged submission takes the statistics from itself alone.
        entries = published.leaderboard("acme", "many-tested").entries
        assert {e.name: e.interval is None for e in entries} == {
            "good_model": True, "other_model": False,
        }  # fmt: skip
        with pytest.raises(PolarisChecksumError):
            published.leaderboard("acme", "many-tested", statistics=True)


def test_ties_within_noise_share_a_rank(
    published: PolarisHubClient, submit: Submit, task: SingleTaskBenchmarkSpecification
) -> None:
    made = {name: submit(name, error) for name, error in [("aaaa", 0.5), ("bbbb", 0.5)]}
    made["cccc"] = submit("cccc", 1.5)
    submit("dddd", 1.0, keep_examples=False)
    ranking = published.leaderboard("acme", "many-tested")
    ranks = {entry.name: entry.rank for entry in ranking.entries}
    assert ranks == {"aaaa": 1, "bbbb": 1, "dddd": 3, "cccc": 4}
    for entry in ranking.entries:
        expected = None if entry.name == "dddd" else confidence_interval(made[entry.name])
        assert entry.interval == expected
    assert ranking == published.leaderboard("acme", "many-tested", statistics=True)
    plain = published.leaderboard("acme", "many-tested", statistics=False)
    assert [entry.rank for entry in plain.entries] == [1, 2, 3, 4]
    assert {entry.interval for entry in plain.entries} == {None}
    with pytest.raises(InvalidInputError, match="statistics cannot be 'all'"):
        published.leaderboard("acme", "many-tested", statistics="all")  # type: ignore[arg-type]


def test_a_replaced_dataset_leaves_the_plain_ranking(
    published: PolarisHubClient, submit: Submit, task: SingleTaskBenchmarkSpecification
) -> None:
    submit("aaaa", 0.5)
    table = task.dataset.table.assign(y=0.5)
    published.upload_dataset(Dataset(name="many_rows", owner="acme", license="MIT", table=table))
    [entry] = published.leaderboard("acme", "many-tested").entries
    assert (entry.rank, entry.interval) == (1, None)
    # The true values are no longer those by which the results were scored.
    with pytest.raises(PolarisChecksumError, match="other rows"):
        published.leaderboard("acme", "many-tested", statistics=True)


async def test_the_asynchronous_client_has_them_too(
    published: PolarisHubClient, submit: Submit, settings: PolarisHubSettings
) -> None:
    submit("aaaa", 0.5)
    async with AsyncPolarisHubClient(settings) as client:
        [entry] = (await client.leaderboard("acme", "many-tested")).entries
        assert entry.interval is not None
        assert (await client.get_results("some-lab", "aaaa")).examples is not None


class _Molecule:
    pass


def test_predictions_that_no_file_can_hold_are_refused_before_anything_is_published(
    published: PolarisHubClient, task: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    results = task.evaluate(np.zeros(120))
    results.name = "molecules"
    molecules = np.array([_Molecule() for _ in range(120)], dtype=object)
    assert results.examples is not None
    results.examples.y_pred.predictions["test"]["y"] = molecules  # type: ignore[union-attr]
    for call in (
        lambda: published.upload_results(results),
        lambda: results.to_json(tmp_path / "results.json"),
    ):
        with pytest.raises(InvalidResultError, match="cannot be kept in a file"):
            call()
    assert published.list_results() == []
    assert list(tmp_path.glob("*.json")) == []
    results.examples = None
    published.upload_results(results)


def test_predictions_are_saved_beside_results(
    task: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    results = task.evaluate(np.linspace(0, 1, 120))
    path = tmp_path / "new" / "results.json"
    results.to_json(path)
    assert sorted(f.name for f in path.parent.iterdir()) == [
        "results.examples.parquet", "results.json",
    ]  # fmt: skip
    loaded = BenchmarkResults.from_json(path)
    assert (_arrays(loaded.examples) == np.linspace(0, 1, 120)).all()
    assert confidence_interval(loaded, task) == confidence_interval(results)
    # Results without them leave none of others behind.
    results.examples = None
    results.to_json(path)
    assert [f.name for f in path.parent.iterdir()] == ["results.json"]
    assert BenchmarkResults.from_json(path).examples is None


def test_a_damaged_file_of_predictions_is_named(
    task: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    task.evaluate(np.zeros(120)).to_json(path)
    (tmp_path / "results.examples.parquet").write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match=r"results\.examples\.parquet"):
        BenchmarkResults.from_json(path)
