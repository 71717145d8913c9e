"""Replies in the dialect of S3: XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from starlette.responses import Response

from polaris.ports.storage import ObjectStat

__all__ = ["S3Fault", "listing_reply", "xml_reply"]

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_STATUSES = {
    "AccessDenied": 403, "SignatureDoesNotMatch": 403, "RequestTimeTooSkewed": 403,
    "NoSuchKey": 404, "NoSuchBucket": 404, "NoSuchUpload": 404, "PreconditionFailed": 412,
    "MethodNotAllowed": 405, "EntityTooLarge": 413, "InvalidRange": 416, "SlowDown": 503,
    "InternalError": 500,
}  # fmt: skip


class S3Fault(Exception):
    """A call is refused.

    Args:
        code: Error code of S3.
        message: Why.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    def reply(self, request_id: str, *, with_body: bool = True) -> Response:
        """Return the reply that tells it; to ``HEAD`` there is no body."""
        status = _STATUSES.get(self.code, 400)
        fields = [("Code", self.code), ("Message", self.message), ("RequestId", request_id)]
        body = _written("Error", fields, namespace=None) if with_body else b""
        return Response(body, status, media_type="application/xml")


def xml_reply(name: str, fields: Iterable[tuple[str, str]]) -> Response:
    """Return a reply of one element with others in it."""
    return Response(_written(name, fields), media_type="application/xml")


def _written(
    name: str, fields: Iterable[tuple[str, str]], *, namespace: str | None = _NAMESPACE
) -> bytes:
    root = ET.Element(name, {} if namespace is None else {"xmlns": namespace})
    for key, value in fields:
        ET.SubElement(root, key).text = _clean(value)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def listing_reply(
    *,
    bucket: str,
    prefix: str,
    delimiter: str,
    objects: Sequence[ObjectStat],
    folders: Sequence[str],
    encode: bool,
    limit: int,
    next_token: str | None,
) -> Response:
    """Return a page of a listing (ListObjectsV2).

    Args:
        bucket: Name of the bucket.
        prefix: What all keys begin with.
        delimiter: What ends a folder.
        objects: Those of the page, with whole keys.
        folders: What folders begin with, whole.
        encode: Whether keys are written as in addresses.
        limit: Most entries in a page.
        next_token: Gets the next page.
    """

    def spelt(text: str) -> str:
        return quote(text) if encode else _clean(text)

    root = ET.Element("ListBucketResult", {"xmlns": _NAMESPACE})
    fields = [("Name", bucket), ("Prefix", spelt(prefix)), ("MaxKeys", str(limit))]
    fields += [("KeyCount", str(len(objects) + len(folders)))]
    fields += [("IsTruncated", "true" if next_token else "false")]
    fields += [("Delimiter", spelt(delimiter))] if delimiter else []
    fields += [("EncodingType", "url")] if encode else []
    fields += [("NextContinuationToken", next_token)] if next_token else []
    for key, value in fields:
        ET.SubElement(root, key).text = value
    for stat in objects:
        entry = ET.SubElement(root, "Contents")
        moment = stat.modified or datetime(1970, 1, 1, tzinfo=UTC)
        stamp = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        for key, value in (("Key", spelt(stat.key)), ("LastModified", stamp),
                           ("ETag", f'"{stat.size}"'), ("Size", str(stat.size)),
                           ("StorageClass", "STANDARD")):  # fmt: skip
            ET.SubElement(entry, key).text = value
    for folder in folders:
        ET.SubElement(ET.SubElement(root, "CommonPrefixes"), "Prefix").text = spelt(folder)
    body = bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
    return Response(body, media_type="application/xml")


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
