"""What is private looks, on every road, like what is not there."""

from __future__ import annotations

from typing import Any

import pytest

OTHERS = ["nobody", "token-of-mallory", "token-of-mallory-2"]
PATH = "/api/v1/dataset/acme"


@pytest.fixture
async def hidden(released: Any, sent: Any) -> Any:
    """A hub that has private artifacts, and their owner's S3."""
    body = sent.body | {"access": "private"}
    await released.ask("PUT", f"{PATH}/data-v1", json=body)
    s3 = await released.s3("urn:polaris:dataset:acme:data-v1")
    await s3("PUT", s3.place("root"), sent.table)
    for path, data in sent.files.items():
        await s3("PUT", f"{s3.place('extension')}/{path}", data)
    benchmark = {
        "name": "bench-v1", "owner": "acme", "access": "private", "version": 1,
        "datasetArtifactId": "acme/data-v1", "targetCols": ["y"], "inputCols": ["img"],
        "split": [[0], {"test": [1, 2]}], "mainMetric": "r2", "metrics": ["r2"],
    }  # fmt: skip
    reply = await released.ask("PUT", "/api/v1/benchmark/acme/bench-v1", json=benchmark)
    assert reply.status_code == 200, reply.text
    await released.ask("PUT", "/api/v2/model/acme/my-model", json={"name": "my-model"})
    return released


READS = [
    "/api/v1/dataset/acme/{}", "/api/v2/dataset/acme/{}", "/api/v1/benchmark/acme/{}",
    "/api/v2/benchmark/acme/{}", "/api/v2/model/acme/{}", "/api/v1/competition/acme/{}",
    "/api/v1/storage/dataset/acme/{}/ls", "/api/v1/storage/dataset/acme/{}/ls/data.zarr",
    "/api/storage/dataset/acme/{}/table.parquet",
    "/api/v1/storage/dataset/acme/{}/data.zarr/.zgroup",
]  # fmt: skip
THERE = {"dataset": "data-v1", "benchmark": "bench-v1", "model": "my-model"}


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("who", OTHERS)
async def test_reading(hidden: Any, path: str, who: str) -> None:
    name = next((name for kind, name in THERE.items() if f"/{kind}/" in path), "any-name")
    answers = []
    for slug in (name, "x" * len(name)):
        headers = {"x-request-id": "the-same"}
        reply = await hidden.ask("GET", path.format(slug), who, headers=headers)
        answers.append((reply.status_code, reply.text.replace(slug, "?")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("path", ["/api/v1/dataset", "/api/v1/benchmark", "/api/v2/model"])
async def test_lists(hidden: Any, path: str, who: str) -> None:
    reply = (await hidden.ask("GET", path, who)).json()
    assert (reply["data"], reply["metadata"]["total"]) == ([], 0)
    mine = (await hidden.ask("GET", path, "alice")).json()
    assert mine["metadata"]["total"] == 1


@pytest.mark.parametrize("who", OTHERS)
async def test_writing(hidden: Any, sent: Any, who: str) -> None:
    refused = 401 if who == "nobody" else 403
    for slug in ("data-v1", "data-v9"):
        for method, path in (
            ("PUT", f"/api/v1/dataset/acme/{slug}"),
            ("PUT", f"/api/v2/dataset/acme/{slug}"),
            ("PUT", f"/api/v1/benchmark/acme/{slug}"),
            ("PUT", f"/api/v2/benchmark/acme/{slug}"),
            ("PUT", f"/api/v2/model/acme/{slug}"),
            ("PUT", f"/api/v2/prediction/acme/{slug}"),
            ("PUT", f"/api/v1/storage/dataset/acme/{slug}/table.parquet"),
        ):
            assert (await hidden.ask(method, path, who, json=sent.body)).status_code == refused
    for path in ("/api/v1/result", "/api/v2/result", "/api/v1/competition-prediction"):
        body = {"owner": "acme", "name": "some-name"}
        assert (await hidden.ask("POST", path, who, json=body)).status_code == refused


async def test_what_is_private_cannot_be_built_upon(hidden: Any) -> None:
    """Neither a benchmark on it nor results nor a new version tell that it is there."""
    answers = []
    for dataset in ("data-v1", "data-v9"):
        body = {
            "name": "bench-xx", "datasetArtifactId": f"acme/{dataset}", "targetCols": ["y"],
            "inputCols": ["img"], "split": [[0], [1]], "metrics": ["r2"], "mainMetric": "r2",
        }  # fmt: skip
        path = "/api/v1/benchmark/mallory/bench-xx"
        reply = await hidden.ask("PUT", path, "token-of-mallory", json=body)
        answers.append((reply.status_code, reply.json()["detail"].replace(dataset, "?")))
    assert answers[0] == answers[1]
    answers = []
    for model in ("my-model", "no-model"):
        body = {"name": "model-xx", "parentArtifactId": f"acme/{model}"}
        path = "/api/v2/model/mallory/model-xx"
        reply = await hidden.ask("PUT", path, "token-of-mallory", json=body)
        answers.append((reply.status_code, reply.json()["detail"].replace(model, "?")))
    assert answers[0] == answers[1]


async def test_a_storage_token_ends_with_the_right_to_read(hidden: Any, sent: Any) -> None:
    public = sent.body | {"access": "public"}
    await hidden.ask("PUT", f"{PATH}/data-v1", json=public)
    s3 = await hidden.s3("urn:polaris:dataset:acme:data-v1")
    await s3("PUT", s3.place("root"), sent.table)
    for path, data in sent.files.items():
        await s3("PUT", f"{s3.place('extension')}/{path}", data)
    theirs = await hidden.s3("urn:polaris:dataset:acme:data-v1", "read", "token-of-mallory")
    assert (await theirs("GET", theirs.place("root"))).content == sent.table
    await hidden.ask("PUT", f"{PATH}/data-v1", json=sent.body | {"access": "private"})
    s3 = await hidden.s3("urn:polaris:dataset:acme:data-v1")
    for path, data in {**sent.files}.items():
        await s3("PUT", f"{s3.place('extension')}/{path}", data)
    await s3("PUT", s3.place("root"), sent.table)
    assert (await theirs("GET", theirs.place("root"))).status_code in (403, 404)
