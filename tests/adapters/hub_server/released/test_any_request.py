"""Whatever is sent, the failure is the sender's: no reply is of the 500s."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATHS = [
    ("PUT", "/api/v1/dataset/acme/data-v1"), ("PUT", "/api/v2/dataset/acme/data-v1"),
    ("PUT", "/api/v1/benchmark/acme/bench-v1"), ("PUT", "/api/v2/benchmark/acme/bench-v1"),
    ("PUT", "/api/v2/model/acme/model-v1"), ("POST", "/api/v2/model"),
    ("PUT", "/api/v2/prediction/acme/pred-v1"), ("POST", "/api/v2/result"),
    ("POST", "/api/v1/result"), ("POST", "/api/v1/competition-prediction"),
    ("POST", "/api/auth/token"),
]  # fmt: skip
KEYS = [
    "access", "name", "owner", "license", "tableContent", "zarrContent", "split", "results",
    "predictions", "targetCols", "inputCols", "metrics", "mainMetric", "datasetArtifactId",
    "benchmarkArtifactId", "competitionArtifactId", "parentArtifactId", "benchmarkOwner",
    "zarrManifestFileContent", "training", "test", "md5Sum", "size", "slug", "contributors",
    "targetLabels", "testSetLabels", "testSetSizes", "annotations", "md5Checksum", "scores",
    "artifactVersion", "tags", "userAttributes", "codeUrl", "zarrMd5SumManifest", "path",
]  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["acme/data-v1", "acme/bench-v1", "public", "mean_absolute_error", "0" * 32])
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)


# Bodies that would be taken; one thing is changed in them.
GOOD: dict[str, dict[str, Any]] = {
    "/api/v1/benchmark/acme/bench-v1": {
        "name": "bench-v1", "datasetArtifactId": "acme/data-v1", "targetCols": ["y"],
        "inputCols": ["img"], "split": [[0], [1, 2]], "metrics": ["r2"], "mainMetric": "r2",
    },
    "/api/v2/result": {
        "name": "some-name", "benchmarkArtifactId": "acme/bench-v0", "contributors": ["bobby"],
        "results": [{"testSet": "test", "targetLabel": "y", "scores": {"r2": 0.5}}],
    },
    "/api/v2/model/acme/model-v1": {"name": "model-v1", "readme": "", "tags": []},
}  # fmt: skip


@pytest.fixture
async def filled(released: Any, sent: Any) -> Any:
    """A hub with a dataset and a benchmark on it."""
    await released.ask("PUT", "/api/v1/dataset/acme/data-v1", json=sent.body)
    s3 = await released.s3("urn:polaris:dataset:acme:data-v1")
    await s3("PUT", s3.place("root"), sent.table)
    for path, data in sent.files.items():
        await s3("PUT", f"{s3.place('extension')}/{path}", data)
    body = GOOD["/api/v1/benchmark/acme/bench-v1"] | {"name": "bench-v0"}
    reply = await released.ask("PUT", "/api/v1/benchmark/acme/bench-v0", json=body)
    assert reply.status_code == 200, reply.text
    return released


@pytest.mark.parametrize(("method", "path"), PATHS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(body=BODIES)
async def test_bodies(filled: Any, method: str, path: str, body: dict[str, Any]) -> None:
    reply = await filled.ask(method, path, json=body)
    assert reply.status_code < 500, reply.text
    said = GOOD.get(path, {}) | dict(list(body.items())[:1])
    reply = await filled.ask(method, path, json=said)
    assert reply.status_code < 500, reply.text


@pytest.mark.parametrize("path", GOOD)
async def test_good_bodies_are_taken(filled: Any, path: str) -> None:
    method = "POST" if path.endswith("result") else "PUT"
    assert (await filled.ask(method, path, json=GOOD[path])).status_code in (200, 201)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "HEAD", "DELETE"]),
    head=st.sampled_from([
        "/api/v1/", "/api/v2/", "/api/v1/dataset/", "/api/v1/storage/dataset/acme/", "/files/",
        "/files/dataset/acme/data-v1/", "/s3/", "/s3/polaris/", "/signed/", "/api/storage/",
        "/oauth2/",
    ]),
    tail=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    query=st.sampled_from(["", "?limit=x", "?limit=-1&offset=9", "?sig=a.b.c", "?list-type=2",
                           "?offset=" + "9" * 80, "?uploads", "?code=%00"]),
    header=st.sampled_from([
        {}, {"range": "bytes=9-1"}, {"range": "bytes=-"}, {"content-length": "x"},
        {"x-amz-security-token": "jwt/a.b.c"}, {"authorization": "AWS4-HMAC-SHA256 x"},
        {"authorization": "Bearer"}, {"host": "a b"}, {"content-encoding": "gzip"},
    ]),
)  # fmt: skip
async def test_addresses(
    open_released: Callable[..., Any],
    method: str,
    head: str,
    tail: str,
    query: str,
    header: dict[str, str],
) -> None:
    released = open_released()
    reply = await released.ask(
        method, f"{head}{quote(tail)}{query}", "nobody", headers=header, content=b"x"
    )
    assert reply.status_code < 500, reply.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.binary(max_size=60), key=st.sampled_from(["root", "manifest"]))
async def test_objects(open_released: Callable[..., Any], data: bytes, key: str) -> None:
    released = open_released()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    for version, body in (
        (1, {"tableContent": {"size": len(data), "md5Sum": md5}, "zarrContent": []}),
        (2, {"zarrManifestFileContent": {"md5Sum": md5}}),
    ):
        said = {"name": "data-v1", "license": "MIT", **body}
        reply = await released.ask("PUT", f"/api/v{version}/dataset/acme/data-v1", json=said)
        assert reply.status_code == 200, reply.text
        s3 = await released.s3("urn:polaris:dataset:acme:data-v1")
        if key in s3.reply["extra_data"]["paths"]:
            reply = await s3("PUT", s3.place(key), data)
            assert reply.status_code < 500, reply.text
        sparse: dict[str, Any] = {"tableContent": {"size": 1, "md5Sum": md5},
                  "annotations": {"x": {"isPointer": True}}}  # fmt: skip
        said = {"name": "data-v1", "license": "MIT", **sparse}
        await released.ask("PUT", "/api/v1/dataset/acme/data-v1", json=said)
        s3 = await released.s3("urn:polaris:dataset:acme:data-v1")
        place = s3.place("root").replace("table.parquet", "data.zarr/.zmetadata")
        assert (await s3("PUT", place, data)).status_code < 500
