"""Where polaris-lib 0.13.0 itself is broken: that it still is so, and that ours is right.

`docs/compatibility.md` lists these.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.errors import InvalidDatasetError, PolarisChecksumError
from polaris.evaluate import BenchmarkResults, CompetitionPredictions
from polaris.loader import load_benchmark, load_dataset
from tests.e2e.polaris_lib.peer import PEER, needs_peer, run_all

pytestmark = [pytest.mark.slow, needs_peer, pytest.mark.timeout(300)]

TABLE = pd.DataFrame({"x": [float(n) for n in range(9)], "y": [n + 0.5 for n in range(9)]})
SPLIT: tuple[list[int], Any] = ([0, 1, 2], {"holdout": [3, 4, 5]})

# Each step leaves what came of it: a value, or the error's class and first line.
PEER_CODE = """
import json, os, sys
import numpy as np, pandas as pd
import polaris
from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.evaluate import BenchmarkResults, CompetitionPredictions

found = {}
def step(work):
    try:
        found[work.__name__] = work()
    except Exception as error:
        found[work.__name__] = f"{type(error).__name__}: {error}"

table = pd.DataFrame({"x": [float(n) for n in range(9)], "y": [n + 0.5 for n in range(9)]})

@step
def altered():
    os.chdir("altered")
    return polaris.load_dataset("some-data.json", verify_checksum="verify").table["y"].tolist()

@step
def elsewhere():
    os.chdir("..")
    return polaris.load_dataset("altered/some-data.json").name

@step
def column_types():
    dataset = Dataset(table=table.assign(n=pd.array([1, None] * 4 + [2], dtype="Int64")))
    return polaris.load_dataset(dataset.to_json("types")).name

@step
def truth_objects():
    dataset = Dataset(table=pd.DataFrame({"t": pd.Series([True, False], dtype=object)}))
    path = dataset.to_json("truths")
    return polaris.load_dataset(path, verify_checksum="verify").md5sum == dataset.md5sum

@step
def own_folder():
    dataset = DatasetV2(zarr_root_path="own/data.zarr")
    try:
        dataset.to_json("own")
    except Exception:
        pass
    return [file for _, _, files in os.walk("own/data.zarr") for file in files]

@step
def holdout():
    os.chdir("holdout")
    try:
        benchmark = polaris.load_benchmark("benchmark.json", verify_checksum="verify")
        benchmark.evaluate(np.zeros(3))
        return benchmark.to_json("../holdout_again")
    finally:
        os.chdir("..")

@step
def zero_shot():
    os.chdir("zero_shot")
    try:
        return polaris.load_benchmark("benchmark.json").name
    finally:
        os.chdir("..")

@step
def whole_numbers():
    benchmark = SingleTaskBenchmarkSpecification(
        dataset=Dataset(table=table.assign(y=[1, 5, 3, 8, 2, 9, 4, 7, 6])), target_cols="y",
        input_cols="x", split=([0, 1], [2, 3]), metrics=["mean_absolute_error"],
        main_metric="mean_absolute_error")
    benchmark.to_json("whole")
    return benchmark.target_types["y"].value

@step
def score_that_is_none():
    scores = pd.DataFrame([["t", "y", "r2", float("nan")]],
                          columns=["Test set", "Target label", "Metric", "Score"])
    BenchmarkResults(results=scores, benchmark_artifact_id="acme/bench").to_json("nan.json")
    return BenchmarkResults.from_json("nan.json").results["Score"].tolist()

@step
def wire_names():
    made = CompetitionPredictions(
        predictions=[1.0], target_labels=["y"], test_set_labels=["test"],
        test_set_sizes={"test": 1}, name="some_name", owner="acme",
        report_url="https://example.org")
    text = made.model_dump_json(by_alias=True)
    open("wire.json", "w").write(text)
    return CompetitionPredictions(**json.loads(text)).name

json.dump(found, open("found.json", "w"))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What we saved for polaris-lib, and what it made of it and saved for us."""
    folder = tmp_path_factory.mktemp("flaws")
    dataset = Dataset(name="some_data", owner="acme", table=TABLE)
    dataset.to_json(folder / "altered")
    TABLE.assign(y=9.0).to_parquet(folder / "altered" / "table.parquet")
    SingleTaskBenchmarkSpecification(
        name="some_bench",
        dataset=dataset,
        target_cols="y",
        input_cols="x",
        split=SPLIT,
        metrics=["mean_absolute_error"],
    ).to_json(folder / "holdout")
    columns = {"x": np.arange(9.0), "y": np.arange(9.0) + 0.5}
    archive = DatasetV2.from_arrays(folder / "own" / "data.zarr", columns, name="large_data")
    BenchmarkV2Specification(
        name="zero_shot",
        dataset=archive,
        target_cols="y",
        input_cols="x",
        splits={"test": {"training": {"indices": []}, "test": {"indices": [1, 2]}}},
        metrics=["mean_absolute_error"],
    ).to_json(folder / "zero_shot")
    # Ours does no harm where polaris-lib will.
    archive.to_json(folder / "own")
    run_all([[str(PEER), "-W", "ignore", "-c", PEER_CODE]], folder)
    return folder


@pytest.fixture(scope="module")
def theirs(folder: Path) -> dict[str, Any]:
    """What came of each step with polaris-lib."""
    found: dict[str, Any] = json.loads((folder / "found.json").read_text("utf-8"))
    return found


def test_an_altered_table_is_loaded_there_and_refused_here(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["altered"] == [9.0] * 9
    with pytest.raises(PolarisChecksumError):
        load_dataset(folder / "altered" / "some-data.json")


def test_a_document_finds_its_files_there_only_in_the_working_directory(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert "table.parquet is not a valid DataFrame or .parquet path" in theirs["elsewhere"]
    path = folder / "altered" / "some-data.json"
    assert load_dataset(path, verify_checksum=False).name == "some_data"


def test_a_column_of_pandas_types_is_saved_there_and_loaded_only_here(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["column_types"].startswith("TypeError")
    [path] = (folder / "types").glob("*.json")
    loaded = Dataset.from_json(path)
    assert str(loaded.table["n"].dtype) == "Int64"
    assert loaded.table["n"].isna().tolist() == [False, True] * 4 + [False]


def test_a_table_that_parquet_changes_is_saved_there_and_refused_here(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["truth_objects"] is False
    with pytest.raises(PolarisChecksumError):
        Dataset.from_json(next((folder / "truths").glob("*.json")))
    dataset = Dataset(table=pd.DataFrame({"t": pd.Series([True, False], dtype=object)}))
    with pytest.raises(InvalidDatasetError, match="parquet does not keep"):
        dataset.to_json(folder / "our_truths")


def test_saving_into_the_own_folder_empties_the_archive_there(theirs: dict[str, Any]) -> None:
    assert theirs["own_folder"] == [".zgroup"]


def test_saving_into_the_own_folder_does_no_harm_here(tmp_path: Path) -> None:
    dataset = DatasetV2.from_arrays(tmp_path / "data.zarr", {"x": np.arange(9.0)}, name="data")
    loaded = DatasetV2.from_json(dataset.to_json(tmp_path))
    assert [loaded[row, "x"] for row in range(9)] == list(range(9))


def test_a_single_test_set_of_another_name_is_not_saved_there(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["holdout"] == "KeyError: 'test'"
    benchmark = load_benchmark(folder / "holdout" / "benchmark.json")
    assert benchmark.n_test_datapoints == {"holdout": 3}
    assert benchmark.evaluate([0.0, 0.0, 0.0]).results["Test set"].tolist() == ["holdout"]


def test_a_split_without_training_rows_is_refused_there(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert "Empty roaring bitmap" in theirs["zero_shot"]
    benchmark = load_benchmark(folder / "zero_shot" / "benchmark.json")
    assert isinstance(benchmark, BenchmarkV2Specification)
    assert benchmark.n_train_datapoints == {"test": 0}


def test_whole_numbers_are_classes_there_and_values_here(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["whole_numbers"] == "classification"
    benchmark = load_benchmark(folder / "whole" / "benchmark.json")
    assert benchmark.target_types["y"] == "regression"
    saved = json.loads((folder / "whole" / "benchmark.json").read_text("utf-8"))
    assert isinstance(benchmark, SingleTaskBenchmarkSpecification)
    assert benchmark.md5sum == saved["md5sum"]


def test_a_score_that_does_not_exist_is_saved_there_and_loaded_only_here(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["score_that_is_none"].startswith("ValidationError")
    [score] = BenchmarkResults.from_json(folder / "nan.json").results["Score"]
    assert math.isnan(score)


def test_a_submission_in_the_names_of_the_wire_is_read_only_here(
    folder: Path, theirs: dict[str, Any]
) -> None:
    assert theirs["wire_names"].startswith("ValidationError")
    document = json.loads((folder / "wire.json").read_text("utf-8"))
    read = CompetitionPredictions(**document)
    assert read.as_lists() == {"test": {"y": [1.0]}}
    assert read.paper_url == "https://example.org"


PEER_ARCHIVE = """
import json, sys, zarr
import polaris.dataset
root = zarr.open_group("predictions.zarr", mode="r")
shown = lambda c: c.GetNumAtoms() if hasattr(c, "GetNumAtoms") else c
print(json.dumps({test: {target: [str(root[test][target].dtype),
                                  [shown(c) for c in root[test][target][:].tolist()]]
                         for target in root[test].array_keys()}
                  for test in root.group_keys()}))
"""


def test_predictions_as_an_archive_are_read_there(
    tmp_path: Path, write_molecules: Callable[[Path, list[str]], Any]
) -> None:
    from rdkit import Chem

    from polaris.evaluate import BenchmarkPredictionsV2

    root = write_molecules(tmp_path / "data.zarr", ["C", "CC", "CCC"])
    molecules = np.empty(2, dtype=object)
    molecules[:] = [Chem.MolFromSmiles(smiles) for smiles in ("CCO", "CCCC")]
    numbers = np.array([1.5, np.pi], dtype=np.float32)
    BenchmarkPredictionsV2(
        name="some_name",
        owner="acme",
        benchmark_artifact_id="acme/bench",
        predictions={"near é": {"molecule": molecules, "y": numbers}},
        target_labels=["molecule", "y"],
        test_set_labels=["near é"],
        test_set_sizes={"near é": 2},
        dataset_zarr_root=root,
    ).to_zarr(tmp_path / "predictions.zarr")
    [printed] = run_all([[str(PEER), "-W", "ignore", "-c", PEER_ARCHIVE]], tmp_path)
    assert json.loads(printed.strip().splitlines()[-1]) == {
        "near é": {"molecule": ["object", [3, 4]], "y": ["float32", numbers.tolist()]}
    }


@pytest.fixture
def write_molecules() -> Callable[[Path, list[str]], Any]:
    """Writes an archive with molecules and numbers, and returns its root."""
    import zarr
    from rdkit import Chem

    from polaris.dataset.codecs import RDKitMolCodec
    from polaris_adapters.zarr_arrays.object_types import AnyObject

    def write(path: Path, smiles: list[str]) -> Any:
        root = zarr.open_group(str(path), mode="w", zarr_format=2)
        count = (len(smiles),)
        array = root.create_array(
            "molecule", shape=count, chunks=(1,), dtype=AnyObject(), filters=[RDKitMolCodec()]
        )
        cells = np.empty(len(smiles), dtype=object)
        cells[:] = [Chem.MolFromSmiles(text) for text in smiles]
        array[:] = cells
        root.create_array("y", shape=count, chunks=(1,), dtype="float32")
        return root

    return write
