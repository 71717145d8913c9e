"""Uploads of released clients: invisible until all is there, and then all at once."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from polaris.application.fetch_dataset import FetchDataset
from polaris.application.null_progress import NullProgress
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.domain.checksums.archive import FileChecksum
from polaris.domain.dataset_v1 import DatasetV1
from polaris_adapters.zarr_arrays import ZarrArchives

URN = "urn:polaris:dataset:acme:data-v1"
PATH = "/api/v1/dataset/acme/data-v1"


async def announce(released: Any, sent: Any, **changed: Any) -> Any:
    reply = await released.ask("PUT", PATH, json=sent.body | changed)
    assert reply.status_code == 200, reply.text
    assert reply.json()["slug"] == "data-v1"
    return await released.s3(URN)


async def load(released: Any) -> DatasetV1:
    """Load as our own client does, every byte checked."""
    hub = released.wire.hub
    fetch = FetchDataset(hub.artifacts, hub.storage, ZarrArchives(), NullProgress())
    return await fetch("acme", "data-v1", verify_checksum=True, cls=DatasetV1)


async def is_visible(released: Any) -> bool:
    found = await released.ask("GET", PATH, "alice")
    listed = await released.ask("GET", "/api/v1/dataset", "alice")
    assert (found.status_code == 200) == (listed.json()["metadata"]["total"] == 1)
    return bool(found.status_code == 200)


def objects_of(s3: Any, sent: Any) -> list[tuple[str, bytes]]:
    archive = s3.place("extension")
    return [(s3.place("root"), sent.table)] + [(f"{archive}/{p}", d) for p, d in sent.files.items()]


@pytest.mark.parametrize("seed", range(3))
async def test_it_is_visible_when_the_last_object_has_come(
    released: Any, sent: Any, seed: int
) -> None:
    s3 = await announce(released, sent)
    objects = objects_of(s3, sent)
    random.Random(seed).shuffle(objects)
    for place, data in objects:
        assert not await is_visible(released)
        assert (await s3("PUT", place, data)).status_code == 200
    assert await is_visible(released)
    dataset = await load(released)
    assert dataset.md5sum == sent.body["md5Sum"]
    assert dataset.get_data(dataset.rows[1], "img").tolist() == [2, 3]


async def test_sending_once_more_changes_nothing(released: Any, sent: Any) -> None:
    s3 = await announce(released, sent)
    for place, data in objects_of(s3, sent):
        await s3("PUT", place, data)
    place = f"{s3.place('extension')}/.zmetadata"
    assert (await s3("PUT", place, sent.files[".zmetadata"])).status_code == 200
    skipped = await s3("PUT", place, sent.files[".zmetadata"], if_none_match="*")
    assert skipped.status_code == 412
    assert "<Code>PreconditionFailed</Code>" in skipped.text
    assert (await s3("PUT", place, b"{}")).status_code == 400
    again = await announce(released, sent)
    assert (await again("HEAD", place)).status_code == 200
    assert (await load(released)).md5sum == sent.body["md5Sum"]


async def test_an_upload_that_broke_off_goes_on(released: Any, sent: Any) -> None:
    first, *rest = objects_of(await announce(released, sent), sent)
    await (await announce(released, sent))("PUT", *first)
    again = await announce(released, sent)
    assert objects_of(again, sent)[0][0] == first[0]
    for place, data in rest:
        await again("PUT", place, data)
    assert await is_visible(released)


async def test_another_announcement_takes_the_place_of_the_first(released: Any, sent: Any) -> None:
    before = await announce(released, sent)
    [first, *rest] = objects_of(before, sent)
    await before("PUT", *first)
    after = await announce(released, sent, description="another")
    assert (await before("PUT", *rest[0])).status_code == 403
    for place, data in objects_of(after, sent):
        await after("PUT", place, data)
    document = (await released.ask("GET", PATH)).json()
    assert document["description"] == "another"


async def test_objects_may_come_to_several_processes(
    open_released: Callable[..., Any], sent: Any
) -> None:
    first = open_released()
    processes = [first, open_released(first)]
    s3 = await announce(first, sent)
    for i, (place, data) in enumerate(objects_of(s3, sent)):
        assert not await is_visible(first)
        s3.http = processes[i % 2].http
        assert (await s3("PUT", place, data)).status_code == 200
    assert await is_visible(processes[1])


async def test_what_another_process_has_seen_before_does_not_count(
    open_released: Callable[..., Any], sent: Any
) -> None:
    first = open_released()
    second = open_released(first)
    s3 = await announce(first, sent)
    objects = objects_of(s3, sent)
    for place, data in objects[:-1]:
        s3.http = second.http
        await s3("PUT", place, data)
    await announce(first, sent, description="another")
    s3 = await announce(first, sent)
    s3.http = second.http
    assert (await s3("PUT", *objects[-1])).status_code == 200
    assert not await is_visible(first)
    for place, data in objects[:-1]:
        assert (await s3("PUT", place, data)).status_code == 200
    assert await is_visible(first)


@pytest.mark.parametrize(
    ("what", "data"),
    [("table", b"no parquet"), ("img/1.0", b"xx"), ("img/9.0", b"xx"), (".zgroup", b"")],
)
async def test_what_was_not_announced_is_refused(
    released: Any, sent: Any, what: str, data: bytes
) -> None:
    s3 = await announce(released, sent)
    place = s3.place("root") if what == "table" else f"{s3.place('extension')}/{what}"
    reply = await s3("PUT", place, data)
    assert reply.status_code == 400
    assert "<Code>" in reply.text
    assert (await s3("HEAD", place)).status_code == 404


async def test_a_table_with_another_checksum_is_refused(released: Any, sent: Any) -> None:
    s3 = await announce(released, sent, md5Sum="0" * 32)
    reply = await s3("PUT", s3.place("root"), sent.table)
    assert (reply.status_code, "its announcement says" in reply.text) == (400, True)


@pytest.mark.parametrize(
    "changed",
    [
        {"tableContent": None},
        {"tableContent": {"size": -1, "md5Sum": "0" * 32}},
        {"tableContent": {"size": 1, "md5Sum": "ABC"}},
        {"zarrContent": 5},
        {"zarrContent": [5]},
        {"zarrContent": [{"path": "../x", "md5sum": "0" * 32, "size": 1}]},
        {"zarrContent": [{"path": ".zgroup", "md5sum": "0" * 32, "size": "1"}]},
        {"zarrMd5SumManifest": []},
        {"license": None},
        {"access": "everybody"},
        {"parentArtifactId": 7},
        {"parentArtifactId": "acme"},
    ],
)
async def test_announcements_that_make_no_sense_are_refused(
    released: Any, sent: Any, changed: dict[str, Any]
) -> None:
    reply = await released.ask("PUT", PATH, json=sent.body | changed)
    assert reply.status_code == 400, reply.text
    assert reply.json()["code"]


async def test_documents_that_break_a_rule_are_refused_in_the_end(released: Any, sent: Any) -> None:
    s3 = await announce(released, sent, annotations={"none": {"isPointer": True}})
    replies = [await s3("PUT", place, data) for place, data in objects_of(s3, sent)]
    assert [reply.status_code for reply in replies[:-1]] == [200] * (len(replies) - 1)
    assert replies[-1].status_code == 400
    assert "no such column" in replies[-1].text
    assert not await is_visible(released)


async def test_an_archive_with_its_manifest(released: Any, sent: Any) -> None:
    files = sent.files
    rows = [FileChecksum(p, _md5(d), len(d)) for p, d in files.items() if p != ".zmetadata"]
    manifest = encode_zarr_manifest(rows)
    body = {
        "zarrManifestFileContent": {"md5Sum": _md5(manifest)}, "access": "public",
        "name": "data-v2", "license": "MIT", "owner": "acme", "version": 2,
        "zarrRootPath": "somebody/data.zarr", "zarrManifestMd5Sum": _md5(manifest),
    }  # fmt: skip
    reply = await released.ask("PUT", "/api/v2/dataset/acme/data-v2", json=body)
    assert reply.status_code == 200
    s3 = await released.s3("urn:polaris:dataset:acme:data-v2")
    assert s3.reply["extra_data"]["paths"]["type"] == "dataset-v2"
    assert (await s3("PUT", s3.place("manifest"), b"PAR1")).status_code == 400
    assert (await s3("PUT", s3.place("manifest"), manifest)).status_code == 200
    for path, data in files.items():
        assert (await s3("PUT", f"{s3.place('root')}/{path}", data)).status_code == 200
    found = await released.ask("GET", "/api/v2/dataset/acme/data-v2", "nobody")
    document = found.json()
    assert "somebody" not in json.dumps(document)
    assert document["zarrManifestMd5Sum"] == _md5(manifest)
    assert (await released.ask("GET", "/api/v1/dataset/acme/data-v2", "nobody")).status_code == 404


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@pytest.fixture
async def sparse(released: Any, sent: Any) -> Any:
    """The oldest generation has sent all but a chunk, which holds the fill value alone."""
    body = sent.body | {"md5Sum": None}
    del body["zarrContent"]
    s3 = await announce(released, sent)
    reply = await released.ask("PUT", PATH, json=body)
    assert reply.status_code == 200
    s3 = await released.s3(URN)
    for place, data in objects_of(s3, sent):
        if not place.endswith("img/1.0"):
            assert (await s3("PUT", place, data)).status_code == 200
    return s3


async def test_an_upload_whose_end_cannot_be_told_is_complete_after_a_while(
    released: Any, sparse: Any
) -> None:
    assert not await is_visible(released)
    await released.clock.sleep(3600 * 24 * 365 * 10)
    assert (await released.ask("GET", PATH, "nobody")).status_code == 404
    found = await released.ask("GET", PATH, "alice")
    assert found.status_code == 200, found.text
    dataset = await load(released)
    assert dataset.get_data(dataset.rows[1], "img").tolist() == [0, 0]
