"""The rules for keys of objects and for folders of keys, the same for every store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from polaris.errors import InvalidNameError, ObjectExistsError, Problem

__all__ = ["already_there", "check_folder", "check_key", "check_keys"]

# File systems take names of 255 bytes; the rest is for the mark of what is being written.
MAX_PART = 240

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# A folder store gives such names to objects that are being written.
_RESERVED = re.compile(r"#[0-9]+\Z")
_HINT = "Keys are relative paths such as 'data.zarr/fingerprints/0.0', with '/' between the parts."


def check_key(key: str) -> str:
    """Return ``key`` if it is one; the rules are those of `StoragePort`.

    Raises:
        InvalidNameError: It is not.
    """
    if fault := _fault(key):
        raise InvalidNameError(f"{key!r} is not a valid object key: {fault}", hint=_HINT)
    return key


def check_folder(prefix: str) -> str:
    """Return ``prefix`` if it is ``""``, the store itself, or has the form of a key.

    Raises:
        InvalidNameError: It is neither.
    """
    if prefix != "" and (fault := _fault(prefix)):
        raise InvalidNameError(f"{prefix!r} is not a valid folder of keys: {fault}", hint=_HINT)
    return prefix


def check_keys(keys: Iterable[str]) -> list[str]:
    """Return the keys if all are valid.

    Raises:
        InvalidNameError: Some are not; every one of them is reported.
    """
    checked = list(keys)
    problems = [
        Problem("", f"{key!r} is not a valid object key: {fault}", _HINT)
        for key in checked
        if (fault := _fault(key))
    ]
    if problems:
        raise InvalidNameError(problems=problems)
    return checked


def already_there(keys: Sequence[str]) -> ObjectExistsError:
    """Return the error of a write that may not replace the objects under these keys."""
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return ObjectExistsError(
        f"Cannot write {keys[0]!r}{more}: already there",
        hint="Choose another key, or write with if_exists='replace' or 'skip'.",
        keys=keys,
    )


def _fault(key: str) -> str:
    """Return what is wrong with a key; ``""`` when nothing is."""
    if not isinstance(key, str):
        return f"it is a {type(key).__name__}, not text"
    if not key:
        return "it is empty"
    if _CONTROL.search(key):
        return "it has a control character"
    try:
        key.encode()
    except UnicodeEncodeError:
        return "it has a lone surrogate, which UTF-8 cannot write"
    return next((fault for part in key.split("/") if (fault := _fault_of_part(part))), "")


def _fault_of_part(part: str) -> str:
    if not part:
        return "a part is empty, or it starts or ends with '/'"
    if part in {".", ".."}:
        return f"the part {part!r} leads elsewhere"
    if _RESERVED.search(part):
        return f"the part {part!r} ends in '#' and digits, which half-written objects have"
    # A character has at most four bytes.
    if len(part) * 4 > MAX_PART and len(part.encode()) > MAX_PART:
        return f"a part is longer than {MAX_PART} bytes"
    return ""
