"""Index sets in JSON files: as numbers that others can read, and very large ones as bitmaps."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from polaris.domain.index_set import IndexSet
from polaris.errors import DamagedFileError, InvalidInputError, PolarisChecksumError

__all__ = ["check_index_set", "index_set_from_file", "index_set_to_file"]

# polaris-lib 0.13 reads lists only; more numbers than these would take it, and us, too long.
_LISTED = 1_000_000


def index_set_to_file(indices: IndexSet) -> dict[str, Any]:
    """Return the JSON form of an index set.

    It has ``indices``, a list, or ``roaring``: the bytes of the portable Roaring format in base64.
    """
    known = {"datapoints": indices.datapoints, "md5_checksum": indices.md5_checksum}
    if indices.datapoints <= _LISTED:
        listed = list(indices)
        # Bytes can be encoded in several ways, of which the checksum covers one.
        if IndexSet(listed).md5_checksum == indices.md5_checksum:
            return known | {"indices": listed}
    return known | {"roaring": base64.b64encode(indices.serialize()).decode()}


def index_set_from_file(value: Any, *, source: str, verify: bool) -> IndexSet:
    """Return the index set that its JSON form describes.

    Args:
        value: The form.
        source: Where it came from, for errors.
        verify: Compare it with the count and the checksum that the form has.

    Raises:
        DamagedFileError: It is none, or cannot be decoded.
        PolarisChecksumError: It differs from its count or its checksum.
    """
    if not isinstance(value, Mapping) or ("indices" not in value and "roaring" not in value):
        raise DamagedFileError(
            f"{source} holds no indices",
            hint="Files of polaris-lib have only their number and checksum; load the benchmark "
            "from its hub and save it again.",
        )
    try:
        if "roaring" in value:
            data = base64.b64decode(value["roaring"], validate=True)
            indices = IndexSet.deserialize(data)
        else:
            indices = IndexSet(value["indices"])
    except (InvalidInputError, binascii.Error, TypeError, ValueError) as cause:
        reason = getattr(cause, "message", cause)
        raise DamagedFileError(
            f"{source} cannot be decoded: {reason}",
            hint="Restore the file, or save the benchmark again with to_json.",
        ) from cause
    if verify:
        check_index_set(indices, value, what=source)
    return indices


def check_index_set(indices: IndexSet, expected: Mapping[str, Any], *, what: str) -> None:
    """Compare an index set with the count and the checksum that a document has.

    Args:
        indices: The index set.
        expected: ``datapoints`` and ``md5_checksum``, in either spelling; both may be missing.
        what: Names the index set in errors.

    Raises:
        PolarisChecksumError: It differs.
    """
    count = expected.get("datapoints")
    md5 = expected.get("md5_checksum", expected.get("md5Checksum"))
    if count not in (None, indices.datapoints):
        found, wanted = f"{indices.datapoints} positions", f"{count}"
    elif md5 not in (None, indices.md5_checksum):
        found, wanted = f"the MD5 {indices.md5_checksum}", f"{md5}"
    else:
        return
    raise PolarisChecksumError(
        f"{what} has {found}, its document says {wanted}",
        hint="It was altered after it was saved; verify_checksum=False loads it anyway.",
    )
