"""Time one case in whatever environment runs this file, ours or polaris-lib's.

    python benchmarks/case.py CASE SIZE [--rows N] [--repeat K]

Prints one JSON object: the seconds of each repetition, the peak memory in MiB, and the factor by
which a part of the work (``--rows``) has to be multiplied to stand for the whole. Both libraries
have the same names, so the same lines measure both.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from benchmarks import archive_cases
    from polaris.benchmark import SingleTaskBenchmarkSpecification
    from polaris.dataset import Dataset
else:
    # This file is run as a script, in either environment.
    import archive_cases

warnings.simplefilter("ignore")


def table(size: int) -> pd.DataFrame:
    """A text column and a measured value; unique texts, as SMILES are."""
    rng = np.random.default_rng(0)
    return pd.DataFrame({"smiles": [f"C{i}" for i in range(size)], "y": rng.normal(size=size)})


def dataset(size: int) -> Dataset:
    from polaris.dataset import Dataset

    return Dataset(name="bench_data", owner="acme-lab", table=table(size))


def benchmark(size: int, tests: int) -> SingleTaskBenchmarkSpecification:
    from polaris.benchmark import SingleTaskBenchmarkSpecification

    return SingleTaskBenchmarkSpecification(
        name="bench_mark",
        owner="acme-lab",
        dataset=dataset(size),
        input_cols=["smiles"],
        target_cols=["y"],
        split=([], {"test": list(range(tests))}),
        metrics=["mean_absolute_error", "r2", "pearsonr"],
        main_metric="r2",
        target_types={"y": "regression"},
    )


def subset_construct(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.dataset import Subset

    data, indices = dataset(size), np.arange(size)
    return lambda: Subset(data, indices, "smiles", "y"), 1.0


def subset_iterate(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.dataset import Subset

    subset = Subset(dataset(size), np.arange(rows), "smiles", "y")
    return lambda: sum(1 for _ in subset), size / rows


def subset_array(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.dataset import Subset

    subset = Subset(dataset(size), np.arange(rows), "smiles", "y")
    return lambda: subset.as_array("xy"), size / rows


def evaluate(size: int, rows: int) -> tuple[Callable[[], object], float]:
    judge = benchmark(size, rows)
    predictions = np.zeros(rows) + np.arange(rows) / rows
    judge_once = benchmark(100, 50)
    judge_once.evaluate(np.arange(50.0))  # loads scikit-learn and SciPy, which is not the point
    return lambda: judge.evaluate(predictions), size / rows


def bootstrap(size: int, rows: int) -> tuple[Callable[[], object], float]:
    """Intervals of three metrics, from 2000 resamples each; the peer has none."""
    from polaris.evaluate import confidence_interval

    judge = benchmark(size, rows)
    truth = judge.dataset.table["y"].to_numpy()[:rows]
    predictions = truth + np.random.default_rng(1).normal(size=rows)
    results = judge.evaluate(predictions, keep_examples=True)
    metrics = ("mean_absolute_error", "r2", "pearsonr")
    return lambda: [confidence_interval(results, metric=name) for name in metrics], size / rows


def validate(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.benchmark import SingleTaskBenchmarkSpecification

    data = dataset(size)
    cut = int(size * 0.8)
    order = np.random.default_rng(0).permutation(size)
    split = (order[:cut].tolist(), {"test": order[cut:].tolist()})
    return (
        lambda: SingleTaskBenchmarkSpecification(
            dataset=data,
            input_cols=["smiles"],
            target_cols=["y"],
            split=split,
            metrics=["r2"],
            main_metric="r2",
            target_types={"y": "regression"},
        ),
        1.0,
    )


def validate_numpy(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.benchmark import SingleTaskBenchmarkSpecification

    data = dataset(size)
    cut = int(size * 0.8)
    order = np.random.default_rng(0).permutation(size)
    return (
        lambda: SingleTaskBenchmarkSpecification(
            dataset=data,
            input_cols=["smiles"],
            target_cols=["y"],
            split=(order[:cut], {"test": order[cut:]}),
            metrics=["r2"],
            main_metric="r2",
            target_types={"y": "regression"},
        ),
        1.0,
    )


def zarr_digest(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.dataset.zarr import compute_zarr_checksum

    folder = tempfile.TemporaryDirectory()
    root = Path(folder.name) / "data.zarr"
    (root / "a").mkdir(parents=True)
    (root / ".zgroup").write_text('{"zarr_format":2}')
    metadata = {
        "zarr_format": 2, "shape": [size], "chunks": [1], "dtype": "|u1", "compressor": None,
        "fill_value": 0, "order": "C", "filters": None,
    }  # fmt: skip
    (root / "a" / ".zarray").write_text(json.dumps(metadata))
    consolidated = {
        "zarr_consolidated_format": 1,
        "metadata": {".zgroup": {"zarr_format": 2}, "a/.zarray": metadata},
    }
    (root / ".zmetadata").write_text(json.dumps(consolidated))
    blob = np.random.default_rng(0).bytes(1024)
    for i in range(size):
        (root / "a" / str(i)).write_bytes(blob)

    def run() -> object:
        digest, _ = compute_zarr_checksum(str(root))
        assert folder
        return digest

    return run, 1.0


def index_set(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from polaris.benchmark._split_v2 import IndexSet

    gaps = np.random.default_rng(0).integers(1, 4, size, dtype=np.uint32)
    ordered = np.cumsum(gaps, dtype=np.uint32)
    return lambda: IndexSet(indices=ordered), 1.0


def validate_bitmap(size: int, rows: int) -> tuple[Callable[[], object], float]:
    from pyroaring import BitMap

    from polaris.benchmark import BenchmarkV2Specification
    from polaris.benchmark._split_v2 import SplitV2
    from polaris.dataset import DatasetV2

    folder = tempfile.TemporaryDirectory()
    data = DatasetV2(zarr_root_path=empty_archive(Path(folder.name) / "data.zarr", size))
    cut = int(size * 0.8)
    order = np.random.default_rng(0).permutation(size)
    training, test = (BitMap(np.sort(part).tolist()) for part in (order[:cut], order[cut:]))

    def run() -> object:
        assert folder
        # A type checker knows our newer name of this field only.
        split: Any = {"split": SplitV2(training={"indices": training}, test={"indices": test})}
        return BenchmarkV2Specification(
            dataset=data,
            input_cols=["x"],
            target_cols=["y"],
            metrics=["r2"],
            main_metric="r2",
            target_types={"y": "regression"},
            **split,
        )

    return run, 1.0


def empty_archive(root: Path, size: int) -> str:
    """Write an archive with two columns of zeros, which take no chunks, and return its path."""
    metadata = {
        "zarr_format": 2, "shape": [size], "chunks": [100_000], "dtype": "<f4", "compressor": None,
        "fill_value": 0, "order": "C", "filters": None,
    }  # fmt: skip
    entries = {".zgroup": {"zarr_format": 2}, "x/.zarray": metadata, "y/.zarray": metadata}
    consolidated = {"zarr_consolidated_format": 1, "metadata": entries}
    for path, content in {**entries, ".zmetadata": consolidated}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(json.dumps(content))
    return str(root)


CASES = {
    case.__name__: case
    for case in (
        subset_construct,
        subset_iterate,
        subset_array,
        evaluate,
        bootstrap,
        validate,
        validate_numpy,
        zarr_digest,
        index_set,
        validate_bitmap,
    )
} | archive_cases.CASES


def main() -> None:
    """Run the case that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("size", type=float)
    parser.add_argument("--rows", type=float, help="do this part of the work only")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    size = int(options.size)
    run, factor = CASES[options.case](size, int(options.rows or size))
    seconds = []
    for _ in range(options.repeat):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "factor": factor, "peak_mib": round(peak)}))


if __name__ == "__main__":
    main()
