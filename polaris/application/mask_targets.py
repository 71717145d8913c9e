"""Splitting the archive of a competition into what everybody may see and what the hub keeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.application.archive_keys import refuse_strangers
from polaris.application.dataset_parts import file_checksums
from polaris.application.layout import ARCHIVE, MANIFEST, TARGETS, ZARR_MANIFEST
from polaris.application.object_tree import digest_below, joined
from polaris.application.overlay_storage import OverlayStorage
from polaris.application.publish import parcel_of_bytes
from polaris.application.transfer import Parcel, parcels_of_tree
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.competition import CompetitionSpecification
from polaris.errors import InvalidCompetitionError, PolarisChecksumError
from polaris.ports.archives import ArchivePort, HasStorage
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import ObjectDigest, Read, StoragePort

if TYPE_CHECKING:
    import zarr

__all__ = ["MaskedArchive", "mask_targets"]


@attrs.frozen
class MaskedArchive:
    """An archive in two parts.

    Attributes:
        manifest_md5sum: MD5 of the manifest of the public part.
        public: The objects for everybody: the archive with the test targets masked.
        hidden: The objects for the hub alone: the target columns as they were.
    """

    manifest_md5sum: str
    public: tuple[Parcel, ...]
    hidden: tuple[Parcel, ...]


async def mask_targets(
    competition: CompetitionSpecification, *, archives: ArchivePort, progress: ProgressPort
) -> MaskedArchive:
    """Return the two parts of a competition's archive; the archive itself stays as it is.

    In the public part the targets of all test rows have one and the same value: NaN where the type
    has it, otherwise nothing (0, false, an empty text, no object). Nothing that is computed from
    the true ones goes along: the checksums are those of the masked files. Only the chunks that are
    masked are held in memory.

    Args:
        competition: The competition.
        archives: Opens Zarr archives.
        progress: Shows how far reading has come.

    Raises:
        InvalidCompetitionError: The archive cannot be copied, or a target cannot be masked.
    """
    source: Any = competition.archive
    if not isinstance(source, HasStorage):
        raise InvalidCompetitionError(
            "The competition's archive is not stored anywhere it could be copied from",
            hint="Write it to a folder and give that as zarr_root_path.",
        )
    targets, rows = list(competition.target_cols), competition.test_rows
    overlay = OverlayStorage(source.storage)
    root = await archives.open_group(overlay, source.path, mode="r+", consolidated=False)
    await refuse_strangers(source.storage, source.path, root, competition.columns)
    await asyncio.to_thread(_mask, root, targets, rows)
    again = archives.source(overlay, source.path)
    await asyncio.to_thread(_check_masked, again, targets, rows)
    digests = await digest_below(
        source.storage, source.path, progress=progress, label="Hashing the archive"
    )
    public = _public(digests, overlay, source.path)
    sums = await asyncio.to_thread(encode_zarr_manifest, file_checksums(_archive_files(public)))
    manifest = parcel_of_bytes(ZARR_MANIFEST, sums)
    hidden = await _hidden(digests, targets, source.storage, source.path)
    return MaskedArchive(manifest.digest.md5, (manifest, *public), hidden)


def _mask(root: zarr.Group, targets: Sequence[str], rows: NDArray[np.int64]) -> None:
    without: list[str] = []
    for target in targets:
        array: Any = root[target]
        if not hasattr(array, "chunks"):
            raise InvalidCompetitionError(
                f"The target {target!r} is a group, which cannot be masked",
                hint="Store targets as arrays, with one entry a row.",
            )
        was_there = False
        # A shard is written as a whole, so blocks are shards where there are any.
        block = int((getattr(array, "shards", None) or array.chunks)[0])
        bounds = np.flatnonzero(np.diff(rows // block)) + 1
        for part in np.split(rows, bounds):
            first = int(part[0]) // block * block
            values = array[first : first + block]
            was_there = was_there or _has_something(values[part - first])
            values[part - first] = _nothing(values)
            array[first : first + block] = values
        if not was_there:
            without.append(target)
    # Zeros alone may be what was measured; no value at all, or zeros in all columns, was not.
    masked = [t for t in without if len(without) == len(targets) or _has_nan(root[t])]
    if masked:
        raise InvalidCompetitionError(
            f"The test targets of {masked[0]!r} are masked already, or there are none",
            hint="Publish from the archive that has the true ones, not from a hub's copy.",
        )


def _has_nan(array: Any) -> bool:
    """Tell whether an array's type has a value that says that there is none."""
    return array.dtype.kind in "fcmM"


def _nothing(values: NDArray[Any]) -> Any:
    """Return what stands for no value in an array of such a type."""
    if values.dtype.kind in "fc":
        return np.nan
    if values.dtype.kind in "mM":
        return np.array("NaT", dtype=values.dtype)
    if values.dtype.kind == "T":
        return ""
    if values.dtype.kind == "O":
        texts = [cell for cell in values.ravel()[:1] if isinstance(cell, str | bytes)]
        return type(texts[0])() if texts else None
    return np.zeros((), dtype=values.dtype)


def _check_masked(source: Any, targets: Sequence[str], rows: NDArray[np.int64]) -> None:
    """Read the masked targets once more; a true one must not slip out whatever zarr does."""
    for target in targets:
        values = source.take(target, rows)
        if _has_something(values):
            raise PolarisChecksumError(
                f"The test targets of {target!r} could not be masked",
                hint="Nothing was published. Store the column as an array of numbers or texts.",
            )


def _has_something(values: NDArray[Any]) -> bool:
    """Tell whether there is a value that is not what `_nothing` gives."""
    if values.dtype.kind in "fcmM":
        # NaN and NaT are unequal to themselves.
        return bool((values == values).any())
    if values.dtype.kind in "biu":
        return bool(values.any())
    return any(map(_is_something, values.flat))


def _is_something(cell: Any) -> bool:
    is_number_or_text = isinstance(cell, np.generic | str | bytes | int | float)
    return bool(cell) and bool(cell == cell) if is_number_or_text else cell is not None


def _public(digests: Sequence[ObjectDigest], overlay: OverlayStorage, path: str) -> list[Parcel]:
    changes = overlay.changes
    untouched = [d for d in digests if joined(path, d.key) not in changes]
    kept = parcels_of_tree(untouched, storage=overlay, source=path, target=ARCHIVE)
    cut = len(path) + 1 if path else 0
    masked = [
        parcel_of_bytes(joined(ARCHIVE, key[cut:]), data)
        for key, data in changes.items()
        if data is not None
    ]
    return sorted([*kept, *masked], key=lambda parcel: parcel.digest.key)


def _archive_files(public: Sequence[Parcel]) -> list[ObjectDigest]:
    cut = len(ARCHIVE) + 1
    return [attrs.evolve(p.digest, key=p.digest.key[cut:]) for p in public]


async def _hidden(
    digests: Sequence[ObjectDigest], targets: Sequence[str], storage: StoragePort, path: str
) -> tuple[Parcel, ...]:
    """Return an archive of the target columns alone, and its manifest."""
    heads = tuple(f"{target}/" for target in targets)
    chosen = [digest for digest in digests if digest.key.startswith(heads)]
    columns = parcels_of_tree(chosen, storage=storage, source=path, target=TARGETS)
    is_v3 = (await storage.get([Read(joined(path, "zarr.json"))]))[0] is not None
    # Not the one that is there: it may list columns that are not here.
    name, group = (
        ("zarr.json", {"zarr_format": 3, "node_type": "group", "attributes": {}})
        if is_v3
        else (".zgroup", {"zarr_format": 2})
    )
    root = parcel_of_bytes(joined(TARGETS, name), json.dumps(group).encode())
    sums = {p.digest.key: p.digest.sha256 for p in (root, *columns)}
    seal = parcel_of_bytes(MANIFEST, Sha256Manifest.of(sums).text.encode())
    return (root, *columns, seal)
