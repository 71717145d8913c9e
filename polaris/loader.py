"""Loading an artifact by its path or its id, whichever a text is."""

from __future__ import annotations

import os
from pathlib import Path

from polaris.errors import InvalidInputError, ObjectNotFoundError
from polaris.hub.artifacts.benchmark import (
    BenchmarkSpecification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)
from polaris.hub.artifacts.dataset import Dataset
from polaris.hub.client import PolarisHubClient
from polaris.hub.local_services import local_services, wait

__all__ = ["load_benchmark", "load_dataset"]


def _is_file(path: str, kind: str) -> bool:
    """Tell a file from an id; refuse what is neither.

    Raises:
        ObjectNotFoundError: It looks like a file and is not there.
        InvalidInputError: It is a file of a kind that cannot be loaded, or neither file nor id.
    """
    if path.endswith(".json"):
        if "://" not in path and not Path(path).is_file():
            raise ObjectNotFoundError(f"{path} does not exist", hint="Check the path.")
        return True
    if Path(path).exists():
        raise InvalidInputError(
            f"{path} is not the JSON document of a {kind}",
            hint=f"Give the .json file that {kind}.to_json wrote.",
        )
    if len(path.split("/")) != 2 or "://" in path:
        raise InvalidInputError(
            f"{path!r} is neither a file nor the id of a {kind}",
            hint="Give an existing .json file, or owner/slug.",
        )
    return False


def load_dataset(path: str | os.PathLike[str], verify_checksum: bool | str = True) -> Dataset:
    """Load a dataset from a file or from the hub.

    Args:
        path: Path or URL of a dataset's JSON document, or ``owner/slug`` of one on the hub that the
            settings name.
        verify_checksum: ``True`` or ``"verify"`` checks all of it; ``"verify_unless_zarr"`` checks
            an archive's chunks when they are read; ``False`` or ``"ignore"`` checks nothing.

    Raises:
        ObjectNotFoundError: The file does not exist.
        ArtifactNotFoundError: The hub has no such dataset.
        InvalidInputError: The text is neither a file nor an id.
        PolarisChecksumError: The dataset is not what was saved or published.
    """
    location = os.fspath(path)
    if _is_file(location, "dataset"):
        return Dataset.from_json(location, verify_checksum=verify_checksum)
    owner, slug = location.split("/")
    with PolarisHubClient() as client:
        return client.get_dataset(owner, slug, verify_checksum)


def load_benchmark(
    path: str | os.PathLike[str], verify_checksum: bool | str = True
) -> BenchmarkSpecification:
    """Load a benchmark and its dataset from a file or from the hub.

    Args:
        path: Path or URL of a benchmark's JSON document, or ``owner/slug`` of one on the hub that
            the settings name.
        verify_checksum: As for `load_dataset`.

    Raises:
        ObjectNotFoundError: The file does not exist.
        ArtifactNotFoundError: The hub has no such benchmark.
        InvalidInputError: The text is neither a file nor an id.
        PolarisChecksumError: The benchmark or its dataset is not what was saved or published.
    """
    location = os.fspath(path)
    if not _is_file(location, "benchmark"):
        owner, slug = location.split("/")
        with PolarisHubClient() as client:
            return client.get_benchmark(owner, slug, verify_checksum)
    benchmark = wait(
        local_services().load_benchmark(
            location,
            verify_checksum=verify_checksum,
            single_task=SingleTaskBenchmarkSpecification,
            multi_task=MultiTaskBenchmarkSpecification,
            dataset_cls=Dataset,
        )
    )
    assert isinstance(benchmark, BenchmarkSpecification)
    return benchmark
