"""The use cases that need no hub: saving to and loading from files."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import attrs

from polaris.application.load_benchmark import LoadBenchmark
from polaris.application.load_files import LoadDataset, LoadResults
from polaris.application.loop_thread import run_blocking
from polaris.application.save_files import SaveBenchmark, SaveDataset
from polaris.bootstrap.container import build_container
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.ports.archives import ArchivePort
from polaris.ports.locations import StorageLocator
from polaris.ports.molecular_files import MoleculeFiles, StructureFiles

__all__ = ["LocalServices", "local_services", "wait"]

R = TypeVar("R")


@attrs.frozen
class LocalServices:
    """What the conveniences of the public classes work with.

    Attributes:
        cache_dir: Folder for cached datasets.
        locator: Opens folders and URLs.
        archives: Opens Zarr archives.
        molecules: Reads files of molecules.
        structures: Reads files of structures.
        load_dataset: Loads a dataset from its JSON document.
        load_benchmark: Loads a benchmark from its JSON document.
        load_results: Loads results from their JSON file.
        save_dataset: Saves a dataset to a folder.
        save_benchmark: Saves a benchmark to a folder.
    """

    cache_dir: str
    locator: StorageLocator
    archives: ArchivePort
    molecules: MoleculeFiles
    structures: StructureFiles
    load_dataset: LoadDataset
    load_benchmark: LoadBenchmark
    load_results: LoadResults
    save_dataset: SaveDataset
    save_benchmark: SaveBenchmark


def local_services() -> LocalServices:
    """Return the services, wired from the settings as they are now."""
    settings = PolarisHubSettings()
    container = build_container(settings)
    locator, archives, progress = container.locations(), container.archives(), container.progress()
    load_dataset = LoadDataset(locator, archives, progress)
    save_dataset = SaveDataset(progress)
    return LocalServices(
        cache_dir=str(settings.cache_dir),
        locator=locator,
        archives=archives,
        molecules=container.molecules(),
        structures=container.structures(),
        load_dataset=load_dataset,
        load_benchmark=LoadBenchmark(load_dataset),
        load_results=LoadResults(locator),
        save_dataset=save_dataset,
        save_benchmark=SaveBenchmark(save_dataset),
    )


def wait(work: Coroutine[Any, Any, R]) -> R:
    """Run a use case and wait for what it returns."""
    return run_blocking(work)
