"""Saving a dataset or benchmark as files in a folder, without ever harming what they came from.

The JSON document is written last and removed first: a folder that holds it holds all the rest.
Files that are there with the right content are left alone, and the archive of the dataset being
saved is one of them when a dataset is saved to where it was loaded from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from polaris.application.dataset_parts import (
    DatasetParts,
    archive_name,
    dataset_parts,
    note_checksum,
)
from polaris.application.kept_examples import examples_beside, examples_parcels
from polaris.application.layout import TABLE, ZARR_MANIFEST
from polaris.application.object_tree import batches, below, joined
from polaris.application.publish import parcel_of_bytes, parse_if_exists
from polaris.application.row_order import FILE_KEY
from polaris.application.transfer import Parcel, Transfer
from polaris.codec.benchmark_v2 import benchmark_v2_to_file
from polaris.codec.competitions import competition_to_file
from polaris.codec.dataset_v2 import dataset_v2_to_file
from polaris.codec.files import benchmark_to_file, dataset_to_file, results_to_file
from polaris.codec.json_text import dumps
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import DamagedFileError, ObjectExistsError
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import IfExists, Read, StoragePort, Write

__all__ = ["SaveBenchmark", "SaveDataset", "manifest_key", "save_results"]


def manifest_key(document_key: str) -> str:
    """Return the name of the manifest beside a JSON document: ``x.json`` has ``x.sha256``."""
    return document_key.removesuffix(".json") + ".sha256"


@attrs.frozen
class SaveDataset:
    """Saves a dataset: ``{slug}.json``, its table, its archive, and a sha256 manifest.

    The table is ``table.parquet``; of a dataset without one, ``zarr_manifest.parquet`` lists the
    archive's files.

    Attributes:
        progress: Shows how far it has come.
    """

    progress: ProgressPort

    async def __call__(
        self, dataset: DatasetV1 | DatasetV2, folder: StoragePort, *, if_exists: str = "replace"
    ) -> str:
        """Save a dataset and return the key of its JSON document.

        Args:
            dataset: The dataset; it need not be named.
            folder: Where to save it.
            if_exists: ``raise`` refuses if any of the files is there; ``replace`` replaces them;
                ``skip`` keeps the files of an archive that is there, and refuses if they differ.

        Raises:
            ObjectExistsError: See ``if_exists``; or a file would replace one of another dataset
                that is in the folder. Nothing was changed.
        """
        key, _ = await self.with_parts(dataset, folder, if_exists=if_exists)
        return key

    async def with_parts(
        self, dataset: DatasetV1 | DatasetV2, folder: StoragePort, *, if_exists: str = "replace"
    ) -> tuple[str, DatasetParts]:
        """Save a dataset; return the key of its JSON document, and what was saved."""
        conflict = parse_if_exists(if_exists)
        archive = archive_name(dataset)
        parts = await dataset_parts(dataset, progress=self.progress, archive=archive)
        note_checksum(dataset, parts.md5sum)
        key = f"{dataset.slug or 'dataset'}.json"
        if isinstance(dataset, DatasetV2):
            content, document = ZARR_MANIFEST, _archive_document(dataset, archive)
        else:
            content, document = (
                TABLE,
                dataset_to_file(
                    dataset, table=TABLE, zarr_root_path=archive if dataset.uses_zarr else None
                ),
            )
        there = await _there(folder, [key, content], archive if dataset.uses_zarr else None)
        if conflict is IfExists.RAISE and there:
            raise ObjectExistsError(
                f"{there[0]!r} is in the folder already",
                hint="Choose another folder, or if_exists='replace'.",
                keys=there,
            )
        if conflict is IfExists.SKIP:
            await _refuse_changes(folder, archive, parts.parcels)
        await _spare_others(folder, key, archive, parts.parcels)
        await self._write(folder, key, document, parts.parcels)
        if conflict is IfExists.REPLACE and dataset.uses_zarr:
            kept = {parcel.digest.key for parcel in parts.parcels}
            await folder.delete([k for k in there if k.startswith(f"{archive}/") and k not in kept])
        return key, parts

    async def _write(
        self,
        folder: StoragePort,
        key: str,
        document: Mapping[str, Any],
        parcels: Sequence[Parcel],
    ) -> None:
        last = parcel_of_bytes(key, (dumps(document, indent=2) + "\n").encode())
        sums = {p.digest.key: p.digest.sha256 for p in [*parcels, last]}
        manifest = parcel_of_bytes(manifest_key(key), Sha256Manifest.of(sums).text.encode())
        [old] = await folder.digest([key])
        if old is not None and old.sha256 != last.digest.sha256:
            await folder.delete([key])
        send = Transfer(self.progress)
        await send(parcels, folder, label="Saving")
        await send([manifest], folder, label="Sealing")
        await send([last], folder, label="Sealing")


def _archive_document(dataset: DatasetV2, archive: str) -> dict[str, Any]:
    if isinstance(dataset, CompetitionSpecification):
        return competition_to_file(dataset, zarr_root_path=archive)
    return dataset_v2_to_file(dataset, zarr_root_path=archive)


@attrs.frozen
class SaveBenchmark:
    """Saves a benchmark: its dataset as `SaveDataset` does, and ``benchmark.json``.

    Attributes:
        save_dataset: Saves the dataset.
    """

    save_dataset: SaveDataset

    async def __call__(
        self,
        benchmark: BenchmarkV1Specification | BenchmarkV2Specification,
        folder: StoragePort,
    ) -> str:
        """Save a benchmark and return the key of its JSON document."""
        dataset_key, parts = await self.save_dataset.with_parts(benchmark.dataset, folder)
        # A dataset that is called "benchmark" has that document already.
        key = "benchmark.json" if dataset_key != "benchmark.json" else "benchmark_.json"
        if isinstance(benchmark, BenchmarkV2Specification):
            fields = benchmark_v2_to_file(benchmark, dataset=dataset_key)
        else:
            fields = benchmark_to_file(benchmark, dataset=dataset_key)
            fields |= {FILE_KEY: parts.rows_sha256}
        text = dumps(fields, indent=2) + "\n"
        document = parcel_of_bytes(key, text.encode())
        manifest = Sha256Manifest.of({key: document.digest.sha256}).text.encode()
        await folder.put([Write(manifest_key(key), manifest)])
        await folder.put([Write(key, text.encode())])
        return key


async def save_results(results: BenchmarkResultsV1, folder: StoragePort, key: str) -> None:
    """Save results as a JSON file, and the predictions that were kept as a file beside it.

    Raises:
        InvalidResultError: The predictions are something that a file cannot hold.
    """
    text = dumps(results_to_file(results), indent=2) + "\n"
    beside = examples_beside(key)
    examples = await examples_parcels(results)
    if examples:
        await folder.put([Write(beside, parcel.data or b"") for parcel in examples])
    else:
        # Those of other results that were saved here before.
        await folder.delete([beside])
    await folder.put([Write(key, text.encode())])


async def _there(folder: StoragePort, keys: Sequence[str], archive: str | None) -> list[str]:
    found = [key for key, stat in zip(keys, await folder.stat(keys), strict=True) if stat]
    if archive is not None:
        found += [joined(archive, stat.key) for stat in await below(folder, archive)]
    return found


async def _spare_others(
    folder: StoragePort, key: str, archive: str, parcels: Sequence[Parcel]
) -> None:
    """Refuse to replace or remove files that the manifest of another dataset there names."""
    new = {parcel.digest.key: parcel.digest.sha256 for parcel in parcels}
    archives = {f"{archive}/" for path in new if path.startswith(f"{archive}/")}
    names = {stat.key for stat in (await folder.list_folder()).objects}
    others = sorted(
        document
        for document in names
        if document.endswith(".json") and document != key and manifest_key(document) in names
    )
    texts = await folder.get([Read(manifest_key(document)) for document in others])
    for document, text in zip(others, texts, strict=True):
        lost = [
            path
            for path, sha256 in _manifest(text).entries.items()
            if new.get(path, sha256) != sha256
            or (path not in new and path.startswith(tuple(archives)))
        ]
        if lost:
            raise ObjectExistsError(
                f"{lost[0]} is in the folder already and belongs to {document}",
                hint="Save each dataset to a folder of its own.",
                keys=lost,
            )


def _manifest(text: bytes | None) -> Sha256Manifest:
    try:
        return Sha256Manifest.parse((text or b"").decode("utf-8", "replace"))
    except DamagedFileError:
        return Sha256Manifest.of({})  # Some other tool's; it protects nothing.


async def _refuse_changes(folder: StoragePort, archive: str, parcels: Sequence[Parcel]) -> None:
    new = [parcel for parcel in parcels if parcel.digest.key.startswith(f"{archive}/")]
    changed: list[str] = []
    for group in batches(new):
        there = await folder.digest([parcel.digest.key for parcel in group])
        changed += [
            parcel.digest.key
            for parcel, old in zip(group, there, strict=True)
            if old is not None and old.sha256 != parcel.digest.sha256
        ]
    if changed:
        raise ObjectExistsError(
            f"{len(changed)} files of the archive would change, such as {changed[0]}",
            hint="Use if_exists='replace' to write the new content.",
            keys=changed,
        )
