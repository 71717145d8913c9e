"""Benchmarks with index sets: to files and back, to a hub and back."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyroaring import BitMap, FrozenBitMap

import polaris as po
from polaris.benchmark import (
    BenchmarkV1Specification,
    BenchmarkV2Specification,
    IndexSet,
    SplitV2,
)
from polaris.dataset import DatasetV2
from polaris.errors import (
    DamagedFileError,
    InvalidBenchmarkError,
    PolarisChecksumError,
)
from polaris.evaluate import BenchmarkResultsV2

NumberPairs = Callable[..., DatasetV2]
MakeV2 = Callable[..., BenchmarkV2Specification]


def _same(loaded: Any, benchmark: BenchmarkV2Specification) -> None:
    assert type(loaded) is BenchmarkV2Specification
    assert loaded == benchmark
    for name in ("name", "splits", "n_classes", "main_metric", "target_types", "artifact_id"):
        assert getattr(loaded, name) == getattr(benchmark, name), name
    assert list(loaded.splits) == list(benchmark.splits)
    assert isinstance(loaded.dataset, DatasetV2)


# -- files ----------------------------------------------------------------------------------------


def test_a_saved_benchmark_comes_back_equal(make_v2: MakeV2, tmp_path: Path) -> None:
    path = make_v2().to_json(tmp_path / "out")
    _same(BenchmarkV2Specification.from_json(path), make_v2())
    _same(po.load_benchmark(path), make_v2())


def test_a_benchmark_with_one_split_and_metrics_comes_back_equal(
    single_v2: BenchmarkV2Specification, tmp_path: Path
) -> None:
    path = single_v2.to_json(tmp_path / "out")
    document = json.loads(Path(path).read_text("utf-8"))
    assert document["split"]["test"]["indices"] == list(range(20, 30))
    assert "splits" not in document
    loaded = po.load_benchmark(path)
    _same(loaded, single_v2)
    results = loaded.evaluate(np.arange(20, 30) * 2.0 + 1)
    assert isinstance(results, BenchmarkResultsV2)
    assert results.results["Score"][0] == 1.0


def test_a_saved_folder_can_be_moved(make_v2: MakeV2, tmp_path: Path) -> None:
    make_v2().to_json(tmp_path / "out")
    moved = tmp_path / "elsewhere"
    shutil.move(tmp_path / "out", moved)
    shutil.rmtree(tmp_path / "source")
    loaded = BenchmarkV2Specification.from_json(moved / "benchmark.json")
    train, _ = loaded.get_train_test_split()["random"]
    assert np.array_equal(np.asarray(train.y), np.arange(20) * 2.0)


def test_the_form_of_the_earlier_library_is_read(number_pairs: NumberPairs, tmp_path: Path) -> None:
    number_pairs().to_json(tmp_path)
    document = {
        "version": 2,
        "name": "earlier_form",
        "dataset": "number-pairs.json",
        "input_cols": ["x"],
        "target_cols": ["y"],
        "split": {"training": {"indices": [0, 1]}, "test": {"indices": [2]}},
        "metrics": [{"label": "r2", "config": None}],
        "main_metric": "r2",
        "nTestSets": 1,
        "unknown_key": 3,
    }
    (tmp_path / "benchmark.json").write_text(json.dumps(document))
    loaded = po.load_benchmark(tmp_path / "benchmark.json")
    assert isinstance(loaded, BenchmarkV2Specification)
    assert loaded.splits == {"test": SplitV2(training=[0, 1], test=[2])}
    assert loaded.main_metric == "r2"


def test_a_file_with_nothing_but_counts_is_told_apart(make_v2: MakeV2, tmp_path: Path) -> None:
    path = Path(make_v2().to_json(tmp_path))
    document = json.loads(path.read_text("utf-8"))
    for part in document["splits"]["random"].values():
        del part["indices"]
    path.write_text(json.dumps(document))
    with pytest.raises(DamagedFileError, match="split 'random', training holds no indices"):
        po.load_benchmark(path, verify_checksum=False)


@pytest.mark.parametrize(
    "splits", [None, [], {"random": []}, {"random": {"test": {"indices": [1]}}}], ids=str
)
def test_a_file_without_whole_splits_is_refused(
    make_v2: MakeV2, tmp_path: Path, splits: Any
) -> None:
    path = Path(make_v2().to_json(tmp_path))
    document = json.loads(path.read_text("utf-8")) | {"splits": splits}
    path.write_text(json.dumps(document))
    with pytest.raises(DamagedFileError, match="split"):
        po.load_benchmark(path, verify_checksum=False)


@pytest.mark.parametrize("keep_manifest", [True, False])
def test_a_split_that_was_altered_in_the_file_is_noticed(
    make_v2: MakeV2, tmp_path: Path, keep_manifest: bool
) -> None:
    path = Path(make_v2().to_json(tmp_path))
    document = json.loads(path.read_text("utf-8"))
    document["splits"]["random"]["test"]["indices"][0] = 21
    document["splits"]["random"]["test"]["indices"][1] = 20
    document["splits"]["zero shot/é"]["test"]["indices"][0] = 1
    path.write_text(json.dumps(document))
    if not keep_manifest:
        path.with_suffix(".sha256").unlink()
    with pytest.raises(PolarisChecksumError):
        po.load_benchmark(path)
    loaded = po.load_benchmark(path, verify_checksum=False)
    assert isinstance(loaded, BenchmarkV2Specification)
    assert list(loaded.splits["zero shot/é"].test) == [1, 7, 29]


def test_the_versions_are_told_apart(
    make_v2: MakeV2, benchmark: BenchmarkV1Specification, tmp_path: Path
) -> None:
    second = make_v2().to_json(tmp_path / "second")
    with pytest.raises(InvalidBenchmarkError, match="version 2"):
        BenchmarkV1Specification.from_json(second)
    first = benchmark.to_json(tmp_path / "first")
    with pytest.raises(InvalidBenchmarkError, match="version 1"):
        BenchmarkV2Specification.from_json(first)


def test_the_dataset_may_be_given_as_fields_or_file(
    make_v2: MakeV2, number_pairs: NumberPairs, tmp_path: Path
) -> None:
    fields = {"name": "number_pairs", "zarr_root_path": number_pairs().zarr_root_path}
    assert make_v2(dataset=fields) == make_v2()
    assert make_v2(dataset=number_pairs().to_json(tmp_path / "out")) == make_v2()


def test_a_dump_says_how_large_the_sets_are_and_holds_none_of_them(make_v2: MakeV2) -> None:
    dumped = make_v2().model_dump()
    assert dumped["split"]["random"]["training"]["datapoints"] == 20
    assert dumped["n_test_datapoints"] == {"random": 10, "zero shot/é": 3}
    assert dumped["split_labels"] == ["random", "zero shot/é"]
    assert "indices" not in make_v2().model_dump_json()


# -- large ----------------------------------------------------------------------------------------


def scattered(rows: int) -> FrozenBitMap:
    """Return about half of the rows, without any order that a bitmap could save bytes by."""
    rng = np.random.default_rng(0)
    bitmap = BitMap()
    for start in range(0, rows, 2**21):
        size = min(2**21, rows - start)
        bits = np.unpackbits(np.frombuffer(rng.bytes(size // 8 + 1), np.uint8), count=size)
        bitmap |= BitMap(IndexSet(np.flatnonzero(bits)).indices).shift(start)
    return FrozenBitMap(bitmap)


@pytest.mark.slow
def test_a_hundred_million_scattered_rows_are_saved_and_loaded_in_little_memory(
    number_pairs: NumberPairs, tmp_path: Path
) -> None:
    rows = 10**8
    dataset = number_pairs("huge", rows, x=0.5, y=1.5)
    training = scattered(rows)
    split = SplitV2(training=training, test=training.flip(0, rows))
    assert split.n_train_datapoints + split.n_test_datapoints == rows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    benchmark = BenchmarkV2Specification(
        dataset=dataset, input_cols="x", target_cols="y", splits={"scattered": split}
    )
    path = Path(benchmark.to_json(tmp_path / "out"))
    loaded = po.load_benchmark(path)
    assert isinstance(loaded, BenchmarkV2Specification)
    assert loaded.splits == benchmark.splits
    train, _ = loaded.get_train_test_split()["scattered"]
    assert len(train) == split.n_train_datapoints
    assert train[len(train) - 1] == (0.5, 1.5)
    # 25 MB of bitmaps, a few times over as base64 and as text; the positions would take 800 MB.
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 400
    assert path.stat().st_size < 40e6
    with pytest.raises(InvalidBenchmarkError, match="overlaps"):
        SplitV2(training=training, test=range(1000))
