"""Loading a dataset, benchmark or results from files, verified.

Paths inside a document are looked for beside the document first, so that a folder can be moved;
then, since other clients write them so, as they stand.
"""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
from typing import Any, TypeVar

import attrs

from polaris.application.dataset_parts import archive_checksum
from polaris.application.object_tree import digest_below
from polaris.application.save_files import manifest_key
from polaris.application.verification import (
    ChecksumStrategy,
    VerifyingStorage,
    below_folder,
    check_bytes,
    check_tree,
    parse_strategy,
)
from polaris.codec.files import (
    benchmark_from_file,
    dataset_from_file,
    generation_of,
    results_from_file,
)
from polaris.codec.json_text import loads
from polaris.codec.tables import decode_table
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.checksums.table import table_checksum
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    ObjectNotFoundError,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.archives import ArchivePort
from polaris.ports.locations import StorageLocator
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import Read, StoragePort

__all__ = ["LoadBenchmark", "LoadDataset", "LoadResults", "split_location"]

DatasetT = TypeVar("DatasetT", bound=DatasetV1)
ResultsT = TypeVar("ResultsT", bound=BenchmarkResultsV1)
_EMPTY = Sha256Manifest.of({})


def split_location(location: str) -> tuple[str, str]:
    """Return the folder and the file name of a path or URL."""
    folder, _, name = location.replace("\\", "/").rpartition("/")
    return folder or ("/" if location.startswith("/") else "."), name


@attrs.frozen
class _Found:
    """A file or folder that a document names: its store, its key, and its whole location."""

    storage: StoragePort
    key: str
    location: str


@attrs.frozen
class LoadDataset:
    """Loads a dataset from its JSON document.

    Attributes:
        locator: Opens folders and URLs.
        archives: Opens Zarr archives.
        progress: Shows how far checking has come.
    """

    locator: StorageLocator
    archives: ArchivePort
    progress: ProgressPort

    async def __call__(
        self, location: str, *, verify_checksum: bool | str = True, cls: type[DatasetT]
    ) -> DatasetT:
        """Load a dataset.

        Args:
            location: Path or URL of the JSON document.
            verify_checksum: As in `FetchDataset`.
            cls: The class to construct.

        Raises:
            ObjectNotFoundError: The document or a file that it names is not there.
            DamagedFileError: A file cannot be decoded.
            InvalidDatasetError: The document breaks a rule; all problems are reported.
            PolarisChecksumError: A file differs from its checksum.
        """
        strategy = parse_strategy(verify_checksum)
        folder, name = split_location(location)
        store = self.locator.folder(folder)
        manifest = _EMPTY if strategy == "ignore" else await _manifest(store, name)
        document = await read_document(store, name, location, manifest)
        table_at = await self._find(document.get("table"), store, folder, name, is_folder=False)
        data = await _read(table_at.storage, table_at.key, table_at.location)
        if table_at.storage is store and table_at.key in manifest.entries:
            expected = manifest.entries[table_at.key]
            check_bytes(data, expected=expected, what=table_at.location)
        table = await asyncio.to_thread(decode_table, data, source=table_at.location)
        archive_at: _Found | None = None
        path = document.get("zarr_root_path", document.get("zarrRootPath"))
        if path is not None:
            archive_at = await self._find(path, store, folder, name, is_folder=True)
        dataset = dataset_from_file(
            document,
            table=table,
            zarr_root_path=None if archive_at is None else archive_at.location,
            cls=cls,
        )
        await self._verify(dataset, document, archive_at, manifest, strategy)
        return dataset

    async def _find(
        self, path: Any, store: StoragePort, folder: str, name: str, *, is_folder: bool
    ) -> _Found:
        """Find what a document names: beside it, as written, or by its last part beside it."""
        if not isinstance(path, str) or not path.strip("/"):
            what = "zarr_root_path" if is_folder else "table"
            raise InvalidDatasetError(
                f"{name}: {what} must be the path of a {'folder' if is_folder else 'file'}",
                hint="Save the dataset again with to_json.",
            )
        path = path.rstrip("/")
        last = posixpath.basename(path.replace("\\", "/"))
        candidates: list[_Found] = []
        if "://" not in path and not path.startswith(("/", "~", ".")):
            candidates.append(_Found(store, path, f"{folder}/{path}"))
        parent, key = split_location(path)
        # Where the folder is not on this machine, the file may still lie beside the document.
        with contextlib.suppress(PolarisError):
            candidates.append(_Found(self.locator.folder(parent), key, path))
        candidates.append(_Found(store, last, f"{folder}/{last}"))
        for candidate in candidates:
            if await _exists(candidate, is_folder=is_folder):
                return candidate
        raise ObjectNotFoundError(
            f"{path!r}, which {name} names, does not exist",
            hint="Put it beside the document, or save the dataset again with to_json.",
        )

    async def _verify(
        self,
        dataset: DatasetV1,
        document: dict[str, Any],
        archive_at: _Found | None,
        manifest: Sha256Manifest,
        strategy: ChecksumStrategy,
    ) -> None:
        expected = document.get("md5sum", document.get("md5Sum"))
        digest: str | None = None
        if archive_at is not None:
            sums = below_folder(manifest, archive_at.key)
            source = archive_at.storage
            if strategy == "verify_unless_zarr" and sums:
                source = VerifyingStorage(source, manifest, archive_at.location)
            dataset.attach(self.archives.source(source, archive_at.key))
            if strategy == "verify":
                digests = await digest_below(
                    archive_at.storage, archive_at.key, progress=self.progress, label="Verifying"
                )
                if sums:
                    check_tree(digests, sums, what=archive_at.location)
                digest = archive_checksum(digests)
        verified = strategy == "verify" or (strategy != "ignore" and archive_at is None)
        if verified and expected is not None:
            _compare(dataset, expected, digest, table_only=generation_of(document) == "S")
        elif expected is not None:
            dataset.md5sum = expected


@attrs.frozen
class LoadBenchmark:
    """Loads a benchmark and its dataset from its JSON document.

    Attributes:
        load_dataset: Loads the dataset that it names.
    """

    load_dataset: LoadDataset

    async def __call__(
        self,
        location: str,
        *,
        verify_checksum: bool | str = True,
        single_task: type[BenchmarkV1Specification],
        multi_task: type[BenchmarkV1Specification],
        dataset_cls: type[DatasetV1],
    ) -> BenchmarkV1Specification:
        """Load a benchmark; the number of its targets decides its class; see `LoadDataset`."""
        strategy = parse_strategy(verify_checksum)
        folder, name = split_location(location)
        store = self.load_dataset.locator.folder(folder)
        manifest = _EMPTY if strategy == "ignore" else await _manifest(store, name)
        document = await read_document(store, name, location, manifest)
        path = document.get("dataset")
        if not isinstance(path, str):
            raise DamagedFileError(
                f"{location} does not name the file of its dataset",
                hint="Save the benchmark again with to_json.",
            )
        beside = f"{folder}/{path}"
        [stat] = await store.stat([path]) if not path.startswith(("/", ".", "~")) else [None]
        last = f"{folder}/{split_location(path)[1]}"
        for dataset_at in (beside if stat else path, last):
            try:
                dataset = await self.load_dataset(
                    dataset_at, verify_checksum=strategy, cls=dataset_cls
                )
                break
            except ObjectNotFoundError:
                if dataset_at == last:
                    raise
        targets = document.get("target_cols", document.get("targetCols"))
        single = isinstance(targets, str) or (isinstance(targets, list) and len(targets) == 1)
        benchmark = benchmark_from_file(
            document, dataset=dataset, cls=single_task if single else multi_task
        )
        expected = document.get("md5sum", document.get("md5Sum"))
        if expected is not None and strategy == "verify" and benchmark.md5sum != expected:
            raise PolarisChecksumError(
                f"The checksum of {location} is {benchmark.md5sum}, the file says {expected}",
                hint="The file or its dataset was altered; verify_checksum=False loads it anyway.",
            )
        return benchmark


@attrs.frozen
class LoadResults:
    """Loads results from their JSON file.

    Attributes:
        locator: Opens folders and URLs.
    """

    locator: StorageLocator

    async def __call__(self, location: str, *, cls: type[ResultsT]) -> ResultsT:
        """Load results."""
        folder, name = split_location(location)
        document = await read_document(self.locator.folder(folder), name, location, _EMPTY)
        return results_from_file(document, cls)


async def read_document(
    store: StoragePort, key: str, location: str, manifest: Sha256Manifest
) -> dict[str, Any]:
    """Read a JSON document, checked against the manifest where that names it."""
    data = await _read(store, key, location)
    if key in manifest.entries:
        check_bytes(data, expected=manifest.entries[key], what=location)
    return loads(data, source=location)


async def _manifest(store: StoragePort, document_key: str) -> Sha256Manifest:
    [data] = await store.get([Read(manifest_key(document_key))])
    return _EMPTY if data is None else Sha256Manifest.parse(data.decode("utf-8", "replace"))


async def _read(store: StoragePort, key: str, location: str) -> bytes:
    [data] = await store.get([Read(key)])
    if data is None:
        raise ObjectNotFoundError(f"{location} does not exist", hint="Check the path.")
    return data


async def _exists(found: _Found, *, is_folder: bool) -> bool:
    if not is_folder:
        [stat] = await found.storage.stat([found.key])
        return stat is not None
    folder = await found.storage.list_folder(found.key)
    return bool(folder.folders or folder.objects)


def _compare(dataset: DatasetV1, expected: str, digest: str | None, *, table_only: bool) -> None:
    actual = table_checksum(dataset.table, None if table_only else digest)
    if actual != expected:
        raise PolarisChecksumError(
            f"The checksum of {dataset!r} is {actual}, its document says {expected}",
            hint="A file was altered after it was saved; verify_checksum=False loads it anyway.",
        )
