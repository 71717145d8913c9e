"""Signed addresses and temporary credentials of a bucket, on a real store."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import httpx
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import PolarisUnauthorizedError, StorageError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.buckets import BucketCredentials, BucketPlace, TemporaryCredentials
from polaris.ports.storage import Read, Write
from polaris.ports.storage_powers import SignedRequest, SignRequest
from polaris_adapters.object_store import RevisionStorage
from polaris_adapters.object_store.bucket import BucketStorage
from polaris_adapters.object_store.sts import StsCredentials

pytestmark = [pytest.mark.slow, pytest.mark.network]

_check: type[TemporaryCredentials] = StsCredentials

DATA = b"content of an object"
SHA = hashlib.sha256(DATA).hexdigest()
PUT = SignRequest("PUT", "a folder/é+?.bin", len(DATA), SHA)
DATASET = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")
HERE, THERE = ArtifactLocation(DATASET, "0" * 64), ArtifactLocation(DATASET, "0" * 63 + "1")
# The one that tests/s3_fixtures.py makes.
ROLE = "arn:aws:iam::role/PolarisHub"

Open = Callable[[], BucketStorage]


@pytest.fixture
def bucket(open_bucket: Open) -> BucketStorage:
    return open_bucket()


async def _signed(bucket: BucketStorage, request: SignRequest, seconds: int = 60) -> SignedRequest:
    [found] = await bucket.sign([request], seconds=seconds)
    assert found is not None
    return found


def _put(signed: SignedRequest, data: bytes, **headers: str | None) -> int:
    told = {k: v for k, v in (dict(signed.headers) | headers).items() if v is not None}
    return _ask("PUT", signed.url, content=data, headers=told).status_code


def _ask(method: str, url: str, **request: Any) -> httpx.Response:
    return httpx.request(method, url, trust_env=False, **request)


async def test_an_object_goes_in_and_out_by_addresses(bucket: BucketStorage) -> None:
    assert _put(await _signed(bucket, PUT), DATA) == 200
    signed = await _signed(bucket, SignRequest("GET", PUT.key))
    reply = _ask("GET", signed.url, headers={"range": "bytes=1-3"})
    assert (reply.status_code, reply.content) == (206, b"ont")
    assert await bucket.get([Read(PUT.key)]) == [DATA]
    # The store has compared it; nobody has to read it for that.
    [kept] = await bucket.kept_sums([PUT.key])
    assert kept is not None
    assert kept.sha256 == SHA


async def test_the_store_takes_nothing_but_what_was_signed_for(bucket: BucketStorage) -> None:
    signed = await _signed(bucket, PUT)
    same_length = DATA.upper()
    assert _put(signed, same_length) == 400
    assert _put(signed, DATA + b"!", **{"content-length": None}) >= 400
    assert _put(signed, same_length, **{"x-amz-checksum-sha256": None}) == 403
    assert _put(signed, DATA, **{"x-amz-meta-sha256": "0" * 64}) == 403
    assert await bucket.stat([PUT.key]) == [None]


async def test_an_address_is_for_one_method_and_one_object(bucket: BucketStorage) -> None:
    await bucket.put([Write("one", DATA), Write("two", DATA)])
    signed = await _signed(bucket, SignRequest("GET", "one"))
    assert _ask("GET", signed.url.replace("/one?", "/two?")).status_code == 403
    assert _ask("DELETE", signed.url).status_code == 403
    assert _ask("PUT", signed.url, content=b"x").status_code == 403
    assert await bucket.get([Read("one"), Read("two")]) == [DATA, DATA]


async def test_an_address_for_a_new_object_replaces_none(bucket: BucketStorage) -> None:
    signed = await _signed(bucket, attrs.evolve(PUT, only_new=True))
    assert _put(signed, DATA) == 200
    assert _put(signed, DATA) == 412


async def test_an_address_ends_no_later_than_the_credentials(bucket: BucketStorage) -> None:
    now = datetime.now(UTC)

    async def ending() -> BucketCredentials:
        ends = now + timedelta(seconds=30)
        return BucketCredentials("polaris-key", Secret("polaris-secret"), expires_at=ends)

    def at(seconds: int) -> BucketStorage:
        return BucketStorage(bucket.place, ending, now=lambda: now + timedelta(seconds=seconds))

    assert (await _signed(at(0), PUT, 900)).expires_at == now + timedelta(seconds=30)
    assert await at(31).sign([PUT], seconds=900) == [None]
    old = await _signed(at(-100), SignRequest("GET", "one"), 60)
    assert _ask("GET", old.url).status_code == 403


async def test_addresses_are_of_the_public_endpoint_or_of_none(bucket: BucketStorage) -> None:
    bucket.public_endpoint = "https://objects.example.org"
    assert (await _signed(bucket, PUT)).url.startswith(
        "https://objects.example.org/polaris/folder-"
    )
    bucket.signs = False
    assert await bucket.sign([PUT], seconds=60) == [None]


async def _post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    async with httpx.AsyncClient(trust_env=False) as client:
        reply = await client.post(url, headers=dict(headers), content=body)
    return reply.status_code, reply.content


@pytest.fixture
def sts(bucket: BucketStorage) -> StsCredentials:
    return StsCredentials(bucket.place, bucket.credentials, ROLE, _post)


async def _opened(sts: StsCredentials, place: BucketPlace | None = None, *, write: bool
                  ) -> BucketStorage:  # fmt: skip
    grant = await sts.issue(HERE, write=write, seconds=900)
    assert grant.credentials.expires_at is not None
    assert timedelta(0) < grant.credentials.expires_at - datetime.now(UTC) < timedelta(hours=1)

    async def credentials() -> BucketCredentials:
        return grant.credentials

    return BucketStorage(place or grant.place, credentials)


async def _refuses(store: BucketStorage, *, write: bool) -> bool:
    try:
        if write:
            await store.put([Write("object", b"x")])
        else:
            await store.get([Read("object")])
    except PolarisUnauthorizedError:
        return True
    return False


async def test_temporary_credentials_are_for_one_revision(
    bucket: BucketStorage, sts: StsCredentials
) -> None:
    storage = RevisionStorage(bucket)
    for location in (HERE, THERE):
        await (await storage.open(location, write=True)).put([Write("object", DATA)])
    reader = await _opened(sts, write=False)
    assert await reader.get([Read("object")]) == [DATA]
    assert await _refuses(reader, write=True)
    writer = await _opened(sts, write=True)
    assert await writer.put([Write("data.zarr/new", b"x")]) == [True]
    assert await (await storage.open(HERE)).get([Read("data.zarr/new")]) == [b"x"]
    other = attrs.evolve(writer.place, prefix=writer.place.prefix[:-1] + "1")
    for place in (other, attrs.evolve(other, prefix=bucket.place.prefix)):
        stranger = await _opened(sts, place, write=True)
        assert await _refuses(stranger, write=True)
        assert await _refuses(stranger, write=False)


async def test_temporary_credentials_list_one_revision(
    bucket: BucketStorage, sts: StsCredentials
) -> None:
    await (await RevisionStorage(bucket).open(HERE, write=True)).put([Write("object", DATA)])
    reader = await _opened(sts, write=False)
    assert [stat.key async for page in reader.list() for stat in page] == ["object"]
    above = await _opened(sts, attrs.evolve(reader.place, prefix=""), write=False)
    with pytest.raises(StorageError):
        assert [page async for page in above.list()]


async def test_a_role_that_may_not_be_assumed_is_told_of(sts: StsCredentials) -> None:
    for other in (
        attrs.evolve(sts, role=f"{ROLE}-of-others"),
        attrs.evolve(sts, credentials=_wrong),
    ):
        with pytest.raises((PolarisUnauthorizedError, StorageError)) as caught:
            await other.issue(HERE, write=False, seconds=900)
        assert "wrong-and-secret" not in str(caught.value)
        assert "role" in caught.value.hint


async def _wrong() -> BucketCredentials:
    return BucketCredentials("polaris-key", Secret(f"wrong-and-secret-{os.getpid()}"))
