"""The steps of the demonstration, against any hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from polaris.dataset import Dataset, Subset
from polaris.domain.identity import ArtifactRef
from polaris.evaluate import BenchmarkResults
from polaris_adapters.cli.demo.artifacts import make_benchmark, make_dataset
from polaris_adapters.cli.demo.baselines import BASELINES, Baseline, predict

if TYPE_CHECKING:
    from polaris.benchmark import BenchmarkSpecification
    from polaris.hub.client import PolarisHubClient

__all__ = ["demonstrate"]

Tell = Callable[[str], None]


def demonstrate(client: PolarisHubClient, folder: Path, tell: Tell) -> ArtifactRef:
    """Publish a dataset and a benchmark, load them back, and publish the results of two baselines.

    Done again, it publishes the same again, which changes nothing on the hub.

    Args:
        client: A client of the hub.
        folder: Where the files of the artifacts are kept.
        tell: Told of each step as it begins.

    Returns:
        The benchmark.

    Raises:
        MissingExtraError: datamol or RDKit is not installed.
    """
    dataset = _publish_dataset(client, folder, tell)
    ref = _publish_benchmark(client, dataset, folder, tell)
    benchmark = _load(client, ref, tell)
    train, test = benchmark.get_train_test_split()
    assert isinstance(test, Subset)
    for baseline in BASELINES:
        _publish_results(client, benchmark, baseline, (train, test), folder, tell)
    return ref


def _publish_dataset(client: PolarisHubClient, folder: Path, tell: Tell) -> Dataset:
    tell("Making a dataset of FreeSolv: 642 measured hydration free energies (CC BY 4.0)")
    dataset = make_dataset(folder, client.user_as_owner)
    dataset.to_json(folder)
    tell(f"Publishing the dataset {dataset.artifact_id}: a table, and a Zarr array of fingerprints")
    client.upload_dataset(dataset, access="public", if_exists="replace")
    return dataset


def _publish_benchmark(
    client: PolarisHubClient, dataset: Dataset, folder: Path, tell: Tell
) -> ArtifactRef:
    benchmark = make_benchmark(dataset)
    benchmark.to_json(folder)
    n_train = benchmark.n_train_datapoints
    sizes = f"{n_train} molecules to train on, {dataset.n_rows - n_train} to test on"
    tell(f"Publishing the benchmark {benchmark.artifact_id}: {sizes}")
    return client.upload_benchmark(benchmark, access="public", if_exists="replace").ref


def _load(client: PolarisHubClient, ref: ArtifactRef, tell: Tell) -> BenchmarkSpecification:
    tell("Loading both back, every byte checked against its checksum")
    from polaris.benchmark import BenchmarkSpecification

    loaded = client.get_benchmark(ref.owner, ref.slug, verify_checksum=True)
    assert isinstance(loaded, BenchmarkSpecification)
    return loaded


def _publish_results(
    client: PolarisHubClient,
    benchmark: BenchmarkSpecification,
    baseline: Baseline,
    split: tuple[Subset, Subset],
    folder: Path,
    tell: Tell,
) -> None:
    tell(f"Training a {baseline.title}, judging its predictions, publishing the results")
    results = benchmark.evaluate(predict(baseline, *split))
    assert isinstance(results, BenchmarkResults)
    results.name = baseline.name
    results.to_json(folder / f"{baseline.name}.json")
    client.upload_results(results, access="public")
