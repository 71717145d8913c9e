"""Loading a dataset or results from files, verified.

Paths inside a document are looked for beside the document first, so that a folder can be moved;
then, since other clients write them so, as they stand.
"""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
from typing import Any, TypeVar, overload

import attrs

from polaris.application.dataset_parts import archive_checksum
from polaris.application.kept_examples import examples_beside
from polaris.application.object_tree import digest_below
from polaris.application.open_dataset_v2 import OpenDatasetV2
from polaris.application.save_files import manifest_key
from polaris.application.verification import (
    ChecksumStrategy,
    VerifyingStorage,
    below_folder,
    check_bytes,
    check_tree,
    parse_strategy,
)
from polaris.codec.competitions import is_competition
from polaris.codec.dataset_v2 import is_dataset_v2
from polaris.codec.examples import decode_examples
from polaris.codec.files import (
    dataset_from_file,
    generation_of,
    results_from_file,
)
from polaris.codec.json_text import loads
from polaris.codec.tables import decode_table
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.checksums.table import table_checksum
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    ObjectNotFoundError,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.archives import ArchivePort
from polaris.ports.locations import StorageLocator
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import Read, StoragePort

__all__ = [
    "LoadDataset",
    "LoadResults",
    "manifest_beside",
    "read_document",
    "split_file",
    "split_location",
]

DatasetT = TypeVar("DatasetT", bound=DatasetV1)
DatasetV2T = TypeVar("DatasetV2T", bound=DatasetV2)
ResultsT = TypeVar("ResultsT", bound=BenchmarkResultsV1)
_EMPTY = Sha256Manifest.of({})


def split_location(location: str) -> tuple[str, str]:
    """Return the folder and the file name of a path or URL."""
    folder, _, name = location.replace("\\", "/").rpartition("/")
    return folder or ("/" if location.startswith("/") else "."), name


def split_file(location: str) -> tuple[str, str]:
    """Return the folder and the file name of a path or URL that has to be one of a file.

    Raises:
        InvalidInputError: It ends in a slash or a dot, as paths of folders do.
    """
    folder, name = split_location(location)
    if name in ("", ".", ".."):
        raise InvalidInputError(
            f"{location!r} is the path of a folder, not of a file",
            hint="Append the name of the file.",
        )
    return folder, name


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

    @overload
    async def __call__(
        self, location: str, *, verify_checksum: bool | str = True, cls: type[DatasetT]
    ) -> DatasetT: ...
    @overload
    async def __call__(
        self,
        location: str,
        *,
        verify_checksum: bool | str = True,
        cls: type[DatasetT],
        cls_v2: type[DatasetV2T],
    ) -> DatasetT | DatasetV2T: ...
    async def __call__(
        self,
        location: str,
        *,
        verify_checksum: bool | str = True,
        cls: type[DatasetT],
        cls_v2: type[DatasetV2T] | None = None,
    ) -> DatasetT | DatasetV2T:
        """Load a dataset.

        Args:
            location: Path or URL of the JSON document.
            verify_checksum: As in `FetchDataset`.
            cls: The class to construct for a table.
            cls_v2: The class to construct for an archive; None where only a table will do.

        Raises:
            ObjectNotFoundError: The document or a file that it names is not there.
            DamagedFileError: A file cannot be decoded.
            InvalidDatasetError: The document breaks a rule; all problems are reported.
            PolarisChecksumError: A file differs from its checksum.
        """
        strategy = parse_strategy(verify_checksum)
        folder, name = split_file(location)
        store = self.locator.folder(folder)
        manifest = _EMPTY if strategy == "ignore" else await manifest_beside(store, name)
        document = await read_document(store, name, location, manifest)
        path = document.get("zarr_root_path", document.get("zarrRootPath"))
        if is_dataset_v2(document):
            if cls_v2 is None:
                raise InvalidDatasetError(
                    f"{location} describes a dataset of version 2, whose data is all in an archive",
                    hint="Load it with load_dataset or DatasetV2.from_json.",
                )
            if is_competition(document) and not issubclass(cls_v2, CompetitionSpecification):
                # As a dataset it could be published with the targets of its test rows.
                raise InvalidDatasetError(
                    f"{location} describes a competition, which is more than a dataset",
                    hint="Load it with CompetitionSpecification.from_json.",
                )
            archive_at = await self._find(path, store, folder, name, manifest, is_folder=True)
            return await OpenDatasetV2(self.archives, self.progress)(
                document,
                archive_at.storage,
                archive_at.key,
                location=archive_at.location,
                manifest=manifest,
                strategy=strategy,
                what=location,
                cls=cls_v2,
            )
        table_at = await self._find(
            document.get("table"), store, folder, name, manifest, is_folder=False
        )
        data = await _read(table_at.storage, table_at.key, table_at.location)
        if table_at.storage is store and table_at.key in manifest.entries:
            expected = manifest.entries[table_at.key]
            check_bytes(data, expected=expected, what=table_at.location)
        table = await asyncio.to_thread(decode_table, data, source=table_at.location)
        pointed_at: _Found | None = None
        if path is not None:
            pointed_at = await self._find(path, store, folder, name, manifest, is_folder=True)
        dataset = dataset_from_file(
            document,
            table=table,
            zarr_root_path=None if pointed_at is None else pointed_at.location,
            cls=cls,
        )
        await self._verify(dataset, document, pointed_at, manifest, strategy)
        return dataset

    async def _find(
        self,
        path: Any,
        store: StoragePort,
        folder: str,
        name: str,
        manifest: Sha256Manifest,
        *,
        is_folder: bool,
    ) -> _Found:
        """Find what a document names: beside it, as written, or by its last part beside it."""
        if path is None:
            raise InvalidDatasetError(
                f"{name} is not the document of a dataset: it names no data",
                hint="Give the .json file that dataset.to_json wrote.",
            )
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
        # What the manifest names lies beside the document; another file of that name elsewhere, in
        # the working directory say, is another file.
        is_ours = any(f"{entry}/".startswith(f"{path}/") for entry in manifest.entries)
        # Where the folder is not on this machine, the file may still lie beside the document.
        with contextlib.suppress(PolarisError):
            if not is_ours:
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
class LoadResults:
    """Loads results from their JSON file.

    Attributes:
        locator: Opens folders and URLs.
    """

    locator: StorageLocator

    async def __call__(
        self, location: str, *, cls: type[ResultsT], cls_v2: type[ResultsT]
    ) -> ResultsT:
        """Load results, with the predictions in the file beside them, if there is one.

        Args:
            location: Path or URL of the JSON file.
            cls: The class to construct.
            cls_v2: The class for results on a benchmark of version 2.
        """
        folder, name = split_file(location)
        store = self.locator.folder(folder)
        document = await read_document(store, name, location, _EMPTY)
        results = results_from_file(document, cls_v2 if document.get("version") == 2 else cls)
        beside = examples_beside(name)
        [data] = await store.get([Read(beside)])
        if data is not None:
            source = f"{folder}/{beside}"
            results.examples = await asyncio.to_thread(decode_examples, data, source=source)
        return results


async def read_document(
    store: StoragePort, key: str, location: str, manifest: Sha256Manifest
) -> dict[str, Any]:
    """Read a JSON document, checked against the manifest where that names it."""
    data = await _read(store, key, location)
    if key in manifest.entries:
        check_bytes(data, expected=manifest.entries[key], what=location)
    return loads(data, source=location)


async def manifest_beside(store: StoragePort, document_key: str) -> Sha256Manifest:
    """Read the sha256 manifest of a JSON document; an empty one where there is none."""
    key = manifest_key(document_key)
    [data] = await store.get([Read(key)])
    if data is None:
        return _EMPTY
    manifest = Sha256Manifest.parse(data.decode("utf-8", "replace"))
    if document_key not in manifest.entries:
        raise PolarisChecksumError(
            f"{key} does not name {document_key}, whose manifest it is",
            hint="The manifest was cut or altered; verify_checksum=False goes without it.",
        )
    return manifest


async def _read(store: StoragePort, key: str, location: str) -> bytes:
    [data] = await store.get([Read(key)])
    if data is None:
        if await _exists(_Found(store, key, location), is_folder=True):
            raise ObjectNotFoundError(
                f"{location} is a folder, not a file", hint="Give the .json file that is in it."
            )
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
    if not (table_only and dataset.uses_zarr):
        dataset.md5sum = actual
