"""Streams into a bucket, on a real store: parts, checksums that are kept, pages of listings."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable

import attrs
import pytest

from polaris.errors import ObjectExistsError, PolarisChecksumError
from polaris.ports.storage import ByteRange, IfExists, Read, Write
from polaris_adapters.object_store.bucket import BucketStorage

pytestmark = [pytest.mark.slow, pytest.mark.network]

MIB = 2**20
# More than is put by one request.
PIECES = [bytes([i]) * (5 * MIB) for i in range(14)]
SIZE = sum(map(len, PIECES))
SHA = hashlib.sha256(b"".join(PIECES)).hexdigest()

Open = Callable[[], BucketStorage]


async def _pieces(*, then: BaseException | None = None) -> AsyncIterator[bytes]:
    for piece in PIECES:
        yield piece
    if then is not None:
        raise then


@pytest.fixture
def bucket(open_bucket: Open) -> BucketStorage:
    return open_bucket()


async def test_a_long_stream_comes_in_parts(bucket: BucketStorage) -> None:
    found = await bucket.put_stream("a/large", _pieces(), size=SIZE, sha256=SHA)
    assert found is not None
    assert (found.size, found.sha256) == (SIZE, SHA)
    assert await bucket.digest(["a/large"]) == [found]
    [kept] = await bucket.kept_sums(["a/large"])
    assert kept is not None
    assert (kept.size, kept.sha256) == (SIZE, SHA)
    part = ByteRange(5 * MIB - 1, 5 * MIB + 1)
    assert await bucket.get([Read("a/large", part)]) == [b"\x00\x01"]


async def test_a_long_stream_without_a_sum_has_none_kept(bucket: BucketStorage) -> None:
    assert await bucket.put_stream("large", _pieces()) is not None
    [kept] = await bucket.kept_sums(["large"])
    assert kept is not None
    assert (kept.size, kept.sha256) == (SIZE, None)


@pytest.mark.parametrize(("size", "sha256"), [(SIZE + 1, None), (None, "0" * 64)])
async def test_a_long_stream_of_something_else_is_not_there(
    bucket: BucketStorage, size: int | None, sha256: str | None
) -> None:
    await bucket.put([Write("large", b"before")])
    with pytest.raises(PolarisChecksumError):
        await bucket.put_stream("large", _pieces(), size=size, sha256=sha256)
    assert await bucket.get([Read("large")]) == [b"before"]


async def test_a_long_stream_that_breaks_off_is_not_there(bucket: BucketStorage) -> None:
    with pytest.raises(ConnectionError):
        await bucket.put_stream("large", _pieces(then=ConnectionError()))
    assert await bucket.stat(["large"]) == [None]


async def test_a_long_stream_leaves_what_came_meanwhile(bucket: BucketStorage) -> None:
    async def overtaken() -> AsyncIterator[bytes]:
        async for piece in _pieces():
            yield piece
        await bucket.put([Write("large", b"faster")])

    with pytest.raises(ObjectExistsError):
        await bucket.put_stream("large", overtaken(), if_exists=IfExists.RAISE)
    await bucket.delete(["large"])
    assert await bucket.put_stream("large", overtaken(), if_exists=IfExists.SKIP) is None
    assert await bucket.get([Read("large")]) == [b"faster"]


async def test_what_others_kept_with_an_object_is_no_sum(bucket: BucketStorage) -> None:
    import obstore

    obstore.put(bucket._store, "object", os.urandom(9), attributes={"sha256": "anything"})
    [kept] = await bucket.kept_sums(["object"])
    assert kept is not None
    assert kept.sha256 is None


async def test_a_store_in_key_order_is_asked_for_what_comes_behind_a_key(
    bucket: BucketStorage,
) -> None:
    # The store of these tests is in key order where no name is the beginning of another.
    keys = [f"{folder}/{i:03}" for folder in ("a", "b") for i in range(600)]
    await bucket.put([Write(key, b"x") for key in keys])
    for in_order in (True, False):
        bucket.is_in_key_order = in_order
        for prefix, after, first in (("", "a/598", 599), ("b", "", 600), ("b", "b/597", 1198)):
            pages = bucket.list_sorted(prefix, after=after)
            assert [stat.key async for page in pages for stat in page] == keys[first:]


@pytest.mark.parametrize(
    ("endpoint", "in_order"),
    [
        ("https://s3.eu-north-1.amazonaws.com", True),
        ("https://amazonaws.com.example.org", False),
        ("http://127.0.0.1:8333", False),
    ],
)
def test_amazon_is_known_to_list_in_key_order(
    bucket: BucketStorage, endpoint: str, in_order: bool
) -> None:
    place = attrs.evolve(bucket.place, endpoint=endpoint)
    assert BucketStorage(place, bucket.credentials)._is_in_key_order is in_order
