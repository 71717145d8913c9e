"""The dialect of S3 that released clients speak, over the hub's own stores.

Source: the calls of boto3 that clients from 0.9 to 0.12.1 make; path style.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from polaris.application.native_wire.problems import status_of
from polaris.application.object_keys import check_key
from polaris.errors import (
    InvalidInputError,
    ObjectExistsError,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_server.released.announced import Announced
from polaris_adapters.hub_server.released.incoming_body import AnyBody, in_memory
from polaris_adapters.hub_server.released.places import BUCKET
from polaris_adapters.hub_server.released.s3_calls import S3Call, s3_call
from polaris_adapters.hub_server.released.s3_listing import list_objects
from polaris_adapters.hub_server.released.s3_parts import PartStore, new_upload_id, parse_parts
from polaris_adapters.hub_server.released.s3_replies import S3Fault, xml_reply
from polaris_adapters.hub_server.released.serving import object_reply
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.replies import Refused, request_id_of

__all__ = ["S3Routes"]

_LOG = logging.getLogger(__name__)
_SMALL = 2**20


class S3Routes:
    """Objects under keys, as boto3 wants them.

    Args:
        wire: What the routes drive.
    """

    def __init__(self, wire: ReleasedWire) -> None:
        self._wire = wire

    async def bucket(self, request: Request) -> Response:
        """Answer ``GET /s3/{bucket}?list-type=2``."""
        return await _told(request, lambda: self._bucket(request))

    async def object(self, request: Request) -> Response:
        """Answer calls of ``/s3/{bucket}/{key}``."""
        return await _told(request, lambda: self._object(request))

    async def _bucket(self, request: Request) -> Response:
        call = await s3_call(self._wire, request)
        if request.method != "GET" or call.query.get("list-type") != "2":
            raise S3Fault("AccessDenied", "A bucket can be listed, and nothing else")
        return await list_objects(call, await self._store(call))

    async def _object(self, request: Request) -> Response:
        call = await s3_call(self._wire, request)
        check_key(call.key)
        if request.method in ("GET", "HEAD"):
            reply = await object_reply(request, await self._store(call), call.key)
            if reply is None:
                raise S3Fault("NoSuchKey", "There is no such object")
            if reply.status_code == 416:
                raise S3Fault("InvalidRange", "The object has no such part")
            return reply
        call.require_write()
        if request.method == "PUT" and "uploadId" in call.query:
            return await self._part(call)
        if request.method == "PUT":
            return await self._put(call)
        if request.method == "POST" and "uploads" in call.query:
            return await self._begin_parts(call)
        if request.method == "POST" and "uploadId" in call.query:
            return await self._end_parts(call)
        if request.method == "DELETE" and "uploadId" in call.query:
            _, parts = await self._parts(call)
            await parts.forget(call.key)
            return Response(status_code=204)
        raise S3Fault("AccessDenied", "What was sent is not taken back")

    async def _store(self, call: S3Call) -> StoragePort:
        place = call.place
        if place.upload is not None:
            return await self._wire.uploads.opened(await self._announced(call))
        return await self._wire.opened(call.caller, place.ref, place.revision or "", place.ticket)

    async def _announced(self, call: S3Call) -> Announced:
        found = await self._wire.uploads.current(call.place.ref, call.place.upload)
        if found is None:
            raise S3Fault("AccessDenied", "The upload was replaced by another announcement")
        return found

    async def _put(self, call: S3Call) -> Response:
        for name in ("x-amz-copy-source", "x-amz-tagging", "x-amz-acl"):
            if name in call.request.headers:
                raise S3Fault("InvalidRequest", f"{name} is not understood")
        body = call.body(self._wire.hub.limits.object)
        try:
            md5 = await self._kept(call, body)
        except S3Fault:
            await body.body.pass_over()
            raise
        return Response(headers={"etag": f'"{md5}"'})

    async def _kept(self, call: S3Call, body: AnyBody) -> str:
        """Take in an object, and return its MD5."""
        announced = await self._announced(call)
        only_new = call.request.headers.get("if-none-match") == "*"
        md5 = await self._wire.uploads.put_stream(announced, call.key, body, only_new=only_new)
        if md5 is None:
            raise S3Fault("PreconditionFailed", "There is such an object already")
        return md5

    async def _parts(self, call: S3Call) -> tuple[Announced, PartStore]:
        announced = await self._announced(call)
        name = PartStore.check_id(call.query["uploadId"])
        return announced, PartStore(self._wire.uploads.folder.parts(announced, name))

    async def _begin_parts(self, call: S3Call) -> Response:
        announced, name = await self._announced(call), new_upload_id()
        await PartStore(self._wire.uploads.folder.parts(announced, name)).begin(call.key)
        key = call.place.prefix + call.key
        fields = [("Bucket", BUCKET), ("Key", key), ("UploadId", name)]
        return xml_reply("InitiateMultipartUploadResult", fields)

    async def _part(self, call: S3Call) -> Response:
        _, parts = await self._parts(call)
        body = call.body(self._wire.hub.limits.object)
        md5 = await parts.put(call.key, call.query.get("partNumber", ""), body)
        return Response(headers={"etag": f'"{md5}"'})

    async def _end_parts(self, call: S3Call) -> Response:
        _, parts = await self._parts(call)
        named = parse_parts(await in_memory(call.body(_SMALL), _SMALL))
        largest = self._wire.hub.limits.object
        md5 = await self._kept(call, await parts.whole(call.key, named, largest=largest))
        await _forgotten(parts, call.key)
        key = call.place.prefix + call.key
        fields = [("Bucket", BUCKET), ("Key", key), ("ETag", f'"{md5}-{len(named)}"')]
        return xml_reply("CompleteMultipartUploadResult", fields)


async def _forgotten(parts: PartStore, key: str) -> None:
    try:
        await parts.forget(key)
    except S3Fault:
        return  # With the last object of an upload, all of its parts went.


async def _told(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    """Return the reply of some work, whatever it raises."""
    try:
        return await work()
    except S3Fault as fault:
        found = fault
    except Refused as refused:
        code = "EntityTooLarge" if refused.status == 413 else "InvalidRequest"
        found = S3Fault(code, refused.error.message)
    except ClientDisconnect:
        found = S3Fault("IncompleteBody", "The body was cut")
    except PolarisChecksumError as error:
        found = S3Fault("BadDigest", error.message)
    except ObjectExistsError as error:
        found = S3Fault("PreconditionFailed", error.message)
    except InvalidInputError as error:
        found = S3Fault("InvalidRequest", str(error))
    except PolarisError as error:
        found = _fault_of(request, error)
    except Exception as error:
        _LOG.exception("request %s failed", request_id_of(request))
        found = S3Fault("InternalError", type(error).__name__)
    return found.reply(request_id_of(request), with_body=request.method != "HEAD")


def _fault_of(request: Request, error: PolarisError) -> S3Fault:
    status = status_of(error)
    if status < 500:
        return S3Fault("NoSuchKey" if status == 404 else "AccessDenied", error.message)
    _LOG.error("request %s failed: %s", request_id_of(request), error, exc_info=error)
    return S3Fault("SlowDown" if error.retryable else "InternalError", "The hub could not do this")
