"""What the domain needs of a Zarr archive: named arrays whose rows can be gathered in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

import attrs

from polaris.domain.checksums.archive import ArchiveDigest, FileChecksum
from polaris.errors import InvalidInputError

if TYPE_CHECKING:
    # Ports name this module; to list a hub nobody should wait for numpy.
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ArrayInfo", "ArrayLayout", "ArraySource"]


@attrs.frozen
class ArrayInfo:
    """Shape and layout of one array.

    Attributes:
        path: Path of the array in its archive, without a leading ``/``.
        shape: Lengths of the axes; the first one counts rows.
        dtype: Type of the elements.
        chunks: Lengths of a chunk along the axes.
    """

    path: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...]


@attrs.frozen
class ArrayLayout:
    """How the columns of a new archive are laid out.

    Attributes:
        zarr_format: 2, which all clients in use can read, or 3.
        chunks: Rows in a chunk, of all columns or by column; chosen by the size of a row if None.
        shards: Rows in a shard, a file of many chunks; True for shards of about 32 MiB. Of format 3
            only.

    Raises:
        InvalidInputError: A value is none of these.
    """

    zarr_format: Literal[2, 3] = 2
    chunks: int | Mapping[str, int] | None = None
    shards: int | bool = False

    def __attrs_post_init__(self) -> None:
        if self.zarr_format not in (2, 3):
            raise InvalidInputError(
                f"zarr_format cannot be {self.zarr_format!r}", hint="Give 2 or 3."
            )
        chunks = self.chunks.values() if isinstance(self.chunks, Mapping) else [self.chunks]
        for rows in (*chunks, self.shards):
            if rows is not None and (not isinstance(rows, int) or rows < 0):
                raise InvalidInputError(
                    f"A chunk or shard cannot have {rows!r} rows", hint="Give 1 or more."
                )
        if self.shards and self.zarr_format == 2:
            raise InvalidInputError(
                "Archives of Zarr format 2 have no shards", hint="Give zarr_format=3 as well."
            )

    def chunk_rows(self, column: str) -> int | None:
        """Return how many rows a chunk of a column has; None where nobody said."""
        chunks = self.chunks
        return (chunks.get(column) if isinstance(chunks, Mapping) else chunks) or None


class ArraySource(Protocol):
    """A Zarr archive, read only and blocking.

    Reading is in bulk: one call gathers many rows, decodes every chunk it touches once, and holds
    no more than the chunks in work beside the result. Safe for use by several threads. Errors are
    `DamagedFileError` (metadata or a chunk cannot be decoded), `InvalidZarrCodec`,
    `ObjectNotFoundError` (no such archive) and `InvalidDatasetError` (no such array).
    """

    @property
    def group(self) -> Any:
        """The archive's root as a read-only ``zarr.Group``, consolidated metadata included."""
        ...

    def arrays(self) -> Sequence[ArrayInfo]:
        """Return every array of the archive, sub-groups included, sorted by path."""
        ...

    def info(self, path: str, /) -> ArrayInfo:
        """Return the shape and layout of one array."""
        ...

    def take(self, path: str, rows: NDArray[np.int64], /) -> NDArray[Any]:
        """Return rows of an array along its first axis, in the order asked for, repeats included.

        Args:
            path: Path of the array.
            rows: Shape ``(n,)``; every one in ``0 .. shape[0]-1``, else `InvalidDatasetError`.

        Returns:
            Shape ``(n, *shape[1:])``.
        """
        ...

    def digest(self) -> ArchiveDigest:
        """Return the digest over every file of the archive (see `polaris.domain.checksums`)."""
        ...

    def files(self) -> Sequence[FileChecksum]:
        """Return path, md5 and size of every file of the archive, sorted by path."""
        ...

    def load(self) -> ArraySource:
        """Return the same archive with all arrays decoded in memory."""
        ...
