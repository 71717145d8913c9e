"""Our own client on the wires of released clients, S3 included, with a hub of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification, SplitV2
from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2
from polaris.prediction import BenchmarkPredictionsV2

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(600)]

NAMED: dict[str, Any] = {"owner": "acme", "license": "MIT"}


def archive_at(path: Any, **columns: Any) -> str:
    """Write an archive of format 2 and return its path."""
    root: Any = zarr.open_group(str(path), mode="w", zarr_format=2)
    for name, values in columns.items():
        chunks = (2, *values.shape[1:])
        root.create_array(name, shape=values.shape, chunks=chunks, dtype=values.dtype)
        root[name][...] = values
    zarr.consolidate_metadata(root.store, zarr_format=2)
    return str(path)


@pytest.mark.parametrize(
    ("running", "access"),
    [("folder", "public"), ("folder", "private"), ("cluster", "private")],
    indirect=["running"],
)
def test_a_table_with_an_archive_over_s3(hub: Any, tmp_path: Any, access: str) -> None:
    images = np.arange(1, 25, dtype="u1").reshape(4, 2, 3)
    dataset = Dataset(
        table=pd.DataFrame({"img": [f"img#{i}" for i in range(4)], "y": range(4)}),
        name="data-zarr", zarr_root_path=archive_at(tmp_path / "img.zarr", img=images),
        annotations={"img": ColumnAnnotation(is_pointer=True)}, **NAMED,
    )  # fmt: skip
    with hub.client(generation="g2") as newer, hub.client() as native:
        newer.upload_dataset(dataset, access=access)
        for client in (newer, native):
            loaded: Any = client.get_dataset("acme", "data-zarr", verify_checksum=True)
            assert loaded.get_data(loaded.rows[3], "img").tolist() == images[3].tolist()


def test_predictions_as_the_development_version_sends_them(
    hub: Any, ours: Any, tmp_path: Any
) -> None:
    archive = DatasetV2(
        zarr_root_path=archive_at(tmp_path / "v2.zarr", A=np.arange(6.0), B=np.arange(6.0)),
        name="data-v2", **NAMED,
    )  # fmt: skip
    benchmark = BenchmarkV2Specification(
        dataset=archive, target_cols=["B"], input_cols=["A"], name="bench-v2", owner="acme",
        splits={"fold-a": SplitV2(training=[0, 1], test=[2, 4, 5])},
        metrics=["mean_absolute_error"], main_metric="mean_absolute_error",
    )  # fmt: skip
    ours.upload_dataset(archive, access="public")
    ours.upload_benchmark(benchmark, access="public")
    predictions = BenchmarkPredictionsV2(
        name="Pred_Two", owner="alice-u", benchmark_artifact_id="acme/bench-v2",
        predictions={"fold-a": {"B": [1.0, 2.0, 3.0]}}, target_labels=["B"],
        test_set_labels=["fold-a"], test_set_sizes={"fold-a": 3},
    )  # fmt: skip
    with hub.client(generation="g2") as newer:
        newer.submit_benchmark_predictions(predictions)
    record = ours.get("v3/prediction/alice-u/pred-two").json()
    assert record["access"] == "private"
    assert record["subject"] == "urn:polaris:benchmark:acme:bench-v2"
    jobs = ours.get("v3/prediction/alice-u/pred-two/jobs").json()["data"]
    assert len(jobs) == 1, "it waits to be scored"
    loaded = ours.get_predictions("alice-u/pred-two")
    assert loaded.predictions["fold-a"]["B"].tolist() == [1.0, 2.0, 3.0]
