"""Benchmarks with index sets: to files and back, to a hub and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyroaring import BitMap

import polaris as po
from polaris.benchmark import (
    BenchmarkV2Specification,
    IndexSet,
    SplitV2,
)
from polaris.dataset import Dataset, DatasetV2
from polaris.errors import (
    ArtifactExistsError,
    DamagedFileError,
    InvalidInputError,
    ObjectNotFoundError,
    PolarisChecksumError,
    PolarisCreateArtifactError,
)
from polaris.evaluate import BenchmarkResults, BenchmarkResultsV2
from polaris.hub.client import PolarisHubClient

NumberPairs = Callable[..., DatasetV2]
MakeV2 = Callable[..., BenchmarkV2Specification]


def _same(loaded: Any, benchmark: BenchmarkV2Specification) -> None:
    assert type(loaded) is BenchmarkV2Specification
    assert loaded == benchmark
    for name in ("name", "splits", "n_classes", "main_metric", "target_types", "artifact_id"):
        assert getattr(loaded, name) == getattr(benchmark, name), name
    assert list(loaded.splits) == list(benchmark.splits)
    assert isinstance(loaded.dataset, DatasetV2)


# -- hubs -----------------------------------------------------------------------------------------


@pytest.fixture
def published(client: PolarisHubClient, make_v2: MakeV2) -> PolarisHubClient:
    """A client of a hub that holds a benchmark and its dataset."""
    client.upload_dataset(make_v2().dataset, access="public")
    client.upload_benchmark(make_v2(), access="public")
    return client


def test_a_published_benchmark_comes_back_equal(
    published: PolarisHubClient, make_v2: MakeV2
) -> None:
    assert published.list_benchmarks() == ["acme/number-splits"]
    loaded = published.get_benchmark("acme", "number-splits")
    _same(loaded, make_v2())
    assert isinstance(loaded, BenchmarkV2Specification)
    train, test = loaded.get_train_test_split()["zero shot/é"]
    assert len(train) == 0
    assert list(test) == [0.0, 7.0, 29.0]


def test_the_catalogue_says_where_the_bitmaps_lie(
    published: PolarisHubClient, make_v2: MakeV2
) -> None:
    document = published.get_record("benchmark", "acme", "number-splits").document
    assert document["version"] == 2
    training = make_v2().splits["random"].training
    assert document["split"]["random"]["training"] == {
        "filePath": "splits/0/training.roaring",
        "datapoints": 20,
        "md5Checksum": training.md5_checksum,
    }
    assert document["nClasses"] == {"y": 30}
    assert document["datasetArtifactId"] == "acme/number-pairs"
    assert "metrics" not in document


def test_results_on_one_split_are_published(
    published: PolarisHubClient, single_v2: BenchmarkV2Specification, tmp_path: Path
) -> None:
    published.upload_benchmark(single_v2)
    loaded = published.get_benchmark("acme", "number-splits")
    _same(loaded, single_v2)
    results = loaded.evaluate(np.arange(20, 30) * 2.0)
    record = published.upload_results(results, owner="somebody")
    assert record.document["results"][0]["scores"]["r2"] == 1.0
    assert record.document["version"] == 2
    came = published.get_results("somebody", record.ref.slug)
    assert isinstance(came, BenchmarkResultsV2)
    assert came.results.equals(results.results)
    path = tmp_path / "results.json"
    came.to_json(path)
    assert type(BenchmarkResults.from_json(path)) is BenchmarkResultsV2
    assert type(BenchmarkResultsV2.from_json(path)) is BenchmarkResultsV2


def test_without_metrics_there_is_no_leaderboard(published: PolarisHubClient) -> None:
    with pytest.raises(InvalidInputError, match="has no metrics that could rank results"):
        published.leaderboard("acme", "number-splits")


def test_results_on_one_split_are_ranked(
    published: PolarisHubClient, single_v2: BenchmarkV2Specification
) -> None:
    published.upload_benchmark(single_v2)
    for name, offset in (("poor_model", 3.0), ("good_model", 0.5)):
        results = single_v2.evaluate(np.arange(20, 30) * 2.0 + offset)
        results.name = name
        published.upload_results(results, owner="somebody")
    metric, entries = published.leaderboard("acme", "number-splits")
    assert metric.name == "r2"
    assert [entry.name for entry in entries] == ["good_model", "poor_model"]


def test_a_benchmark_that_is_there_is_replaced_or_refused(
    published: PolarisHubClient, make_v2: MakeV2
) -> None:
    changed = make_v2(splits={"only": SplitV2([0], [1])})
    with pytest.raises(ArtifactExistsError):
        published.upload_benchmark(changed, if_exists="raise")
    published.upload_benchmark(changed)
    loaded = published.get_benchmark("acme", "number-splits")
    assert isinstance(loaded, BenchmarkV2Specification)
    assert loaded.split_labels == ["only"]


def test_its_own_methods_publish_it(
    settings: po.PolarisHubSettings, client: PolarisHubClient, make_v2: MakeV2
) -> None:
    make_v2().dataset.upload_to_hub(settings=settings)  # type: ignore[attr-defined]
    record = make_v2().upload_to_hub(settings=settings, access="public")
    assert record.access == "public"
    assert client.list_benchmarks() == ["acme/number-splits"]


def test_the_dataset_has_to_be_on_the_hub(client: PolarisHubClient, make_v2: MakeV2) -> None:
    with pytest.raises(PolarisCreateArtifactError, match="acme/number-pairs"):
        client.upload_benchmark(make_v2())


def test_the_dataset_has_to_be_the_one_on_the_hub(
    published: PolarisHubClient, make_v2: MakeV2, number_pairs: NumberPairs
) -> None:
    other = number_pairs("other", y=np.arange(30) * 3.0)
    with pytest.raises(PolarisCreateArtifactError, match="checksum"):
        published.upload_benchmark(make_v2(dataset=other))


def test_a_dataset_of_another_version_is_not_the_one(
    client: PolarisHubClient, make_v2: MakeV2, table: Any
) -> None:
    client.upload_dataset(Dataset(name="number_pairs", owner="acme", license="MIT", table=table))
    with pytest.raises(PolarisCreateArtifactError, match="version 2"):
        client.upload_benchmark(make_v2())


def test_a_dataset_that_was_replaced_is_noticed_when_the_benchmark_is_loaded(
    published: PolarisHubClient, number_pairs: NumberPairs
) -> None:
    published.upload_dataset(number_pairs("other", y=np.arange(30) * 3.0))
    with pytest.raises(PolarisChecksumError, match="replaced after"):
        published.get_benchmark("acme", "number-splits")
    loaded = published.get_benchmark("acme", "number-splits", verify_checksum=False)
    assert isinstance(loaded, BenchmarkV2Specification)
    assert loaded.dataset[1, "y"] == 3.0


@pytest.mark.parametrize("hub_url", ["file"], indirect=True)
class TestDamage:
    """What becomes of the bitmaps of a hub in a folder."""

    @pytest.fixture
    def bitmap(self, published: PolarisHubClient, tmp_path: Path) -> Path:
        """The file of a training set."""
        [found] = (tmp_path / "hub").rglob("splits/0/training.roaring")
        found.chmod(0o644)
        return found

    def test_an_altered_bitmap_is_noticed(self, published: PolarisHubClient, bitmap: Path) -> None:
        bitmap.write_bytes(BitMap(range(19)).serialize())
        with pytest.raises(PolarisChecksumError, match="training of split 'random'"):
            published.get_benchmark("acme", "number-splits")
        loaded = published.get_benchmark("acme", "number-splits", verify_checksum=False)
        assert isinstance(loaded, BenchmarkV2Specification)
        assert loaded.splits["random"].training == IndexSet(range(19))

    def test_a_damaged_bitmap_is_named(self, published: PolarisHubClient, bitmap: Path) -> None:
        bitmap.write_bytes(b"noise")
        with pytest.raises(DamagedFileError, match="training of split 'random'"):
            published.get_benchmark("acme", "number-splits", verify_checksum=False)

    def test_a_missing_bitmap_is_named(self, published: PolarisHubClient, bitmap: Path) -> None:
        bitmap.unlink()
        with pytest.raises(ObjectNotFoundError, match="training of split 'random'"):
            published.get_benchmark("acme", "number-splits")
