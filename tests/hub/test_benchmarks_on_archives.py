"""Benchmarks on datasets with an archive, whose checksum takes reading all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.hub.client import PolarisHubClient


@pytest.fixture
def on_archive(zarr_dataset: Dataset) -> SingleTaskBenchmarkSpecification:
    return SingleTaskBenchmarkSpecification(
        name="on_archive",
        owner="acme",
        dataset=zarr_dataset,
        input_cols="fp",
        target_cols="y",
        split=(range(8), [8, 9]),
        metrics="mean_absolute_error",
    )


def test_one_is_published_though_nobody_asked_for_the_checksum_before(
    client: PolarisHubClient, on_archive: SingleTaskBenchmarkSpecification
) -> None:
    client.upload_dataset(on_archive.dataset)
    assert not on_archive.dataset.has_md5sum
    client.upload_benchmark(on_archive)
    assert client.get_benchmark("acme", "on-archive") == on_archive


def test_one_is_loaded_from_a_file_of_the_first_clients(
    on_archive: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    path = Path(on_archive.to_json(tmp_path))
    # Their checksums of datasets leave the archive out, and their documents have no version.
    for document, dropped in ((path, "md5sum"), (tmp_path / "with-arrays.json", "md5sum")):
        fields = json.loads(document.read_text())
        document.write_text(
            json.dumps({k: v for k, v in fields.items() if k not in (dropped, "version")})
        )
        document.with_suffix(".sha256").unlink()
    benchmark = po.load_benchmark(path)
    assert isinstance(benchmark, SingleTaskBenchmarkSpecification)
    assert benchmark == on_archive
