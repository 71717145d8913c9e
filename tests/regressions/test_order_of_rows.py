"""A benchmark names rows by position, and checksums that do not see their order are not enough."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import PolarisChecksumError, PolarisCreateArtifactError
from polaris.hub.client import PolarisHubClient
from polaris.hub.worker import run_worker
from polaris.ports.jobs import JobState
from polaris.prediction import BenchmarkPredictionsV2


def like(dataset: Dataset, table: pd.DataFrame) -> Dataset:
    return Dataset(name=dataset.name, owner="acme", license="MIT", table=table)


@pytest.fixture
def turned(dataset: Dataset) -> Dataset:
    """The same rows in another order, which the checksum of polaris-lib cannot tell apart."""
    other = like(dataset, dataset.table[::-1].reset_index(drop=True))
    assert other == dataset
    assert other.md5sum == dataset.md5sum
    return other


@pytest.mark.parametrize("strategy", ["verify", "verify_unless_zarr"])
def test_a_dataset_that_was_put_into_another_order_is_noticed_on_the_hub(
    polaris_client: PolarisHubClient,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    turned: Dataset,
    strategy: str,
) -> None:
    """The dataset of a benchmark is published again with its rows in another order.

    polaris-lib sums the hashes of rows, so both checksums stay, and the benchmark silently trains
    and tests on other rows. It has to be refused; and fine again once the old rows are back.
    """
    polaris_client.upload_dataset(dataset)
    polaris_client.upload_benchmark(benchmark)
    polaris_client.upload_dataset(turned)
    with pytest.raises(PolarisChecksumError, match="another order"):
        polaris_client.get_benchmark("acme", "chain-values", verify_checksum=strategy)
    polaris_client.get_benchmark("acme", "chain-values", verify_checksum=False)

    polaris_client.upload_dataset(like(dataset, dataset.table[["y", "smiles"]]))
    assert polaris_client.get_benchmark("acme", "chain-values", strategy) == benchmark


def test_a_benchmark_is_not_published_on_rows_in_another_order(
    polaris_client: PolarisHubClient, benchmark: SingleTaskBenchmarkSpecification, turned: Dataset
) -> None:
    """The hub has the rows of the dataset in another order than the author of a benchmark.

    The checksums agree, so polaris-lib takes the benchmark, whose positions then name other rows
    for everybody else. It has to be refused when it is published.
    """
    polaris_client.upload_dataset(turned)
    with pytest.raises(PolarisCreateArtifactError, match="another order"):
        polaris_client.upload_benchmark(benchmark)
    assert polaris_client.list_benchmarks() == []


def test_a_dataset_that_was_put_into_another_order_is_noticed_in_a_folder(
    benchmark: SingleTaskBenchmarkSpecification, turned: Dataset, tmp_path: Path
) -> None:
    """The same in a folder: the dataset beside a benchmark is saved again in another order."""
    path = benchmark.to_json(tmp_path)
    turned.to_json(tmp_path)
    with pytest.raises(PolarisChecksumError, match="another order"):
        po.load_benchmark(path)
    po.load_benchmark(path, verify_checksum=False)


def test_a_target_column_does_not_become_another_one(tmp_path: Path) -> None:
    """Columns are renamed so that their order stays, and the target's name now is another column's.

    polaris-lib hashes cells and not names, so dataset and benchmark keep their checksums while the
    target holds something else. It has to be refused.
    """
    table = pd.DataFrame({"a": ["C", "CC", "CCC"], "b": [1.5, 2.5, 3.5], "c": [7.5, 8.5, 9.5]})
    dataset = Dataset(name="three_columns", owner="acme", table=table)
    renamed = like(dataset, table.rename(columns={"b": "aa", "c": "b"}))
    assert renamed.md5sum == dataset.md5sum
    path = SingleTaskBenchmarkSpecification(
        name="value_of_b",
        dataset=dataset,
        input_cols="a",
        target_cols="b",
        split=([0], [1, 2]),
        metrics="r2",
    ).to_json(tmp_path)
    renamed.to_json(tmp_path)
    with pytest.raises(PolarisChecksumError, match="other rows"):
        po.load_benchmark(path)


def test_benchmarks_that_do_not_say_what_their_rows_are_load(
    benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    """Files of polaris-lib do not say it, and have to be read all the same."""
    path = Path(benchmark.to_json(tmp_path))
    document = json.loads(path.read_text("utf-8"))
    del document["dataset_rows_sha256"]
    path.write_text(json.dumps(document), "utf-8")
    path.with_suffix(".sha256").unlink()
    assert po.load_benchmark(path) == benchmark


def test_words_about_the_dataset_may_change(
    polaris_client: PolarisHubClient,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
) -> None:
    """A better description is no reason to refuse a benchmark."""
    polaris_client.upload_dataset(dataset)
    polaris_client.upload_benchmark(benchmark)
    dataset.description = "Chains of carbon."
    polaris_client.upload_dataset(dataset)
    loaded = polaris_client.get_benchmark("acme", "chain-values")
    assert loaded == benchmark
    assert loaded.dataset.description == "Chains of carbon."


def test_the_same_upload_made_twice_is_still_one_version(
    polaris_client: PolarisHubClient,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    turned: Dataset,
) -> None:
    """Rows in another order make a new version; the same rows do not."""
    for _ in range(2):
        polaris_client.upload_dataset(dataset)
        polaris_client.upload_benchmark(benchmark)
    parent = "acme/six-chains"
    for _ in range(2):
        polaris_client.upload_dataset(dataset, parent_artifact_id=parent)
    assert polaris_client.get_dataset("acme", "six-chains").artifact_version == 2
    polaris_client.upload_dataset(turned, parent_artifact_id=parent)
    assert polaris_client.get_dataset("acme", "six-chains").artifact_version == 3


def test_a_hub_does_not_score_against_rows_in_another_order(
    polaris_client: PolarisHubClient,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    turned: Dataset,
) -> None:
    """Predictions for the rows of a benchmark must not be compared with the values of others."""
    polaris_client.upload_dataset(dataset)
    polaris_client.upload_benchmark(benchmark)
    submission = BenchmarkPredictionsV2(
        name="forest",
        owner="me-myself",
        predictions=[4.5, 5.5],
        target_labels=["y"],
        test_set_labels=["test"],
        test_set_sizes={"test": 2},
        benchmark_artifact_id="acme/chain-values",
    )
    polaris_client.submit_benchmark_predictions(submission)
    polaris_client.upload_dataset(turned)
    run_worker(container=polaris_client._twin._container, once=True)
    job = polaris_client.submission_status("me-myself/forest")
    assert job is not None
    assert job.state is JobState.FAILED
    assert "another order" in str(job.reason)
    assert polaris_client.leaderboard("acme", "chain-values").entries == []
