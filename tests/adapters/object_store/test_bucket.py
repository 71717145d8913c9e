"""Buckets, on a real store that speaks S3."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from polaris.domain.secret import Secret
from polaris.errors import PolarisUnauthorizedError
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing.suites.storage import StorageSuite
from polaris_adapters.object_store.bucket import BucketStorage

pytestmark = [pytest.mark.slow, pytest.mark.network]

_check: type[StoragePort] = BucketStorage


class TestBucketStorage(StorageSuite):
    # SeaweedFS takes it for a slash.
    unkept = "\\"

    @pytest.fixture
    def storage(self, open_bucket: Callable[[], BucketStorage]) -> StoragePort:
        return open_bucket()


async def test_wrong_credentials_are_told_of(s3_server: str) -> None:
    async def credentials() -> BucketCredentials:
        return BucketCredentials("polaris-key", Secret("wrong-and-secret"))

    storage = BucketStorage(BucketPlace(s3_server, "polaris", "refused"), credentials)
    for call in (storage.get([Read("a")]), storage.put([Write("a", b"x")])):
        with pytest.raises(PolarisUnauthorizedError) as caught:
            await call
        assert "wrong-and-secret" not in f"{caught.value}{caught.value.hint}"
