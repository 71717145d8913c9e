"""The same on a cluster, whose workers are other processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from dask.distributed import Client, LocalCluster

from polaris.dataset import Dataset, DatasetV2
from polaris.dataset import dask as on_dask
from polaris.dataset.zarr import compute_zarr_checksum

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    # Dask's own event loops close their sockets late.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers on this machine."""
    with LocalCluster(  # type: ignore[no-untyped-call]  # Dask types a part of itself only.
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as started:
        yield started


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    """A client whose scheduler every computation uses."""
    with Client(cluster) as connected:  # type: ignore[no-untyped-call]
        yield connected


@pytest.mark.usefixtures("client")
def test_columns_are_read_by_the_workers(in_archive: DatasetV2, pointing: Dataset) -> None:
    for dataset, column in ((in_archive, "fp"), (in_archive, "name"), (pointing, "p")):
        read = dataset.dask_array(column, rows=24)
        np.testing.assert_array_equal(read, dataset.read_column(column))


@pytest.mark.usefixtures("client")
def test_an_archive_is_derived_and_digested_by_the_workers(
    in_archive: DatasetV2, tmp_path: Path
) -> None:
    columns = {"doubled": in_archive.dask_array("fp", rows=24) * 2}
    path = on_dask.write_archive(tmp_path / "doubled.zarr", columns, chunks=10)
    expected = in_archive.read_column("fp") * 2
    np.testing.assert_array_equal(DatasetV2(zarr_root_path=path).read_column("doubled"), expected)
    assert on_dask.compute_zarr_checksum(path)[0] == compute_zarr_checksum(path)[0]
