"""Predictions for benchmarks: stored as archives, submitted, scored by the hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numcodecs import Zstd  # type: ignore[import-untyped]  # It ships no annotations.

from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidPredictionsError,
    ObjectExistsError,
    PolarisCreateArtifactError,
)
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.hub.worker import run_worker
from polaris.model import Model
from polaris.ports.jobs import JobState
from polaris.prediction import BenchmarkPredictionsV2

ROWS = 12
Y = np.arange(ROWS, dtype=np.float32) * 0.5


def _work(client: PolarisHubClient) -> int:
    return run_worker(container=client._twin._container, once=True)


@pytest.fixture
def column(tmp_path: Path) -> Callable[..., DatasetV2]:
    """Return a dataset with the column ``y``, filled and stored as asked for."""

    def make(cells: Any, **layout: Any) -> DatasetV2:
        path = tmp_path / "source" / "data.zarr"
        root = zarr.open_group(str(path), mode="w", zarr_format=2)
        array = root.create_array("y", shape=(len(cells),), chunks=(5,), **layout)
        array[:] = cells
        x = root.create_array("x", shape=(len(cells),), chunks=(5,), dtype="int64")
        x[:] = np.arange(len(cells))
        zarr.consolidate_metadata(root.store)
        return DatasetV2(name="numbers", owner="acme", license="MIT", zarr_root_path=str(path))

    return make


@pytest.fixture
def benchmark_v2(column: Callable[..., DatasetV2]) -> BenchmarkV2Specification:
    return BenchmarkV2Specification(
        name="guessing",
        owner="acme",
        dataset=column(Y, dtype="float32", compressors=[Zstd(level=7)]),
        input_cols="x",
        target_cols="y",
        splits={
            "near": {"training": [0, 1, 2], "test": [5, 6, 7]},
            "far": {"training": [0, 1, 2, 3], "test": [8, 11]},
        },
        metrics=["mean_absolute_error"],
    )


def _predictions(dataset: DatasetV2 | None, values: Any, **changes: Any) -> BenchmarkPredictionsV2:
    fields: dict[str, Any] = {
        "name": "forest",
        "owner": "me-myself",
        "benchmark_artifact_id": "acme/guessing",
        "predictions": values,
        "target_labels": ["y"],
        "test_set_labels": ["test"],
        "test_set_sizes": {"test": len(values)},
        "dataset_zarr_root": None if dataset is None else dataset.zarr_root,
    }
    return BenchmarkPredictionsV2(**(fields | changes))


def test_predictions_for_a_table_are_scored_and_ranked(
    client: PolarisHubClient,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    settings: PolarisHubSettings,
) -> None:
    client.upload_dataset(dataset)
    client.upload_benchmark(benchmark)
    client.upload_model(Model(name="forest", owner="me-myself"))
    record = benchmark.submit_predictions(
        predictions=[4.5, 4.0],
        prediction_name="first-try",
        prediction_owner="me-myself",
        contributors=["someone"],
        model=Model(name="forest", owner="me-myself"),
        description="Guessed",
        tags=["guess"],
        user_attributes={"a": "b"},
        settings=settings,
    )
    assert record.ref.urn == "urn:polaris:prediction:me-myself:first-try"
    assert record.document["modelArtifactId"] == "me-myself/forest"
    assert client.list_predictions("acme/hello-benchmark") == ["me-myself/first-try"]
    loaded = client.get_predictions("me-myself/first-try")
    assert loaded.flatten().tolist() == [4.5, 4.0]
    assert (loaded.contributors, loaded.tags) == (["someone"], ["guess"])
    assert _work(client) == 1
    job = client.submission_status(record)
    assert job is not None
    assert job.results is not None, job.reason
    results = client.get_results(job.results.owner, job.results.slug)
    assert results.model_artifact_id == "me-myself/forest"
    expected = benchmark.evaluate([4.5, 4.0]).results
    assert results.results["Score"].tolist() == pytest.approx(expected["Score"].tolist())
    entries = client.leaderboard("acme", "hello-benchmark").entries
    assert [entry.artifact_id for entry in entries] == [job.results.artifact_id]


def test_predictions_for_an_archive_are_scored(
    client: PolarisHubClient,
    benchmark_v2: BenchmarkV2Specification,
    settings: PolarisHubSettings,
) -> None:
    client.upload_dataset(benchmark_v2.dataset)
    client.upload_benchmark(benchmark_v2)
    guesses = {"near": Y[[5, 6, 7]] + np.float32(1), "far": Y[[8, 11]] - np.float32(2)}
    record = benchmark_v2.submit_predictions(guesses, "a-guess", "me-myself", settings=settings)
    assert _work(client) == 1
    job = client.submission_status(record.ref.urn)
    assert job is not None
    assert job.results is not None, job.reason
    table = client.get_results(job.results.owner, job.results.slug).results
    assert dict(zip(table["Test set"], table["Score"], strict=True)) == {"near": 1.0, "far": 2.0}


def test_a_benchmark_without_metrics_takes_no_predictions(
    client: PolarisHubClient, benchmark_v2: BenchmarkV2Specification, settings: PolarisHubSettings
) -> None:
    benchmark_v2.metrics = []
    client.upload_dataset(benchmark_v2.dataset)
    client.upload_benchmark(benchmark_v2)
    guesses = {"near": Y[[5, 6, 7]], "far": Y[[8, 11]]}
    with pytest.raises(PolarisCreateArtifactError, match="no metrics"):
        benchmark_v2.submit_predictions(guesses, "a-guess", "me-myself", settings=settings)


def test_predictions_that_do_not_fit_the_benchmark_are_refused(
    client: PolarisHubClient, dataset: Dataset, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    lonely = _predictions(None, [1.0, 2.0], benchmark_artifact_id="acme/hello-benchmark")
    with pytest.raises(PolarisCreateArtifactError, match="acme/hello-benchmark"):
        client.submit_benchmark_predictions(lonely)
    client.upload_dataset(dataset)
    client.upload_benchmark(benchmark)
    wrong = _predictions(
        None,
        [1.0],
        benchmark_artifact_id="acme/hello-benchmark",
        target_labels=["z"],
    )
    with pytest.raises(InvalidPredictionsError) as caught:
        client.submit_benchmark_predictions(wrong)
    assert [p.path for p in caught.value.problems] == ["target_labels", "test_set_sizes"]
    client.submit_benchmark_predictions(lonely)
    with pytest.raises(ArtifactExistsError):
        client.submit_benchmark_predictions(lonely, if_exists="raise")
    with pytest.raises(ArtifactNotFoundError):
        client.get_predictions("me-myself/other")


def test_predictions_of_another_kind_fail_with_a_reason(
    client: PolarisHubClient, dataset: Dataset, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    client.upload_dataset(dataset)
    client.upload_benchmark(benchmark)
    record = client.submit_benchmark_predictions(
        _predictions(None, ["a", "b"], benchmark_artifact_id="acme/hello-benchmark"),
        owner="you-two",
    )
    assert record.ref.owner == "you-two"
    _work(client)
    job = client.submission_status("you-two/forest")
    assert job is not None
    assert job.state is JobState.FAILED
    assert "mean_absolute_error" in str(job.reason)


# -- archives -----------------------------------------------------------------------------------


def test_an_array_is_stored_as_the_column_is(
    column: Callable[..., DatasetV2], tmp_path: Path
) -> None:
    dataset = column(Y, dtype="float32", compressors=[Zstd(level=7)])
    values = np.array([1, 2, 3], dtype=np.float32)
    folder = _predictions(dataset, values).to_zarr(tmp_path / "written")
    ours = json.loads((tmp_path / "written/test/y/.zarray").read_text("utf-8"))
    theirs = json.loads((tmp_path / "source/data.zarr/y/.zarray").read_text("utf-8"))
    assert ours == theirs | {"shape": [3]}
    root: Any = zarr.open_group(folder, mode="r")
    assert root["test"]["y"][:].tolist() == [1, 2, 3]
    with pytest.raises(ObjectExistsError):
        _predictions(dataset, values).to_zarr(tmp_path / "written")


def test_the_archive_is_there_when_it_is_asked_for() -> None:
    predictions = _predictions(None, ["C", "CC"])
    root: Any = predictions.zarr_root
    assert root["test"]["y"][:].tolist() == ["C", "CC"]
    folder = Path(predictions.zarr_root_path)
    assert folder == Path(predictions.zarr_root_path)
    assert (predictions.columns, predictions.n_rows) == (["y"], 2)
    del root, predictions
    assert not folder.exists()


@pytest.mark.parametrize(
    "values",
    [np.array([1.0, 2.0]), np.array([1, 2], dtype=np.float16), ["a", "b"], [1, 2]],
    ids=["float64", "float16", "texts", "whole"],
)
def test_other_types_than_that_of_the_column_are_refused(
    column: Callable[..., DatasetV2], values: Any
) -> None:
    dataset = column(Y, dtype="float32")
    with pytest.raises(ValueError, match="Dtype mismatch for column 'y'") as caught:
        _predictions(dataset, values)
    assert "astype('float32')" in str(caught.value)


def test_a_column_that_the_dataset_lacks_is_refused(column: Callable[..., DatasetV2]) -> None:
    dataset = column(Y, dtype="float32")
    with pytest.raises(InvalidPredictionsError, match="no column 'z'"):
        _predictions(dataset, np.ones(2, dtype=np.float32), target_labels=["z"])


def test_objects_need_the_archive_of_the_dataset() -> None:
    with pytest.raises(InvalidPredictionsError, match="only numbers and texts"):
        _predictions(None, [{1}, {2}]).to_zarr()


def test_a_dump_has_lists_and_no_archive(column: Callable[..., DatasetV2]) -> None:
    dataset = column(Y, dtype="float32")
    predictions = _predictions(dataset, np.array([1, 2], dtype=np.float32), model="me-myself/m")
    dumped = predictions.model_dump()
    assert dumped["predictions"] == {"test": {"y": [1.0, 2.0]}}
    assert dumped["model_artifact_id"] == "me-myself/m"
    assert "dataset_zarr_root" not in dumped
    assert json.loads(predictions.model_dump_json(by_alias=True))["testSetSizes"] == {"test": 2}
    assert len(repr(predictions)) < 200


def test_molecules_are_stored_with_the_codec_of_the_column(
    client: PolarisHubClient, column: Callable[..., DatasetV2], tmp_path: Path
) -> None:
    chem = pytest.importorskip("rdkit.Chem")
    from polaris_adapters.chem_formats.molecule_codec import RDKitMolCodec
    from polaris_adapters.chem_formats.registering import register_codecs
    from polaris_adapters.zarr_arrays.object_types import AnyObject

    register_codecs()
    smiles = ["C" * (i + 1) for i in range(6)]
    cells = np.array([chem.MolFromSmiles(s) for s in smiles], dtype=object)
    dataset = column(cells, dtype=AnyObject(), filters=[RDKitMolCodec()])
    client.upload_dataset(dataset)
    client.upload_benchmark(
        BenchmarkV2Specification(
            name="guessing",
            owner="acme",
            dataset=dataset,
            input_cols="x",
            target_cols="y",
            splits={"test": {"training": [0], "test": [4, 5]}},
            metrics=["rmsd_coverage"],
            target_types={"y": "docking"},
        )
    )
    guesses = [chem.MolFromSmiles("CCO"), chem.MolFromSmiles("c1ccccc1")]
    predictions = _predictions(dataset, guesses)
    assert predictions.predictions["test"]["y"].dtype == object
    folder = Path(predictions.to_zarr(tmp_path / "written"))
    metadata = json.loads((folder / "test/y/.zarray").read_text("utf-8"))
    assert metadata["filters"] == [{"id": "rdkit_mol"}]
    client.submit_benchmark_predictions(predictions)
    found = client.get_predictions("me-myself/forest").flatten()
    assert [chem.MolToSmiles(m) for m in found] == ["CCO", "c1ccccc1"]
    with pytest.raises(InvalidPredictionsError, match="Dtype mismatch"):
        _predictions(dataset, np.array([1.0, 2.0]))


def test_structures_are_stored_with_the_codec_of_the_column(
    column: Callable[..., DatasetV2], tmp_path: Path
) -> None:
    biotite = pytest.importorskip("biotite.structure")
    from polaris_adapters.chem_formats.registering import register_codecs
    from polaris_adapters.chem_formats.structure_codec import AtomArrayCodec
    from polaris_adapters.zarr_arrays.object_types import AnyObject

    register_codecs()

    def atoms(n: int) -> Any:
        array = biotite.AtomArray(n)
        array.coord = np.arange(n * 3, dtype=np.float32).reshape(n, 3)
        array.element[:] = "C"
        return array

    cells = np.empty(3, dtype=object)
    for i in range(3):
        cells[i] = atoms(i + 2)
    dataset = column(cells, dtype=AnyObject(), filters=[AtomArrayCodec()])
    predictions = _predictions(dataset, [atoms(4), atoms(4)])
    assert predictions.predictions["test"]["y"].shape == (2,)
    root: Any = zarr.open_group(predictions.to_zarr(tmp_path / "written"), mode="r")
    found = root["test"]["y"][:]
    assert found[1].coord.tolist() == atoms(4).coord.tolist()
