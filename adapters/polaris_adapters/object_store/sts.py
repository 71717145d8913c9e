"""Temporary credentials of stores that have a token service (``AssumeRole``).

Source: AWS Security Token Service API Reference (AssumeRole), IAM User Guide ("Session policies").
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import unescape

import attrs

from polaris.domain.secret import Secret
from polaris.errors import PolarisUnauthorizedError, StorageError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.buckets import BucketCredentials, BucketGrant, BucketPlace
from polaris_adapters.object_store.artifact_storage import folder_of
from polaris_adapters.object_store.signature_v4 import Signer

__all__ = ["Post", "StsCredentials"]

#: Sends a body to an address with headers, and returns the status and the body of the reply.
Post = Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]

_FORM = "application/x-www-form-urlencoded"
_READING = ("s3:GetObject",)
_WRITING = ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
# What the service gives at least.
_LEAST = 900


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen
class StsCredentials:
    """A `TemporaryCredentials` by ``AssumeRole`` with a session policy.

    What credentials allow is what the role and the policy both allow. So the role may be for the
    whole bucket: the policy is for the folder of one revision.

    Attributes:
        place: The folder of the bucket in which each revision has one of its own; its endpoint is
            the one that is told to whoever gets the credentials.
        credentials: Gives credentials that may assume the role.
        role: ARN of the role.
        post: Sends requests.
        endpoint: Address of the token service; the store's own when None.
        now: Tells the time that the service has.
    """

    place: BucketPlace
    credentials: Callable[[], Awaitable[BucketCredentials]] = attrs.field(repr=False)
    role: str
    post: Post = attrs.field(repr=False)
    endpoint: str | None = None
    now: Callable[[], datetime] = attrs.field(default=_now, repr=False)

    async def issue(
        self, location: ArtifactLocation, /, *, write: bool, seconds: int
    ) -> BucketGrant:
        """See `TemporaryCredentials`."""
        prefix = "/".join(part for part in (self.place.prefix, folder_of(location)) if part)
        form = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": self.role,
            "RoleSessionName": f"polaris-{location.revision[:16]}",
            "DurationSeconds": str(max(seconds, _LEAST)),
            "Policy": json.dumps(_policy(self.place.bucket, prefix, write=write)),
        }
        body = urlencode(form).encode()
        url = (self.endpoint or self.place.endpoint).rstrip("/") + "/"
        region = "us-east-1" if self.place.region == "auto" else self.place.region
        signer = Signer(await self.credentials(), region, "sts")
        headers = signer.headers(
            "POST", url, headers={"content-type": _FORM}, body=body, now=self.now()
        )
        status, reply = await self.post(url, headers, body)
        found = _credentials(status, reply.decode("utf-8", "replace"), url)
        return BucketGrant(attrs.evolve(self.place, prefix=prefix), found)


def _policy(bucket: str, prefix: str, *, write: bool) -> dict[str, Any]:
    """Return a policy for a folder of a bucket."""
    root = f"arn:aws:s3:::{bucket}"
    actions = [*_READING, *(_WRITING if write else ())]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": [f"{root}/{prefix}/*"]},
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [root],
                "Condition": {"StringLike": {"s3:prefix": [f"{prefix}/*", f"{prefix}/"]}},
            },
        ],
    }


def _credentials(status: int, reply: str, url: str) -> BucketCredentials:
    """Return the credentials in a reply; only what token services write is read here."""
    said = {
        name: unescape(found[1].strip())
        for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        if (found := re.search(f"<{name}>([^<]*)</{name}>", reply)) is not None
    }
    if status == 200 and len(said) == 4:
        try:
            ends = datetime.fromisoformat(said["Expiration"])
        except ValueError:
            ends = None
        if ends is not None and ends.tzinfo is not None:
            return BucketCredentials(
                said["AccessKeyId"],
                Secret(said["SecretAccessKey"]),
                Secret(said["SessionToken"]),
                ends.astimezone(UTC),
            )
    code = re.search("<Code>([A-Za-z0-9.]{1,100})</Code>", reply)
    why = f"HTTP status {status}" + ("" if code is None else f", {code[1]}")
    if status in (401, 403):
        raise PolarisUnauthorizedError(
            f"The token service at {url} refuses to give credentials: {why}",
            hint="Check the role, its trust policy, and the rights of the hub's own keys.",
        )
    raise StorageError(
        f"The token service at {url} gave no credentials: {why}",
        hint="Check the address of the token service and the role.",
    )
