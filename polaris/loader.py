"""Loading an artifact by its path or its id, whichever a text is."""

from __future__ import annotations

import os

from polaris.application.conversion.services import FORMATS, extension_of
from polaris.domain.locations import location_text
from polaris.errors import InvalidInputError, ObjectNotFoundError
from polaris.hub.artifacts.benchmark import (
    BENCHMARK_CLASSES,
    BenchmarkV1Specification,
    BenchmarkV2Specification,
)
from polaris.hub.artifacts.competition import CompetitionSpecification
from polaris.hub.artifacts.dataset import DatasetV1
from polaris.hub.artifacts.dataset_v2 import DatasetV2
from polaris.hub.artifacts.factory import create_dataset_from_file
from polaris.hub.artifacts.model import Model
from polaris.hub.client import PolarisHubClient
from polaris.hub.local_services import local_services, wait

__all__ = ["load_benchmark", "load_competition", "load_dataset", "load_model"]


def _is_file(path: str, kind: str) -> bool:
    """Tell a file from an id; refuse what is neither.

    Raises:
        ObjectNotFoundError: It looks like a file and is not there.
        InvalidInputError: It is a file of a kind that cannot be loaded, or neither file nor id.
    """
    if path.endswith(".json"):
        # Not `Path.is_file`, which raises where a path is too long or its folder unreadable.
        if "://" not in path and not os.path.isfile(path):  # noqa: PTH113
            raise ObjectNotFoundError(f"{path} does not exist", hint="Check the path.")
        return True
    if os.path.exists(path):  # noqa: PTH110
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


def load_dataset(
    path: str | os.PathLike[str], verify_checksum: bool | str = True
) -> DatasetV1 | DatasetV2:
    """Load a dataset from a file or from the hub; its version decides its class.

    Args:
        path: Path or URL of a dataset's JSON document, or ``owner/slug`` of one on the hub that the
            settings name. A file of another format, such as a Zarr archive, is made into a dataset
            by `polaris.dataset.create_dataset_from_file`.
        verify_checksum: ``True`` or ``"verify"`` checks all of it; ``"verify_unless_zarr"`` checks
            an archive's chunks when they are read; ``False`` or ``"ignore"`` checks nothing.

    Raises:
        ObjectNotFoundError: The file does not exist.
        ArtifactNotFoundError: The hub has no such dataset.
        InvalidInputError: The text is neither a file nor an id.
        PolarisChecksumError: The dataset is not what was saved or published.
    """
    location = location_text(path)
    if extension_of(location) in FORMATS:
        return create_dataset_from_file(location)
    if _is_file(location, "dataset"):
        load = local_services().load_dataset
        return wait(
            load(location, verify_checksum=verify_checksum, cls=DatasetV1, cls_v2=DatasetV2)
        )
    owner, slug = location.split("/")
    with PolarisHubClient() as client:
        return client.get_dataset(owner, slug, verify_checksum)


def load_benchmark(
    path: str | os.PathLike[str], verify_checksum: bool | str = True
) -> BenchmarkV1Specification | BenchmarkV2Specification:
    """Load a benchmark and its dataset from a file or from the hub; its version decides its class.

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
    location = location_text(path)
    if not _is_file(location, "benchmark"):
        owner, slug = location.split("/")
        with PolarisHubClient() as client:
            return client.get_benchmark(owner, slug, verify_checksum)
    load = local_services().load_benchmark
    benchmark = wait(load(location, BENCHMARK_CLASSES, verify_checksum=verify_checksum))
    assert isinstance(benchmark, (BenchmarkV1Specification, BenchmarkV2Specification))
    return benchmark


def load_model(artifact_id: str) -> Model:
    """Load a model from the hub that the settings name.

    Args:
        artifact_id: ``owner/slug``.

    Raises:
        ArtifactNotFoundError: The hub has no such model.
        InvalidNameError: The text is no id.
    """
    with PolarisHubClient() as client:
        return client.get_model(artifact_id)


def load_competition(
    artifact_id: str, verify_checksum: bool | str = True
) -> CompetitionSpecification:
    """Load a competition from the hub that the settings name.

    Args:
        artifact_id: ``owner/slug``.
        verify_checksum: As for `load_dataset`.

    Raises:
        ArtifactNotFoundError: The hub has no such competition.
        InvalidNameError: The text is no id.
        PolarisChecksumError: The competition is not what was published.
    """
    with PolarisHubClient() as client:
        return client.get_competition(artifact_id, verify_checksum)
