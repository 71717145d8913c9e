"""Publishing and loading benchmarks and results, and the leaderboard."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from polaris.benchmark import (
    BenchmarkV1Specification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)
from polaris.dataset import Dataset
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidBenchmarkError,
    InvalidResultError,
    PolarisChecksumError,
    PolarisCreateArtifactError,
)
from polaris.evaluate import BenchmarkResults, Metric
from polaris.hub.client import PolarisHubClient


@pytest.fixture
def published(
    client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> PolarisHubClient:
    """A client of a hub that holds a benchmark and its dataset."""
    client.upload_dataset(benchmark.dataset, access="public")
    client.upload_benchmark(benchmark, access="public")
    return client


def test_a_published_benchmark_comes_back_equal(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    assert published.list_benchmarks() == ["acme/hello-benchmark"]
    loaded = published.get_benchmark("acme", "hello-benchmark")
    assert isinstance(loaded, SingleTaskBenchmarkSpecification)
    assert loaded == benchmark
    assert loaded.main_metric == benchmark.main_metric
    train, test = loaded.get_train_test_split()
    assert (len(train), len(test)) == (8, 2)


def test_several_targets_give_a_multi_task_benchmark(
    client: PolarisHubClient, dataset: Dataset
) -> None:
    wide = Dataset(
        name="wide_table", owner="acme", license="MIT", table=dataset.table.assign(z=0.25)
    )
    benchmark = MultiTaskBenchmarkSpecification(
        name="wide_benchmark",
        owner="acme",
        dataset=wide,
        input_cols=["smiles"],
        target_cols=["y", "z"],
        split=(list(range(5)), {"near": [5, 6], "far": [7, 8, 9]}),
        metrics=["mean_absolute_error"],
        target_types={"y": "regression", "z": "regression"},
    )
    client.upload_dataset(wide)
    client.upload_benchmark(benchmark)
    loaded = client.get_benchmark("acme", "wide-benchmark")
    assert isinstance(loaded, MultiTaskBenchmarkSpecification)
    assert loaded == benchmark
    assert list(loaded.target_cols) == ["y", "z"]
    assert loaded.n_test_datapoints == {"far": 3, "near": 2}


def test_a_benchmark_needs_its_dataset_on_the_hub(
    client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    with pytest.raises(PolarisCreateArtifactError, match="acme/hello-world") as caught:
        client.upload_benchmark(benchmark)
    assert "upload_dataset" in caught.value.hint
    assert client.list_benchmarks() == []


def test_a_benchmark_is_not_published_on_another_dataset_of_the_same_name(
    client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    other = Dataset(
        name="hello_world",
        owner="acme",
        license="MIT",
        table=benchmark.dataset.table.assign(y=1.0),
    )
    client.upload_dataset(other)
    with pytest.raises(PolarisCreateArtifactError, match="checksum"):
        client.upload_benchmark(benchmark)


def test_a_dataset_that_was_replaced_is_noticed_when_the_benchmark_is_loaded(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    table = benchmark.dataset.table.assign(y=np.linspace(0, 1, 10))
    published.upload_dataset(Dataset(name="hello_world", owner="acme", license="MIT", table=table))
    with pytest.raises(PolarisChecksumError, match="benchmark"):
        published.get_benchmark("acme", "hello-benchmark")
    loaded = published.get_benchmark("acme", "hello-benchmark", verify_checksum=False)
    assert isinstance(loaded, BenchmarkV1Specification)
    assert loaded.dataset.table["y"].max() == 1.0


def test_a_benchmark_without_owner_and_name_reports_both(
    client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    bare = SingleTaskBenchmarkSpecification(
        dataset=benchmark.dataset,
        input_cols="smiles",
        target_cols="y",
        split=([0], [1]),
        metrics="r2",
    )
    with pytest.raises(InvalidBenchmarkError) as caught:
        client.upload_benchmark(bare)
    assert [problem.path for problem in caught.value.problems] == ["owner", "name"]


def test_raise_refuses_a_benchmark_that_is_there(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    with pytest.raises(ArtifactExistsError):
        published.upload_benchmark(benchmark, if_exists="raise")


def _results(benchmark: SingleTaskBenchmarkSpecification, offset: float) -> BenchmarkResults:
    truth = benchmark.dataset.table["y"].to_numpy()[[8, 9]]
    results = benchmark.evaluate(truth + offset)
    assert isinstance(results, BenchmarkResults)
    return results


def test_results_are_published_loaded_and_ranked(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    for name, offset in (("poor_model", 2.0), ("good_model", 0.5), ("same_model", -0.5)):
        results = _results(benchmark, offset)
        results.name = name
        published.upload_results(results, access="public")
    user = published.user_as_owner.slug
    metric, entries = published.leaderboard("acme", "hello-benchmark", statistics=False)
    assert (metric.name, metric.direction) == ("mean_absolute_error", "min")
    assert [(entry.rank, entry.name) for entry in entries] == [
        (1, "good_model"),
        (1, "same_model"),
        (3, "poor_model"),
    ]
    assert entries[0].artifact_id == f"{user}/good-model"
    loaded = published.get_results(user, "good-model")
    assert loaded.benchmark_artifact_id == "acme/hello-benchmark"
    assert loaded.results["Score"].tolist() == _results(benchmark, 0.5).results["Score"].tolist()
    assert len(published.list_results("acme/hello-benchmark")) == 3


def test_unnamed_results_are_published_once_however_often_they_are_sent(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    first = published.upload_results(_results(benchmark, 1.0))
    second = published.upload_results(_results(benchmark, 1.0))
    assert first.ref == second.ref
    assert len(published.list_results()) == 1
    published.upload_results(_results(benchmark, 2.0))
    assert len(published.list_results()) == 2


def test_results_need_a_benchmark_that_is_on_the_hub(
    client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    with pytest.raises(PolarisCreateArtifactError, match="hello-benchmark"):
        client.upload_results(_results(benchmark, 1.0))


def test_results_must_name_their_benchmark(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    results = BenchmarkResults(results=_results(benchmark, 1.0).results)
    with pytest.raises(InvalidResultError, match="benchmark"):
        published.upload_results(results)


def test_the_owner_of_results_may_be_given(
    published: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    record = published.upload_results(_results(benchmark, 1.0), owner="some-lab")
    assert record.ref.owner == "some-lab"


def test_missing_artifacts_are_clear_errors(client: PolarisHubClient) -> None:
    for call in (client.get_benchmark, client.get_results, client.leaderboard):
        with pytest.raises(ArtifactNotFoundError, match="acme/nothing-here"):
            call("acme", "nothing-here")


def test_a_score_that_does_not_exist_is_kept_and_ranks_last(
    client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    client.upload_dataset(benchmark.dataset)
    benchmark.metrics = [Metric("pearsonr")]
    client.upload_benchmark(benchmark)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy warns of constant predictions.
        constant = benchmark.evaluate([1.0, 1.0])
    constant.name = "constant"
    good = benchmark.evaluate([1.0, 2.0])
    good.name = "good"
    for results in (constant, good):
        client.upload_results(results, owner="acme")
    assert np.isnan(client.get_results("acme", "constant").results["Score"]).all()
    constant.to_json(tmp_path / "results.json")
    assert np.isnan(type(constant).from_json(tmp_path / "results.json").results["Score"]).all()
    _, entries = client.leaderboard("acme", "hello-benchmark")
    assert [entry.name for entry in entries] == ["good", "constant"]
