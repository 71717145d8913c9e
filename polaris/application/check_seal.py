"""Looking whether everything that a revision is of has arrived, before anybody may see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from polaris.application.layout import MANIFEST
from polaris.application.object_tree import batches
from polaris.application.storage_powers import kept_sums
from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.errors import DamagedFileError, IncompleteUploadError, InvalidNameError
from polaris.ports.storage import Read, StoragePort

__all__ = ["check_seal"]

# Objects that are looked at in one call.
_BATCH = 1000
_HINT = "Upload it again: what has arrived is not sent twice."


async def check_seal(
    document: Mapping[str, Any], revision: str, store: StoragePort, *, what: str
) -> None:
    """Refuse a revision of which something is missing or is not what it is to be.

    The manifest that lies among the objects names them with their checksums, and the revision is
    the checksum over document and manifest; without objects there is no manifest. Checksums that
    the store has kept from when the objects were written are believed; other objects are read. So
    it takes one look an object, and reads no more than has not been looked at on its way in.

    Args:
        document: The document.
        revision: 64 hex digits.
        store: The objects of the revision.
        what: Names the artifact in errors.

    Raises:
        IncompleteUploadError: Not everything is there; says what.
        StorageError: The store failed.
    """
    [data] = await store.get([Read(MANIFEST)])
    manifest = await asyncio.to_thread(_manifest, data, what)
    if await asyncio.to_thread(revision_of, document, manifest) != revision:
        if data is None:
            raise _incomplete(what, [MANIFEST])
        raise IncompleteUploadError(
            f"The revision of {what} is not the checksum of its document and its manifest",
            hint=_HINT,
            keys=[MANIFEST],
        )
    wrong: list[str] = []
    for keys in batches(list(manifest.entries), _BATCH):
        sums: dict[str, str] = {}
        unknown: list[str] = []
        try:
            found = await kept_sums(store, keys)
        except InvalidNameError as cause:
            raise IncompleteUploadError(
                f"The manifest of {what} names what cannot be an object: {cause.message}",
                hint=_HINT,
                keys=[MANIFEST],
            ) from cause
        for kept in found:
            if kept is not None and kept.sha256 is not None:
                sums[kept.key] = kept.sha256
            elif kept is not None:
                unknown.append(kept.key)
        sums |= {d.key: d.sha256 for d in await store.digest(unknown) if d is not None}
        wrong += [key for key in keys if sums.get(key) != manifest.entries[key]]
    if wrong:
        raise _incomplete(what, wrong)


def _manifest(data: bytes | None, what: str) -> Sha256Manifest:
    try:
        return Sha256Manifest.parse((data or b"").decode())
    except (DamagedFileError, UnicodeDecodeError) as cause:
        raise IncompleteUploadError(
            f"The manifest of {what} cannot be read", hint=_HINT, keys=[MANIFEST]
        ) from cause


def _incomplete(what: str, keys: list[str]) -> IncompleteUploadError:
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return IncompleteUploadError(
        f"{what} cannot be published: {keys[0]!r}{more} is missing, or not what the manifest says",
        hint=_HINT,
        keys=keys,
    )
