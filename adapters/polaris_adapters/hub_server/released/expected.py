"""What an announced upload consists of: which objects have to come, and what they have to be."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import attrs

from polaris.application.layout import ARCHIVE, PREDICTIONS, TABLE, ZARR_MANIFEST
from polaris.application.native_wire.fields import Fields
from polaris.application.object_keys import check_key
from polaris.codec.zarr_manifest import decode_zarr_manifest
from polaris.domain.checksums.archive import FileChecksum, archive_digest
from polaris.domain.identity import ArtifactKind
from polaris.errors import DamagedFileError, InvalidInputError, PolarisChecksumError
from polaris_adapters.hub_server.released.archive_keys import consolidated_keys

__all__ = ["Expected", "Sum", "expected_of"]

_MD5 = re.compile(r"[0-9a-f]{32}")
_CONSOLIDATED = ".zmetadata"
_BITMAPS = {"training": "splits/0/training.roaring", "test": "splits/0/test.roaring"}


@attrs.frozen
class Sum:
    """What is known of an object beforehand; None for what is not."""

    md5: str | None = None
    size: int | None = None

    def check(self, key: str, size: int, md5: str) -> None:
        """Compare with an object that came.

        Raises:
            PolarisChecksumError: It is not what was announced.
        """
        if self.size not in (None, size) or self.md5 not in (None, md5):
            raise PolarisChecksumError(
                f"{key} has {size} bytes and the MD5 {md5}; announced were "
                f"{self.size or '?'} bytes and {self.md5}",
                hint="Send it again, or announce the artifact anew if it has changed.",
            )


@attrs.frozen
class Expected:
    """The objects of an upload.

    Attributes:
        sums: What has to come, by key.
        index: Key of the object that tells what else belongs there; None where all is known.
        folder: Folder of the archive; None where there is none.
        archive_md5: Digest of the announced archive, for the checksum of its dataset.
        is_open: Whether more may come into the folder than has to.
    """

    sums: Mapping[str, Sum]
    index: str | None = None
    folder: str | None = None
    archive_md5: str | None = None
    is_open: bool = False

    def check(self, key: str, data: bytes) -> None:
        """Compare an object that came with what was announced.

        Raises:
            InvalidInputError: Nobody announced it.
            PolarisChecksumError: It is not what was announced.
        """
        self.announced(key).check(
            key, len(data), hashlib.md5(data, usedforsecurity=False).hexdigest()
        )

    def announced(self, key: str) -> Sum:
        """Return what is known beforehand of an object that is coming.

        Raises:
            InvalidInputError: Nobody announced it.
        """
        check_key(key)
        expected = self.sums.get(key)
        if expected is not None:
            return expected
        inside = self.folder is not None and key.startswith(f"{self.folder}/")
        if inside and (self.is_open or self.index is not None):
            return Sum()
        raise InvalidInputError(
            f"{key!r:.200} was not announced",
            hint="Announce the artifact again, with all its files.",
        )

    def with_index(self, data: bytes) -> Expected:
        """Return what is expected once the object that tells has come.

        Raises:
            InvalidInputError: It tells nothing that makes sense.
        """
        if self.index == ZARR_MANIFEST:
            return self._with_manifest(data)
        keys = {f"{self.folder}/{key}": Sum() for key in consolidated_keys(data)}
        return attrs.evolve(self, sums={**keys, **self.sums}, index=None, is_open=True)

    def _with_manifest(self, data: bytes) -> Expected:
        try:
            rows = decode_zarr_manifest(data, source="The manifest")
        except DamagedFileError as cause:
            raise InvalidInputError(cause.message, hint="Send the manifest as parquet.") from cause
        found: dict[str, Sum] = {}
        for path, md5 in rows:
            # The released client consolidates after it has made the manifest.
            loose = path == _CONSOLIDATED
            found[_inside(self.folder, path)] = Sum(None if loose else _md5(md5, f"{path!r}"))
        return attrs.evolve(self, sums={**found, **self.sums}, index=None)


def expected_of(kind: ArtifactKind, version: int, body: Fields) -> Expected:
    """Return what an announcement says will come.

    Args:
        kind: What is announced.
        version: The version of its model, which the path has.
        body: The announcement.

    Raises:
        InvalidInputError: It does not say, or says what cannot be.
    """
    if kind is ArtifactKind.DATASET and version == 1:
        return _table(body)
    if kind is ArtifactKind.DATASET:
        sums = {ZARR_MANIFEST: Sum(_manifest_md5(body)), f"{ARCHIVE}/{_CONSOLIDATED}": Sum()}
        return Expected(sums, index=ZARR_MANIFEST, folder=ARCHIVE)
    if kind is ArtifactKind.PREDICTION:
        sums = {ZARR_MANIFEST: Sum(_manifest_md5(body))}
        return Expected(sums, index=ZARR_MANIFEST, folder=PREDICTIONS)
    if kind is ArtifactKind.BENCHMARK and version == 2:
        split = Fields.of(body.values.get("split"), where="split")
        parts = {
            part: Fields.of(split.values.get(part), where=f"split.{part}") for part in _BITMAPS
        }
        return Expected(
            {
                _BITMAPS[part]: Sum(_md5(told.text("md5Checksum"), f"split.{part}.md5Checksum"))
                for part, told in parts.items()
            }
        )
    return Expected({})


def _table(body: Fields) -> Expected:
    content = Fields.of(body.values.get("tableContent"), where="tableContent")
    # In lower case in the oldest generation.
    md5 = content.values.get("md5Sum", content.values.get("md5sum"))
    table = {TABLE: Sum(_md5(md5, "tableContent.md5Sum"), content.integer("size"))}
    if "zarrContent" not in body.values:
        # The oldest generation does not say what is in the archive, nor whether there is one.
        if not _has_pointers(body):
            return Expected(table)
        index = f"{ARCHIVE}/{_CONSOLIDATED}"
        return Expected({**table, index: Sum()}, index=index, folder=ARCHIVE)
    files = [Fields.of(e, where=f"zarrContent[{i}]")
             for i, e in enumerate(body.entries("zarrContent"))]  # fmt: skip
    if not files:
        return Expected(table)
    sums = {_inside(ARCHIVE, f.text("path")): _sum(f, "md5sum") for f in files}
    if "zarrMd5SumManifest" in body.values:
        listed = [Fields.of(e, where=f"zarrMd5SumManifest[{i}]")
                  for i, e in enumerate(body.entries("zarrMd5SumManifest"))]  # fmt: skip
        if {_inside(ARCHIVE, f.text("path")): _sum(f, "md5Sum") for f in listed} != sums:
            raise body.wrong("zarrMd5SumManifest", "the same files as zarrContent")
    digest = archive_digest(
        FileChecksum(key.removeprefix(f"{ARCHIVE}/"), s.md5 or "", s.size or 0)
        for key, s in sums.items()
    )
    # The client consolidates once more when it sends the archive, after it has listed its files.
    sums[f"{ARCHIVE}/{_CONSOLIDATED}"] = Sum()
    return Expected({**table, **sums}, folder=ARCHIVE, archive_md5=digest.digest)


def _sum(fields: Fields, name: str) -> Sum:
    return Sum(_md5(fields.text(name), f"{fields.where}.{name}"), fields.integer("size"))


def _manifest_md5(body: Fields) -> str:
    content = Fields.of(body.values.get("zarrManifestFileContent"), where="zarrManifestFileContent")
    return _md5(content.text("md5Sum"), "zarrManifestFileContent.md5Sum")


def _md5(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _MD5.fullmatch(value):
        raise InvalidInputError(f"{where} is not an MD5", hint="Send 32 hex digits, in lower case.")
    return value


def _inside(folder: str | None, path: Any) -> str:
    if not isinstance(path, str):
        raise InvalidInputError("A path in the list of files is no text", hint="Send texts.")
    # Clients on Windows list what they have with the separator of their disk.
    return check_key(f"{folder}/{path.replace(chr(92), '/')}")


def _has_pointers(body: Fields) -> bool:
    annotations = body.values.get("annotations")
    return isinstance(annotations, Mapping) and any(
        isinstance(a, Mapping) and bool(a.get("isPointer")) for a in annotations.values()
    )
