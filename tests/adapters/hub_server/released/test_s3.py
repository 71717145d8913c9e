"""The dialect of S3: what is signed, what it is scoped to, and what it answers."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest

URN = "urn:polaris:dataset:acme:data-v1"
PATH = "/api/v1/dataset/acme/data-v1"


def code_of(reply: Any) -> str:
    found = re.search(r"<Code>(\w+)</Code>", reply.text)
    assert found, reply.text
    return found[1]


@pytest.fixture
async def s3(released: Any, sent: Any) -> Any:
    """What speaks S3 with the right to send a dataset."""
    await released.ask("PUT", PATH, json=sent.body)
    return await released.s3(URN)


@pytest.fixture
async def complete(released: Any, sent: Any, s3: Any) -> Any:
    """The same when all has been sent; with the right to read."""
    await s3("PUT", s3.place("root"), sent.table)
    for path, data in sent.files.items():
        await s3("PUT", f"{s3.place('extension')}/{path}", data)
    return await released.s3(URN, "read")


async def test_objects_are_read_whole_and_in_part(complete: Any, sent: Any) -> None:
    place = f"{complete.place('extension')}/.zmetadata"
    data = sent.files[".zmetadata"]
    whole = await complete("GET", place)
    assert whole.content == data
    assert whole.headers["x-amz-meta-md5sum"] == hashlib.md5(data).hexdigest()
    part = await complete("GET", place, range="bytes=2-5")
    assert (part.status_code, part.content) == (206, data[2:6])
    head = await complete("HEAD", place)
    assert (head.headers["content-length"], head.content) == (str(len(data)), b"")
    assert (await complete("GET", place, range="bytes=9000-")).status_code == 416
    missing = await complete("GET", f"{complete.place('extension')}/img/7.0")
    assert (missing.status_code, code_of(missing)) == (404, "NoSuchKey")
    assert (await complete("HEAD", f"{complete.place('extension')}/x")).content == b""


async def test_listings_come_in_pages(complete: Any, sent: Any) -> None:
    bucket, _, prefix = complete.place("extension").partition("/")
    everything = sorted(f"{prefix}/{path}" for path in sent.files)
    found: list[str] = []
    query = {"list-type": "2", "prefix": f"{prefix}/", "max-keys": "2"}
    for _ in range(9):
        page = (await complete("GET", bucket, query=query)).text
        found += re.findall(r"<Key>([^<]+)</Key>", page)
        token = re.search(r"<NextContinuationToken>([^<]+)<", page)
        if token is None:
            break
        query["continuation-token"] = token[1]
    assert found == everything
    query = {"list-type": "2", "prefix": f"{prefix}/", "delimiter": "/", "encoding-type": "url"}
    page = (await complete("GET", bucket, query=query)).text
    assert re.findall(r"<Prefix>([^<]+)</Prefix>", page) == [f"{prefix}/", f"{prefix}/img/"]
    assert "<KeyCount>3</KeyCount>" in page


async def test_objects_in_parts(s3: Any, sent: Any) -> None:
    place, data = s3.place("root"), sent.table
    begun = await s3("POST", place, query={"uploads": ""})
    name = re.search(r"<UploadId>(\w+)<", begun.text)[1]  # type: ignore[index]
    parts = [data[:1000], data[1000:]]
    tags = []
    for number, part in enumerate(parts, 1):
        told = base64.b64encode(hashlib.md5(part).digest()).decode()
        query = {"partNumber": str(number), "uploadId": name}
        reply = await s3("PUT", place, part, query=query, content_md5=told)
        tags.append(reply.headers["etag"])
    body = "".join(
        f"<Part><ETag>{tag}</ETag><PartNumber>{number}</PartNumber></Part>"
        for number, tag in enumerate(tags, 1)
    )
    other = body.replace("<PartNumber>1<", "<PartNumber>2<")
    for wrong, code in ((other, "InvalidPartOrder"), ("<x/>", "MalformedXML")):
        assert code_of(await s3("POST", place, wrong.encode(), query={"uploadId": name})) == code
    ended = await s3("POST", place, body.encode(), query={"uploadId": name})
    assert ended.status_code == 200, ended.text
    assert (await s3("GET", place)).content == data
    again = await s3("POST", place, body.encode(), query={"uploadId": name})
    assert code_of(again) == "NoSuchUpload"


async def test_parts_that_are_given_up_leave_nothing(s3: Any, released: Any) -> None:
    begun = await s3("POST", s3.place("root"), query={"uploads": ""})
    name = re.search(r"<UploadId>(\w+)<", begun.text)[1]  # type: ignore[index]
    assert (await s3("DELETE", s3.place("root"), query={"uploadId": name})).status_code == 204
    keys = [stat.key async for batch in released.incoming.list() for stat in batch]
    assert [key for key in keys if "parts" in key] == []


async def test_bodies_are_compared_with_what_is_said_of_them(s3: Any, sent: Any) -> None:
    place, data = s3.place("root"), sent.table
    assert code_of(await s3("PUT", place, data, signed_body=b"x")) == "XAmzContentSHA256Mismatch"
    wrong = base64.b64encode(b"x" * 16).decode()
    assert code_of(await s3("PUT", place, data, content_md5=wrong)) == "BadDigest"
    assert code_of(await s3("PUT", place, data, content_md5="?")) == "InvalidDigest"
    told = await s3("PUT", place, data, x_amz_meta_md5sum="0" * 32)
    assert code_of(told) == "BadDigest"
    assert (await s3("HEAD", place)).status_code == 404


async def test_a_wrong_secret_signs_nothing(s3: Any) -> None:
    assert code_of(await s3("GET", s3.place("root"), secret="x")) == "SignatureDoesNotMatch"


async def test_a_token_that_has_ended(s3: Any, released: Any) -> None:
    await released.clock.sleep(901)
    assert code_of(await s3("GET", s3.place("root"))) == "ExpiredToken"


async def test_a_call_from_another_time(s3: Any, released: Any) -> None:
    captured: dict[str, str] = {}

    async def keep(request: Any) -> None:
        captured.update(request.headers)

    s3.http.event_hooks["request"] = [keep]
    await s3("GET", s3.place("root"))
    s3.http.event_hooks["request"] = []
    url = f"https://hub.example/s3/{s3.place('root')}"
    assert code_of(await s3.http.get(url, headers=captured)) == "NoSuchKey"
    other = captured | {"x-amz-date": "20200101T000000Z"}
    assert code_of(await s3.http.get(url, headers=other)) == "RequestTimeTooSkewed"
    # The signature covers method, path and query.
    for method, where in (("DELETE", url), ("GET", url + "x"), ("GET", url + "?x=1")):
        reply = await s3.http.request(method, where, headers=captured)
        assert code_of(reply) == "SignatureDoesNotMatch"
    unsigned = captured | {"authorization": re.sub("x-amz-security-token", "x",
                                                   captured["authorization"])}  # fmt: skip
    assert code_of(await s3.http.get(url, headers=unsigned)) == "AccessDenied"


async def test_a_token_is_for_one_artifact(released: Any, sent: Any, s3: Any) -> None:
    body = sent.body | {"name": "data-two", "slug": "data-two"}
    await released.ask("PUT", "/api/v1/dataset/acme/data-two", json=body)
    other = await released.s3("urn:polaris:dataset:acme:data-two")
    place = other.place("root")
    for method in ("GET", "PUT", "HEAD"):
        assert (await s3(method, place, sent.table)).status_code == 403
    bucket, _, key = place.partition("/")
    query = {"list-type": "2", "prefix": key.rpartition("/")[0]}
    assert (await s3("GET", bucket, query=query)).status_code == 403
    assert (await s3("GET", bucket, query={"list-type": "2", "prefix": ""})).status_code == 403
    assert (await s3("GET", "other/x")).status_code == 404


async def test_a_token_for_reading_writes_nothing(complete: Any, sent: Any) -> None:
    reply = await complete("PUT", complete.place("root"), sent.table)
    assert (reply.status_code, code_of(reply)) == (403, "AccessDenied")
    place = complete.place("root")
    assert (await complete("POST", place, query={"uploads": ""})).status_code == 403


async def test_calls_that_nobody_makes(s3: Any) -> None:
    place = s3.place("root")
    assert (await s3("DELETE", place)).status_code == 403
    assert (await s3("POST", place)).status_code == 403
    assert (await s3("PUT", place, x_amz_copy_source="a/b")).status_code == 400
    assert (await s3("GET", "polaris")).status_code == 403
    assert (await s3("PUT", place, query={"uploadId": "../x"})).status_code == 404
    assert (await s3.http.get(f"https://hub.example/s3/{place}")).status_code == 403
