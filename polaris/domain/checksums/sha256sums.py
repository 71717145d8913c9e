"""Our manifest, which covers every byte of an artifact, in the format of the ``sha256sum`` tool."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import attrs

from polaris.errors import DamagedFileError

__all__ = ["Sha256Manifest", "revision_of"]

_ESCAPE = re.compile(r"\\(n|\\)")
_LINE = re.compile(r"(\\?)([0-9a-f]{64}) [ *](.+)")


@attrs.frozen
class Sha256Manifest:
    """The SHA-256 of each object of an artifact.

    Attributes:
        entries: Path to 64 hex digits, sorted by path.
    """

    entries: Mapping[str, str]

    @classmethod
    def of(cls, sums: Mapping[str, str]) -> Self:
        """Make a manifest from paths and their sums."""
        return cls(MappingProxyType({path: sums[path] for path in sorted(sums)}))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a dictionary cannot be pickled.
        return (type(self).of, (dict(self.entries),))

    @property
    def text(self) -> str:
        """The manifest as a file: a line ``{sum}  {path}`` each, as ``sha256sum --check`` reads."""
        return "".join(_line(path, digest) for path, digest in self.entries.items())

    @property
    def digest(self) -> str:
        """SHA-256 of the text, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the manifest that a text writes.

        Raises:
            DamagedFileError: A line is not one of a manifest; its number is named.
        """
        sums: dict[str, str] = {}
        for number, line in enumerate(text.split("\n"), start=1):
            if not line:
                continue
            found = _LINE.fullmatch(line)
            if found is None:
                raise DamagedFileError(
                    f"Line {number} of the checksum manifest cannot be read",
                    hint="The manifest was altered; verify_checksum=False goes without it.",
                )
            path = found[3]
            if found[1]:
                path = _ESCAPE.sub(lambda e: "\n" if e[1] == "n" else "\\", path)
            sums[path] = found[2]
        return cls.of(sums)


def _line(path: str, digest: str) -> str:
    if "\\" in path or "\n" in path:
        # As GNU coreutils does: a leading backslash says that the path is escaped.
        escaped = path.replace("\\", "\\\\").replace("\n", "\\n")
        return f"\\{digest}  {escaped}\n"
    return f"{digest}  {path}\n"


def revision_of(document: Mapping[str, Any], manifest: Sha256Manifest) -> str:
    """Return the SHA-256 over a document and the objects that belong to it, 64 hex digits.

    It names a revision by its content: equal drafts have equal revisions, wherever they are made.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{text}\n{manifest.text}".encode()).hexdigest()
