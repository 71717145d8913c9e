"""Calls in the dialect of S3: who makes one, by what right, and with what body.

Source: docs of Amazon S3 (REST API); the session token is ``jwt/`` and a storage token.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl

import attrs
from starlette.requests import Request

from polaris.errors import InvalidInputError
from polaris_adapters.hub_server.access import Act, allows
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.released.places import BUCKET, Place
from polaris_adapters.hub_server.released.s3_replies import S3Fault
from polaris_adapters.hub_server.released.s3_signature import (
    UNSIGNED,
    SignatureFault,
    parse_signature,
)
from polaris_adapters.hub_server.released.tokens import Purpose
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.streamed_body import StreamedBody, md5_in

__all__ = ["S3Body", "S3Call", "s3_call"]

_SESSION = "jwt/"


@attrs.frozen
class S3Body:
    """The body of a call, compared with its checksums as it comes.

    Attributes:
        body: The body.
        sums: By algorithm: what it has to have, and the error code and the header of that.
    """

    body: StreamedBody
    sums: Mapping[str, tuple[str, str, str]]

    @property
    def size(self) -> int | None:
        """Bytes that were announced; None if that was not said."""
        return self.body.size

    @property
    def sha256(self) -> str | None:
        """What the header of HTTP says; that of S3 is looked at here."""
        return self.body.sha256

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body.

        Raises:
            S3Fault: It does not have its checksums.
        """
        running = {name: hashlib.new(name, usedforsecurity=False) for name in self.sums}
        async for piece in self.body.pieces():
            for one in running.values():
                one.update(piece)
            yield piece
        for name, (wanted, code, header) in self.sums.items():
            if running[name].hexdigest() != wanted:
                raise S3Fault(code, f"The body does not have its {header}")


@attrs.frozen
class S3Call:
    """A call whose maker is known.

    Attributes:
        request: The call.
        caller: Who makes it.
        place: What it has a right to.
        may_write: Whether it may write there.
        query: Names and values, decoded; of a name that is there twice, the last.
    """

    request: Request
    caller: Caller
    place: Place
    may_write: bool
    query: Mapping[str, str]

    @property
    def key(self) -> str:
        """Key among the objects of the artifact.

        Raises:
            S3Fault: It lies elsewhere.
        """
        found = str(self.request.path_params["key"])
        if not found.startswith(self.place.prefix):
            raise S3Fault("AccessDenied", "The storage token is not for this key")
        return found.removeprefix(self.place.prefix)

    def require_write(self) -> Place:
        """Return the upload that the call may write to.

        Raises:
            S3Fault: It may not write.
        """
        if not self.may_write or self.place.upload is None:
            raise S3Fault("AccessDenied", "The storage token is for reading only")
        return self.place

    def body(self, largest: int) -> S3Body:
        """Return the body; it is compared with its checksums as it comes.

        Raises:
            S3Fault: The checksums cannot be some.
        """
        try:
            md5 = md5_in(self.request)
        except InvalidInputError as cause:
            raise S3Fault("InvalidDigest", cause.message) from cause
        whole = StreamedBody.of(self.request, largest=largest)
        claimed = self.request.headers.get("x-amz-content-sha256", "")
        sums = {} if md5 is None else {"md5": (md5, "BadDigest", "Content-MD5")}
        if claimed != UNSIGNED:
            told = (claimed, "XAmzContentSHA256Mismatch", "x-amz-content-sha256")
            sums["sha256"] = told
        kept = self.request.headers.get("x-amz-meta-md5sum")
        if kept is not None and md5 not in (None, kept):
            raise S3Fault("BadDigest", "Content-MD5 and x-amz-meta-md5sum differ")
        if kept is not None:
            sums["md5"] = (kept, "BadDigest", "x-amz-meta-md5sum")
        return S3Body(attrs.evolve(whole, md5=None), sums)


async def s3_call(wire: ReleasedWire, request: Request) -> S3Call:
    """Return a call whose token and signature are good.

    Raises:
        S3Fault: They are not.
    """
    if request.path_params.get("bucket") != BUCKET:
        raise S3Fault("NoSuchBucket", "There is no such bucket")
    session = request.headers.get("x-amz-security-token", "")
    if not session.startswith(_SESSION):
        raise S3Fault("AccessDenied", "The call carries no storage token")
    claims = wire.tokens.read(Purpose.STORAGE, session.removeprefix(_SESSION))
    place = None if claims is None else Place.parse(claims.get("place"))
    if claims is None or place is None:
        raise S3Fault("InvalidToken", "The storage token is not one of this hub")
    if wire.tokens.has_ended(claims):
        raise S3Fault("ExpiredToken", "The storage token has ended")
    pairs = _query(request)
    try:
        signature = parse_signature(request.headers.get("authorization", ""))
        if signature.access_key != f"PK{claims['jti']}":
            raise S3Fault("InvalidAccessKeyId", "The key is not that of the storage token")
        signature.check(
            secret=wire.tokens.secret_of(claims),
            method=request.method,
            path=_raw_path(request),
            query=pairs,
            headers=_headers(request),
            now=wire.hub.clock.now(),
        )
    except SignatureFault as fault:
        raise S3Fault(fault.code, fault.message) from fault
    caller = await wire.sign_ins.by_name(claims["sub"], shown=claims.get("shown"))
    if caller is None:
        raise S3Fault("InvalidToken", "The account of the storage token is no more")
    may_write = claims.get("scope") == "write"
    if may_write and not allows(caller, Act.CHANGE, place.ref.owner):
        raise S3Fault("AccessDenied", "The right to write was taken back")
    return S3Call(request, caller, place, may_write, dict(pairs))


def _query(request: Request) -> list[tuple[str, str]]:
    text = request.scope.get("query_string", b"").decode("latin-1")
    try:
        # A plus is a plus here, and no space.
        return parse_qsl(
            text.replace("+", "%2B"), keep_blank_values=True, max_num_fields=100, errors="strict"
        )
    except ValueError as cause:
        raise S3Fault("InvalidRequest", "The query is not understood") from cause


def _raw_path(request: Request) -> str:
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return bytes(raw).decode("latin-1").partition("?")[0]


def _headers(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
