"""Subsets to train on: of a table, of an archive, of a hub, each with a test set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import zarr

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2, Subset
from polaris.dataset.zarr import write_archive
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

ROWS = 60
TRAIN = 41
SECRET = 1000.0


def length(smiles: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A featurization that workers can be sent."""
    return np.array([len(smiles), 1], dtype=np.float32)


def values() -> np.ndarray[Any, np.dtype[np.float32]]:
    """What the archive holds: a vector a row."""
    return np.arange(ROWS * 3, dtype=np.float32).reshape(ROWS, 3)


def _dataset(folder: Path) -> Dataset:
    root = zarr.open_group(str(folder / "data.zarr"), mode="w", zarr_format=2)
    array = root.create_array("fp", shape=(ROWS, 3), chunks=(8, 3), dtype="float32")
    array[:] = values()
    zarr.consolidate_metadata(root.store)
    table = pd.DataFrame(
        {
            "smiles": ["C" * (i + 1) for i in range(ROWS)],
            "fp": [f"fp#{i}" for i in range(ROWS)],
            "y": np.where(np.arange(ROWS) < TRAIN, np.arange(ROWS) / 2, SECRET + np.arange(ROWS)),
        }
    )
    return Dataset(
        name="to_train_on",
        owner="acme",
        license="MIT",
        table=table,
        zarr_root_path=str(folder / "data.zarr"),
        annotations={"fp": ColumnAnnotation(is_pointer=True)},
    )


def split_of(dataset: Dataset, column: str, featurize: Any = None) -> tuple[Subset, Subset]:
    """Return a training set, shuffled, and a test set."""
    order = np.random.default_rng(0).permutation(TRAIN)
    benchmark = SingleTaskBenchmarkSpecification(
        name="to_learn",
        owner="acme",
        dataset=dataset,
        input_cols=column,
        target_cols="y",
        split=(order, np.arange(TRAIN, ROWS)),
        metrics=["mean_absolute_error"],
        target_types={"y": "regression"},
    )
    train, test = benchmark.get_train_test_split(featurize)
    assert isinstance(test, Subset)
    return train, test


def _of_archive(folder: Path) -> tuple[Subset, Subset]:
    """Return a training set and a test set of a dataset that is an archive."""
    y = np.where(np.arange(ROWS) < TRAIN, np.arange(ROWS) / 2, SECRET + np.arange(ROWS))
    path = write_archive(folder / "v2.zarr", {"fp": values(), "y": y}, chunks=8)
    dataset = DatasetV2(name="archived", zarr_root_path=path)
    order = np.random.default_rng(0).permutation(TRAIN)
    test = Subset(dataset, range(TRAIN, ROWS), "fp", "y", hide_targets=True)
    return Subset(dataset, order, "fp", "y"), test


def subsets(folder: Path) -> dict[str, tuple[Subset, Subset]]:
    """Return training set and test set of each source, some of which were read already."""
    dataset = _dataset(folder)
    url = (folder / "hub").as_uri()
    with PolarisHubClient(PolarisHubSettings(hub_url=url)) as client:
        client.upload_dataset(dataset)
        fetched = client.get_dataset("acme", "to-train-on", verify_checksum="verify_unless_zarr")
        assert isinstance(fetched, Dataset)
    found = {
        "table": split_of(dataset, "smiles"),
        "featurized": split_of(dataset, "smiles", length),
        "archive": split_of(dataset, "fp"),
        "opened archive": split_of(_dataset(folder), "fp"),
        "hub": split_of(fetched, "fp"),
        "version 2": _of_archive(folder),
    }
    _ = found["opened archive"][0][0], found["hub"][0][0], found["version 2"][0][0]
    return found
