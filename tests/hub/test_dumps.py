"""What the dictionary of an artifact holds, whatever was asked of the artifact before."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

import polaris as po
from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.evaluate import BenchmarkResults
from polaris.model import Model


def test_every_artifact_names_the_version_that_made_it(
    benchmark: SingleTaskBenchmarkSpecification, single_v2: BenchmarkV2Specification
) -> None:
    made: list[Any] = [
        benchmark.dataset,
        benchmark,
        benchmark.evaluate([1.0, 2.0]),
        single_v2.dataset,
        single_v2,
        Model(name="some_model"),
    ]
    for artifact in made:
        assert artifact.polaris_version == po.__version__
        assert artifact.model_dump()["polaris_version"] == po.__version__


def test_the_checksum_is_in_every_dump(benchmark: SingleTaskBenchmarkSpecification) -> None:
    dataset = benchmark.dataset
    assert isinstance(dataset, Dataset)
    for artifact in (dataset, benchmark):
        assert not artifact.has_md5sum
        for dump in (
            artifact.model_dump(by_alias=True),
            json.loads(artifact.model_dump_json(by_alias=True)),
        ):
            assert dump["md5Sum"] == artifact.md5sum
        assert artifact.has_md5sum


@pytest.mark.parametrize("by_alias", [False, True])
def test_artifacts_are_made_again_of_their_dump(
    zarr_dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    single_v2: BenchmarkV2Specification,
    by_alias: bool,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for dataset in (benchmark.dataset, zarr_dataset):
            assert isinstance(dataset, Dataset)
            again = Dataset(**dataset.model_dump(by_alias=by_alias))
            assert again == dataset
            assert again.md5sum == dataset.md5sum
            assert again.artifact_id == dataset.artifact_id
        dump = zarr_dataset.model_dump(by_alias=by_alias)
        archived = single_v2.dataset
        assert isinstance(archived, DatasetV2)
        assert DatasetV2(**archived.model_dump(by_alias=by_alias)) == archived
        results = benchmark.evaluate([1.0, 2.0])
        twin = BenchmarkResults(**results.model_dump(by_alias=by_alias))
        assert twin.results.equals(results.results)
    assert dump["annotations"]["fp"]["isPointer" if by_alias else "is_pointer"] is True
    [record] = results.model_dump(by_alias=by_alias)["results"]
    assert record["testSet" if by_alias else "test_set"] == "test"


@pytest.mark.parametrize("url", ["http://example.org", "https://example.org/a?b=c#d"])
def test_web_addresses_are_texts_in_dumps(dataset: Dataset, url: str) -> None:
    dataset.source = url
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dump = dataset.model_dump()
    assert type(dump["source"]) is str
    assert dump["source"] == url


def test_a_checksum_outlives_the_way_through_a_file(
    benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    path = Path(benchmark.to_json(tmp_path))
    written = json.loads(path.read_bytes())
    assert written["md5sum"] == benchmark.md5sum
    assert po.load_benchmark(path).model_dump() == benchmark.model_dump()
