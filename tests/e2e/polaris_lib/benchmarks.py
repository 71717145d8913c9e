"""Random benchmarks, as user code makes, saves, loads and judges with them, with either library."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from . import archives
from .datasets import described_artifact, metadata
from .descriptions import of_cell, of_scores, plain
from .tasks import predictions_for, random_metrics, random_split, table_of_targets

__all__ = ["Benchmarks", "Competitions", "IndexSets", "LargeBenchmarks"]

Rng = np.random.Generator

polaris: Any = importlib.import_module("polaris")
topic: Any = importlib.import_module("polaris.benchmark")
datasets: Any = importlib.import_module("polaris.dataset")
splits: Any = importlib.import_module("polaris.benchmark._split_v2")
competition: Any = importlib.import_module("polaris.competition")

GOALS = ["regression", "binary", "classes"]
_FIELDS = ["name", "slug", "description", "tags", "user_attributes", "artifact_id", "urn",
           "readme", "artifact_version", "artifact_changelog", "task_type", "version"]  # fmt: skip


def _task(benchmark: Any) -> dict[str, Any]:
    return {
        "inputs": sorted(benchmark.input_cols),
        "targets": sorted(benchmark.target_cols),
        "types": {name: kind.value for name, kind in benchmark.target_types.items()},
        "main metric": benchmark.main_metric.name,
        "metrics": sorted(
            [metric.name, metric.label, metric.kind, _config(metric)]
            for metric in benchmark.metrics
        ),
        "n_classes": {name: int(count) for name, count in benchmark.n_classes.items()},
    }


def _config(metric: Any) -> dict[str, Any]:
    names = ["group_by", "on_error", "default", "aggregation"]
    return {name: getattr(metric.config, name) for name in names} if metric.config else {}


def _positions(split: Any) -> Any:
    train, tests = split
    return [list(map(int, train)), {name: list(map(int, rows)) for name, rows in tests.items()}]


def _subset(subset: Any) -> dict[str, Any]:
    return {
        "items": [of_cell(subset[row]) for row in range(len(subset))],
        # Without rows there is nothing to tell the types by.
        "inputs": of_cell(subset.X) if len(subset) else None,
    }


def _judged(benchmark: Any, given: Any) -> dict[str, float | str]:
    predictions = {
        name: {
            test: {target: np.array(values) for target, values in by_target.items()}
            for test, by_target in by_test.items()
        }
        for name, by_test in given.items()
    }
    return of_scores(benchmark.evaluate(**predictions).results)


class Benchmarks:
    """Benchmarks on tables."""

    count = 16
    has_predictions = True

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new benchmark and predictions for it."""
        goal = GOALS[number % 3]
        targets = [f"y{place}" for place in range(1 + int(rng.integers(3)))]
        # Enough for every class to be in every test set.
        rows = int(rng.integers(90, 120))
        table = table_of_targets(rng, goal, rows, len(targets))
        dataset = datasets.Dataset(table=table, **metadata(rng, number))
        metrics = random_metrics(rng, goal)
        main = metrics[-1]
        label = main if isinstance(main, str) else main.get("name", f"{main['label']}_grouped")
        kinds = ["SingleTaskBenchmarkSpecification", "MultiTaskBenchmarkSpecification"]
        benchmark = getattr(topic, kinds[len(targets) > 1])(
            dataset=dataset,
            target_cols=targets,
            input_cols=["smiles"] if rng.random() < 0.5 else ["x", "smiles"],
            split=random_split(rng, rows),
            metrics=[dict(each) if isinstance(each, dict) else each for each in metrics],
            main_metric=label,
            readme="é",
            **metadata(rng, number),
        )
        sizes = {name: len(test) for name, test in benchmark.split[1].items()}
        return benchmark, predictions_for(rng, goal, sizes, targets)

    def save(self, benchmark: Any, folder: Path) -> str:
        """Save it and return the name of its document."""
        return Path(benchmark.to_json(str(folder))).name

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory, and verify it."""
        return polaris.load_benchmark(document, verify_checksum="verify")

    def described(self, benchmark: Any) -> dict[str, Any]:
        """Return what it holds."""
        train, tests = benchmark.get_train_test_split()
        tests = tests if isinstance(tests, dict) else {"test": tests}
        names = ["test_set_sizes", "n_test_sets", "n_train_datapoints", "test_set_labels",
                 "n_test_datapoints", "dataset_artifact_id"]  # fmt: skip
        return described_artifact(benchmark, [*_FIELDS, *names]) | _task(benchmark) | {
            "class": type(benchmark).__name__,
            "dataset": benchmark.dataset.md5sum,
            "md5sum": benchmark.md5sum,
            "split": _positions(benchmark.split),
            "train": _subset(train),
            "tests": {name: _subset(test) for name, test in tests.items()},
        }  # fmt: skip

    def judged(self, benchmark: Any, given: Any) -> dict[str, float | str]:
        """Return the scores of predictions."""
        return _judged(benchmark, given)


def _archive_of_targets(
    rng: Rng, folder: Path, goal: str, rows: int, count: int
) -> tuple[str, list[str]]:
    """Write an archive with the columns of a table with targets; return path and targets."""
    table = table_of_targets(rng, goal, rows, count)
    arrays: dict[str, Any] = {}
    for name in table.columns:
        values = table[name].to_numpy()
        is_text = name in ("smiles", "group")
        how = {"chunks": (rows // 3,), "compressor": None, "order": "C", "separator": "."}
        how["kind"] = "text" if is_text else "float64"
        arrays[name] = (archives.as_objects(list(values)) if is_text else values), how
    path = str(folder / "targets.zarr")
    archives.write(path, arrays)
    return path, [name for name in table.columns if name.startswith("y")]


def _task_on_archive(rng: Rng, goal: str, targets: list[str]) -> dict[str, Any]:
    """Return targets, inputs and metrics; polaris-lib does not tell the types itself here."""
    metrics = random_metrics(rng, goal)
    kind = "regression" if goal == "regression" else "classification"
    return {
        "target_cols": targets,
        "input_cols": ["smiles", "x"],
        "metrics": [{"label": metrics[0]}, *metrics[1:]],
        "main_metric": metrics[0],
        "target_types": dict.fromkeys(targets, kind),
        "n_classes": {} if kind == "regression" else {targets[0]: 3},
    }


class LargeBenchmarks:
    """Benchmarks on archives. polaris-lib leaves the rows out of the files that it writes."""

    count = 6

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new benchmark and predictions for it."""
        goal = GOALS[number % 3]
        rows = 30_000 if number == 0 else int(rng.integers(60, 90))
        path, targets = _archive_of_targets(rng, folder, goal, rows, 1 + number % 2)
        order = rng.permutation(rows)
        benchmark = topic.BenchmarkV2Specification(
            dataset=datasets.DatasetV2(zarr_root_path=path, **metadata(rng, number)),
            split={
                "training": {"indices": sorted(order[:-40].tolist())},
                "test": {"indices": sorted(order[-40:].tolist())},
            },
            **_task_on_archive(rng, goal, targets),
            **metadata(rng, number),
        )
        return benchmark, predictions_for(rng, goal, {"test": 40}, targets)

    def save(self, benchmark: Any, folder: Path) -> str:
        """Save it and return the name of its document."""
        return Path(benchmark.to_json(str(folder))).name

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory."""
        return topic.BenchmarkV2Specification.from_json(document)

    def described(self, benchmark: Any) -> dict[str, Any]:
        """Return what it holds."""
        found = benchmark.get_train_test_split()
        # Ours has named splits; polaris-lib one split, and a dictionary of one test set.
        train, test = found["test"] if isinstance(found, dict) else (found[0], found[1]["test"])
        sets = {"training": benchmark.split.training, "test": benchmark.split.test}
        return described_artifact(benchmark) | _task(benchmark) | {
            "dataset": benchmark.dataset_artifact_id,
            "test sets": plain(benchmark.test_set_sizes),
            "sets": {name: _index_set(each) for name, each in sets.items()},
            "train": [of_cell(train[row]) for row in range(0, len(train), 1 + len(train) // 50)],
            "test": _subset(test),
        }  # fmt: skip

    def judged(self, benchmark: Any, given: Any) -> dict[str, float | str]:
        """Return the scores of predictions."""
        return _judged(benchmark, given)


def _index_set(indices: Any) -> dict[str, Any]:
    return {"datapoints": indices.datapoints, "md5": indices.md5_checksum}


class IndexSets:
    """Index sets, as the bitmaps that hubs have."""

    count = 8

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new index set: scattered, dense, in runs, none, or with the highest number."""
        sets: list[Any] = [
            rng.integers(0, 2**32, size=500).tolist(),
            rng.permutation(70_000)[:20_000].tolist(),
            list(range(10, 100_000)),
            [],
            [0, 2**32 - 1],
        ]
        return splits.IndexSet(indices=sorted(set(sets[number % len(sets)])))

    def save(self, indices: Any, folder: Path) -> str:
        """Save it and return the name of its file."""
        (folder / "set.roaring").write_bytes(indices.serialize())
        return "set.roaring"

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory."""
        return splits.IndexSet.deserialize(Path(document).read_bytes())

    def described(self, indices: Any) -> dict[str, Any]:
        """Return what it holds."""
        rows = list(indices.indices if hasattr(indices, "indices") else indices)
        return _index_set(indices) | {"rows": of_cell(np.array(rows, dtype=np.int64))}


class Competitions:
    """Competitions, whose targets are still in their archives."""

    count = 4

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new competition."""
        goal = GOALS[number % 3]
        path, targets = _archive_of_targets(rng, folder, goal, 60, 1 + number % 2)
        return competition.CompetitionSpecification(
            zarr_root_path=path,
            split=random_split(rng, 60),
            start_time="2025-01-31T12:00:00Z",
            end_time="2026-06-01T00:00:00.123456+02:00",
            license="MIT",
            **_task_on_archive(rng, goal, targets),
            **metadata(rng, number),
        )

    def save(self, competition: Any, folder: Path) -> str:
        """Save it and return the name of its document."""
        return Path(competition.to_json(str(folder))).name

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory."""
        return competition.CompetitionSpecification.from_json(document)

    def described(self, found: Any) -> dict[str, Any]:
        """Return what it holds."""
        train, tests = found.get_train_test_split()
        tests = tests if isinstance(tests, dict) else {"test": tests}
        names = ["test_set_sizes", "n_test_sets", "n_train_datapoints", "test_set_labels",
                 "license", "n_rows", "columns", "task_type", "version"]  # fmt: skip
        return described_artifact(found, [*_FIELDS[:8], *names]) | _task(found) | {
            "split": _positions(found.split),
            "times": [found.start_time.isoformat(), found.end_time.isoformat()],
            "train": _subset(train),
            "tests": {name: _subset(test) for name, test in tests.items()},
        }  # fmt: skip
