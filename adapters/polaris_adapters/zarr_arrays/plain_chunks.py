"""Decoding the chunks of plain arrays without zarr's machinery.

zarr 3 spends 0.1 to 0.2 ms on each chunk, however small it is, and decodes into memory of its own.
Chunks of plain arrays, which are nearly all there are, are decoded here, into their place.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import zarr
from numcodecs import Blosc  # type: ignore[import-untyped]  # It ships no annotations.
from numpy.typing import NDArray
from zarr.core.metadata import ArrayV2Metadata

from polaris.application.loop_thread import run_blocking

__all__ = ["PlainChunks"]

# Bytes before the content; those from the fifth to the eighth are the decoded length.
# Source: the format of C-Blosc 1, README_CHUNK_FORMAT.rst.
_BLOSC_HEADER = 16
# Decoding so many bytes takes a thread longer than starting it does.
_WORTH_A_THREAD = 2**18


@attrs.frozen(eq=False)
class PlainChunks:
    """How the chunks of a plain array are decoded.

    An array is plain if it is of format 2, holds numbers in C order, has no filters, and if its
    chunks lie along the first axis alone.

    Attributes:
        metadata: The array's.
        shape: Shape of a chunk.
        dtype: Type of its elements.
    """

    metadata: ArrayV2Metadata
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, array: zarr.Array[Any]) -> PlainChunks | None:
        """Return how an array's chunks are decoded; None where that is for zarr to know."""
        metadata = array.metadata
        if (
            not isinstance(metadata, ArrayV2Metadata)
            or metadata.filters
            or metadata.order != "C"
            or array.dtype.kind not in "biufc"
            or not array.dtype.isnative
            or array.chunks[1:] != array.shape[1:]
        ):
            return None
        return cls(metadata, array.chunks, array.dtype)

    def keys(self, chunks: NDArray[np.int64]) -> list[str]:
        """Return the names of the objects that hold chunks, relative to the array's folder."""
        others = (0,) * (len(self.shape) - 1)
        return [self.metadata.encode_chunk_key((chunk, *others)) for chunk in chunks.tolist()]

    def decode(
        self, contents: Sequence[bytes | None], counts: NDArray[np.int64], out: NDArray[Any]
    ) -> bool:
        """Decode chunks into an array.

        Args:
            contents: The chunks as they are stored; None for one that was never written.
            counts: How many rows of each are of use, from its first one.
            out: Takes these rows, one chunk after the other.

        Returns:
            False where one of them cannot be decoded; zarr says why.
        """
        stops = np.cumsum(counts)
        places = [
            (content, out[stop - count : stop])
            for content, stop, count in zip(contents, stops.tolist(), counts.tolist(), strict=True)
        ]
        size = math.prod(self.shape) * self.dtype.itemsize
        threads = min(len(places), 4, os.cpu_count() or 1) if size >= _WORTH_A_THREAD else 1
        if threads < 2 or self.metadata.compressor is None:
            return self._decode(places)
        return all(run_blocking(self._in_threads(places, threads)))

    async def _in_threads(
        self, places: list[tuple[bytes | None, NDArray[Any]]], threads: int
    ) -> list[bool]:
        parts = (
            asyncio.to_thread(self._decode, places[first::threads]) for first in range(threads)
        )
        return await asyncio.gather(*parts)

    def _fits(self, content: bytes, place: NDArray[Any]) -> bool:
        """Return whether a chunk of blosc is as long as its place, which it then fills."""
        return (
            len(place) == self.shape[0]
            and len(content) >= _BLOSC_HEADER
            and int.from_bytes(content[4:8], "little") == place.nbytes
        )

    def _decode(self, places: list[tuple[bytes | None, NDArray[Any]]]) -> bool:
        compressor, length = self.metadata.compressor, math.prod(self.shape)
        for content, place in places:
            if content is None and self.metadata.fill_value is not None:
                place[...] = self.metadata.fill_value
                continue
            if content is None:
                return False
            try:
                if isinstance(compressor, Blosc) and self._fits(content, place):
                    compressor.decode(content, out=place)
                    continue
                decoded = content if compressor is None else compressor.decode(content)
                values = np.frombuffer(decoded, self.dtype)
            except Exception:  # What codecs raise for damaged bytes is not specified.
                return False
            if len(values) != length:
                return False
            place[...] = values.reshape(self.shape)[: len(place)]
        return True
