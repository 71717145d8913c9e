"""Loading a benchmark and its dataset from files, verified."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.application.load_files import (
    LoadDataset,
    manifest_beside,
    read_document,
    split_file,
    split_location,
)
from polaris.application.row_order import refuse_other_rows
from polaris.application.verification import ChecksumStrategy, parse_strategy
from polaris.codec.benchmark_v2 import benchmark_v2_from_file, is_benchmark_v2
from polaris.codec.files import benchmark_from_file
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.errors import (
    DamagedFileError,
    InvalidBenchmarkError,
    ObjectNotFoundError,
    PolarisChecksumError,
)
from polaris.ports.storage import StoragePort

__all__ = ["LoadBenchmark"]


@attrs.frozen
class LoadBenchmark:
    """Loads a benchmark and its dataset from its JSON document.

    Attributes:
        load_dataset: Loads the dataset that it names.
    """

    load_dataset: LoadDataset

    async def __call__(
        self, location: str, classes: BenchmarkClasses, *, verify_checksum: bool | str = True
    ) -> BenchmarkV1Specification | BenchmarkV2Specification:
        """Load a benchmark; version and number of targets decide its class; see `LoadDataset`.

        Args:
            location: Path or URL of the JSON document.
            classes: The classes to construct.
            verify_checksum: As in `FetchDataset`.

        Raises:
            ObjectNotFoundError: The document or a file that it names is not there.
            DamagedFileError: A file cannot be decoded.
            InvalidBenchmarkError: The document breaks a rule; all problems are reported.
            PolarisChecksumError: A file or an index set differs from its checksum.
        """
        strategy = parse_strategy(verify_checksum)
        folder, name = split_file(location)
        store = self.load_dataset.locator.folder(folder)
        is_checked = strategy != "ignore"
        manifest = await manifest_beside(store, name) if is_checked else Sha256Manifest.of({})
        document = await read_document(store, name, location, manifest)
        dataset = await self._dataset(document, store, location, classes, strategy)
        if not is_benchmark_v2(document):
            if isinstance(dataset, DatasetV2):
                raise _wrong_version(location, 1, "a table")
            if is_checked:
                await refuse_other_rows(document, dataset, what=location)
            return await asyncio.to_thread(
                _benchmark_v1, document, dataset, location, classes, strategy
            )
        if not isinstance(dataset, DatasetV2):
            raise _wrong_version(location, 2, "all its data in an archive")
        # In a thread, as above: bitmaps are large, and a dataset waits for its archive.
        return await asyncio.to_thread(
            benchmark_v2_from_file,
            document,
            dataset=dataset,
            cls=classes.v2,
            source=location,
            verify=is_checked,
        )

    async def _dataset(
        self,
        document: Mapping[str, Any],
        store: StoragePort,
        location: str,
        classes: BenchmarkClasses,
        strategy: ChecksumStrategy,
    ) -> DatasetV1 | DatasetV2:
        path = document.get("dataset")
        if path is None:
            raise DamagedFileError(
                f"{location} is not the document of a benchmark: it names no dataset",
                hint="Give the .json file that benchmark.to_json wrote.",
            )
        if not isinstance(path, str) or not path.strip("./"):
            raise DamagedFileError(
                f"dataset in {location} must be the path of its dataset's document, not {path!r}",
                hint="Save the benchmark again with to_json.",
            )
        folder, _ = split_location(location)
        [stat] = await store.stat([path]) if not path.startswith(("/", ".", "~")) else [None]
        last = f"{folder}/{split_location(path)[1]}"
        try:
            return await self._load(f"{folder}/{path}" if stat else path, classes, strategy)
        except ObjectNotFoundError:
            return await self._load(last, classes, strategy)

    async def _load(
        self, location: str, classes: BenchmarkClasses, strategy: ChecksumStrategy
    ) -> DatasetV1 | DatasetV2:
        return await self.load_dataset(
            location, verify_checksum=strategy, cls=classes.dataset, cls_v2=classes.dataset_v2
        )


def _wrong_version(location: str, version: int, data: str) -> InvalidBenchmarkError:
    return InvalidBenchmarkError(
        f"{location} describes a benchmark of version {version}, whose dataset has {data}, and "
        "names another kind of dataset",
        hint="Save the benchmark again with to_json.",
    )


def _benchmark_v1(
    document: Mapping[str, Any],
    dataset: DatasetV1,
    location: str,
    classes: BenchmarkClasses,
    strategy: ChecksumStrategy,
) -> BenchmarkV1Specification:
    targets = document.get("target_cols", document.get("targetCols"))
    single = isinstance(targets, str) or (isinstance(targets, list) and len(targets) == 1)
    benchmark = benchmark_from_file(
        document, dataset=dataset, cls=classes.single_task if single else classes.multi_task
    )
    expected = document.get("md5sum", document.get("md5Sum"))
    if expected is not None and strategy == "verify" and benchmark.md5sum != expected:
        raise PolarisChecksumError(
            f"The checksum of {location} is {benchmark.md5sum}, the file says {expected}",
            hint="The file or its dataset was altered; verify_checksum=False loads it anyway.",
        )
    return benchmark
