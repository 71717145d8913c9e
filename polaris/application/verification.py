"""Checking that what was read is what was published."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, cast

import attrs

from polaris.application.object_tree import joined
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.errors import InvalidInputError, PolarisChecksumError
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
)

__all__ = [
    "ChecksumStrategy",
    "VerifyingStorage",
    "below_folder",
    "check_bytes",
    "check_tree",
    "parse_strategy",
]

ChecksumStrategy = Literal["verify", "verify_unless_zarr", "ignore"]

_TAMPERED = (
    "The content is not what was published. Fetch or publish it again; "
    "verify_checksum=False reads it all the same."
)


def parse_strategy(value: bool | str) -> ChecksumStrategy:
    """Return the strategy that a user asked for; True is ``verify`` and False is ``ignore``.

    Raises:
        InvalidInputError: There is no such strategy.
    """
    if isinstance(value, bool):
        return "verify" if value else "ignore"
    if value in ("verify", "verify_unless_zarr", "ignore"):
        return cast("ChecksumStrategy", value)
    raise InvalidInputError(
        f"verify_checksum cannot be {value!r}",
        hint="Give True, False, 'verify', 'verify_unless_zarr' or 'ignore'.",
    )


def check_bytes(data: bytes, *, expected: str, what: str) -> bytes:
    """Return the bytes if their sha256 is the expected one.

    Raises:
        PolarisChecksumError: It is not; ``what`` names the object.
    """
    if hashlib.sha256(data).hexdigest() != expected:
        raise PolarisChecksumError(f"{what} differs from its checksum", hint=_TAMPERED)
    return data


def check_tree(digests: Sequence[ObjectDigest], expected: Mapping[str, str], *, what: str) -> None:
    """Compare all objects of a folder with a manifest.

    Args:
        digests: What is there, keys relative to the folder.
        expected: The sha256 of each object that has to be there.
        what: Names the folder in errors.

    Raises:
        PolarisChecksumError: An object is missing, changed, or not in the manifest.
    """
    there = {digest.key: digest.sha256 for digest in digests}
    wrong = {
        "missing": sorted(expected.keys() - there.keys()),
        "changed": sorted(k for k in expected.keys() & there.keys() if expected[k] != there[k]),
        "not in the manifest": sorted(there.keys() - expected.keys()),
    }
    found = [f"{len(keys)} {kind} ({keys[0]})" for kind, keys in wrong.items() if keys]
    if found:
        raise PolarisChecksumError(
            f"{what} differs from its checksums: {', '.join(found)}", hint=_TAMPERED
        )


@attrs.frozen
class VerifyingStorage:
    """A store whose objects are checked against a manifest when they are read whole.

    A part of an object cannot be checked by itself, so the whole object is read for it. An object
    that the manifest does not name was not published, and is refused as well.

    Attributes:
        inner: The store.
        manifest: The checksums.
        what: Names the artifact in errors.
    """

    inner: StoragePort
    manifest: Sha256Manifest
    what: str

    def __str__(self) -> str:
        return str(self.inner)

    async def get(self, reads: Sequence[Read], /) -> list[bytes | None]:
        """Read objects; see `StoragePort`. Raises `PolarisChecksumError` where one differs."""
        entries = self.manifest.entries
        whole = [Read(read.key) if read.key in entries else read for read in reads]
        found: list[bytes | None] = []
        for read, data in zip(reads, await self.inner.get(whole), strict=True):
            what = f"{read.key} of {self.what}"
            if data is None and read.key in entries:
                raise PolarisChecksumError(f"{what} is missing", hint=_TAMPERED)
            if data is not None:
                if read.key not in entries:
                    raise PolarisChecksumError(f"{what} is not in the manifest", hint=_TAMPERED)
                data = _part(check_bytes(data, expected=entries[read.key], what=what), read)
            found.append(data)
        return found

    async def stat(self, keys: Sequence[str], /) -> list[ObjectStat | None]:
        """See `StoragePort`."""
        return await self.inner.stat(keys)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> list[bool]:
        """See `StoragePort`; what replaces an object of the manifest will not be readable."""
        return await self.inner.put(writes, if_exists=if_exists)

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        await self.inner.delete(keys)

    async def digest(self, keys: Sequence[str], /) -> list[ObjectDigest | None]:
        """See `StoragePort`."""
        return await self.inner.digest(keys)

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        return await self.inner.list_folder(prefix)

    def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        return self.inner.list(prefix)


def _part(data: bytes, read: Read) -> bytes:
    return data if read.range is None else data[read.range.start : read.range.stop]


def below_folder(manifest: Sha256Manifest, folder: str) -> dict[str, str]:
    """Return a manifest's checksums below a folder, keys relative to the folder."""
    head = joined(folder, "")
    return {k[len(head) :]: v for k, v in manifest.entries.items() if k.startswith(head)}
