"""What the hub asks of a token service, and what it takes for an answer; a real one is tried too,
in ``test_bucket_signing.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import PolarisUnauthorizedError, StorageError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris_adapters.object_store.sts import StsCredentials

HERE = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "molecules"), "a" * 64)
PLACE = BucketPlace("https://s3.example", "bucket", "objects", "eu-north-1")
FOLDER = f"objects/datasets/acme/molecules/{'a' * 64}"
GIVEN = """<AssumeRoleResponse><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>se/cret+&amp;more</SecretAccessKey>
<SessionToken>to&lt;ken</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""


@attrs.define
class Service:
    """Answers as it is told, and notes what it was asked."""

    status: int = 200
    reply: str = GIVEN
    url: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes = b""

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        self.url, self.headers, self.body = url, headers, body
        return self.status, self.reply.encode()


def _credentials(service: Service) -> StsCredentials:
    async def own() -> BucketCredentials:
        return BucketCredentials("AKIAOWN", Secret("own-secret"), Secret("own-token"))

    now = datetime(2026, 1, 1, tzinfo=UTC)
    role = "arn:aws:iam::123456789012:role/hub"
    return StsCredentials(PLACE, own, role, service, "https://sts.example", lambda: now)


@pytest.mark.parametrize("write", [False, True])
async def test_the_policy_is_for_the_folder_of_the_revision(write: bool) -> None:
    service = Service()
    grant = await _credentials(service).issue(HERE, write=write, seconds=60)
    asked = {name: values[0] for name, values in parse_qs(service.body.decode()).items()}
    assert service.url == "https://sts.example/"
    assert (asked["Action"], asked["DurationSeconds"]) == ("AssumeRole", "900")
    objects, listing = json.loads(asked["Policy"])["Statement"]
    assert objects["Resource"] == [f"arn:aws:s3:::bucket/{FOLDER}/*"]
    assert ("s3:PutObject" in objects["Action"]) is write
    assert listing["Condition"]["StringLike"]["s3:prefix"] == [f"{FOLDER}/*", f"{FOLDER}/"]
    assert grant.place == attrs.evolve(PLACE, prefix=FOLDER)
    found = grant.credentials
    assert found.access_key == "ASIAEXAMPLE"
    assert found.secret_key.reveal() == "se/cret+&more"
    assert found.session_token is not None
    assert found.session_token.reveal() == "to<ken"
    assert found.expires_at == datetime(2026, 1, 1, 1, tzinfo=UTC)


async def test_the_call_is_signed_for_the_service() -> None:
    service = Service()
    await _credentials(service).issue(HERE, write=False, seconds=3600)
    signed = service.headers["authorization"]
    assert "Credential=AKIAOWN/20260101/eu-north-1/sts/aws4_request" in signed
    names = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token"
    assert f"SignedHeaders={names}," in signed
    assert service.headers["x-amz-security-token"] == "own-token"
    assert "own-secret" not in str(service.headers)


@pytest.mark.parametrize(
    ("status", "reply", "kind"),
    [
        (403, "<Error><Code>AccessDenied</Code></Error>", PolarisUnauthorizedError),
        (400, "<Error><Code>MalformedPolicyDocument</Code></Error>", StorageError),
        (200, "<html>welcome</html>", StorageError),
        (200, GIVEN.replace("2026-01-01T01:00:00Z", "soon"), StorageError),
        (200, GIVEN.replace("SessionToken", "Other"), StorageError),
        (500, "\x00" * 100, StorageError),
    ],
)
async def test_anything_else_is_an_error_in_our_words(
    status: int, reply: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=f"HTTP status {status}") as caught:
        await _credentials(Service(status, reply)).issue(HERE, write=False, seconds=60)
    assert "role" in str(caught.value)
    assert "secret" not in str(caught.value)
