"""From the reply of a released hub to our canonical document, and to where its objects lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import HubReplyError, InvalidNameError
from polaris_adapters.hub_http.origins import checked_url
from polaris_adapters.hub_http.wire.replies import needed, owner_slug, text

__all__ = ["Received", "received"]

# Where things lie among the objects of an artifact; the application's layout.
_TABLE = "table.parquet"
_ARCHIVE = "data.zarr"
_UNNAMED = "test"
# What says where objects lie; it becomes addresses, and stays out of the document.
_PLACES = frozenset({"root", "extension", "tableContent", "zarrContent", "zarrRootPath", "split"})


@attrs.frozen
class Received:
    """What a reply says of an artifact.

    Attributes:
        document: Canonical.
        urls: Address of each object, by its key; a folder's key ends in ``/``.
        subject: The artifact that this one is about.
    """

    document: Mapping[str, Any]
    urls: Mapping[str, str]
    subject: ArtifactRef | None = None


def received(ref: ArtifactRef, reply: Mapping[str, Any], *, version: int, base: str) -> Received:
    """Return what a reply says.

    Args:
        ref: What was asked for.
        reply: The JSON object that came.
        version: The version of the artifact's model, which the path of the request has.
        base: Address of the reply; addresses in it may be relative to that.

    Raises:
        HubReplyError: Something that is needed is missing, or is not what it should be.
    """
    where = str(ref)
    document = {
        key: value for key, value in reply.items() if value is not None and key not in _PLACES
    }
    document |= {"version": version, "artifactId": ref.artifact_id}
    document.setdefault("slug", ref.slug)
    document.setdefault("owner", ref.owner)
    if ref.kind is ArtifactKind.DATASET and version == 1:
        return _table(reply, document, base)
    if ref.kind is ArtifactKind.DATASET:
        return _archive(reply, document, base)
    if ref.kind is ArtifactKind.COMPETITION:
        split = {"split": reply["split"]} if "split" in reply else {}
        # A competition is a dataset that is an archive, and a task on it.
        return _archive(reply, document | split | {"version": 2}, base)
    if ref.kind is ArtifactKind.BENCHMARK:
        subject = _dataset(reply, where)
        document["datasetArtifactId"] = subject.artifact_id
        document.pop("dataset", None)
        if version == 1:
            return Received(document | {"split": reply.get("split")}, {}, subject)
        splits, urls = _splits(reply.get("split"), where, base)
        return Received(document | {"split": splits}, urls, subject)
    return Received(document, {})


def _table(reply: Mapping[str, Any], document: dict[str, Any], base: str) -> Received:
    urls: dict[str, str] = {}
    content = reply.get("tableContent")
    if text(reply, "root"):
        urls[_TABLE] = _address(reply["root"], base)
    elif isinstance(content, Mapping) and text(content, "url"):
        urls[_TABLE] = str(content["url"])  # Of the older wire: relative to its API.
    if text(reply, "extension"):
        urls[f"{_ARCHIVE}/"] = _address(reply["extension"], base)
    annotations = reply.get("annotations")
    points = isinstance(annotations, Mapping) and any(
        isinstance(a, Mapping) and a.get("isPointer") for a in annotations.values()
    )
    if text(reply, "extension") or points:
        document["zarrRootPath"] = _ARCHIVE
    return Received(document, urls)


def _archive(reply: Mapping[str, Any], document: dict[str, Any], base: str) -> Received:
    urls = {f"{_ARCHIVE}/": _address(reply["root"], base)} if text(reply, "root") else {}
    return Received(document | {"zarrRootPath": _ARCHIVE}, urls)


def _address(url: str, base: str) -> str:
    """Return an address made absolute; names of buckets stay as they are."""
    scheme = url.partition("://")[0].lower()
    if "://" in url and scheme not in ("http", "https"):
        return url
    return checked_url(url, base=base)


def _dataset(reply: Mapping[str, Any], where: str) -> ArtifactRef:
    """Return the dataset of a benchmark, which is named in one of two ways."""
    found = reply.get("dataset")
    if not isinstance(found, Mapping):
        found = {"artifactId": text(reply, "datasetArtifactId")}
    artifact_id = text(found, "artifactId")
    try:
        if artifact_id is not None:
            return ArtifactRef.parse(ArtifactKind.DATASET, artifact_id)
        # In the oldest replies the dataset has the owner of the benchmark.
        owner = owner_slug(found.get("owner")) or owner_slug(reply.get("owner")) or ""
        name = text(found, "slug") or needed(found, "name", where=f"the dataset of the {where}")
        return ArtifactRef.of(ArtifactKind.DATASET, owner, name)
    except InvalidNameError as cause:
        raise HubReplyError(
            f"The hub names no dataset of the {where}: {cause.message}",
            hint="Ask the operators of the hub.",
        ) from cause


def _splits(
    split: Any, where: str, base: str
) -> tuple[dict[str, dict[str, dict[str, Any]]], dict[str, str]]:
    """Return the splits of a benchmark in canonical form, and the addresses of their bitmaps.

    There are three shapes: named splits; the one split of 0.13, whose parts are addresses; and that
    of 0.11 and 0.12, whose parts say nothing of where they are.
    """
    if not isinstance(split, Mapping):
        raise HubReplyError(f"The hub's answer on the {where} has no split")
    named: Mapping[str, Any] = split
    if set(split) == {"training", "test"} and not _is_named(split):
        named = {_UNNAMED: split}
    splits: dict[str, dict[str, dict[str, Any]]] = {}
    urls: dict[str, str] = {}
    for position, (label, parts) in enumerate(named.items()):
        if not isinstance(parts, Mapping):
            raise HubReplyError(f"The split {label!r:.60} of the {where} has no parts")
        splits[label] = {}
        for part in ("training", "test"):
            key = f"splits/{position}/{part}.roaring"
            told = parts.get(part)
            fields = dict(told) if isinstance(told, Mapping) else {}
            url = fields.pop("filePath", None) if fields else told
            if isinstance(url, str) and url:
                urls[key] = _address(url, base)
            splits[label][part] = {**fields, "filePath": key}
    return splits, urls


def _is_named(split: Mapping[str, Any]) -> bool:
    """Tell splits that happen to be named so from the two parts of one split."""
    return all(isinstance(p, Mapping) and {"training", "test"} <= set(p) for p in split.values())
