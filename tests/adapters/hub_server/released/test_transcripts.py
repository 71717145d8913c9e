"""What released clients were recorded to ask, asked of our server: it answers what they need."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs
import pytest

URL = "https://hub.example"
# The tokens of the recordings, and ours.
KNOWN = {"hub.jwt.1": "token-of-alice", "ext.1": "external-of-alice", "ext.2": "external-of-alice"}
# Headers of the transport, or of a signature over other bytes.
_OTHERS = {
    "accept", "user-agent", "content-length", "authorization", "expect", "x-amz-security-token",
    "x-amz-content-sha256", "x-amz-date", "host",
}  # fmt: skip
# Of owners, clients read the slug alone.
_NOT_NEEDED = {"externalId", "type"}


@attrs.define
class Replay:
    """Recorded requests, sent to our server with its own tokens and addresses.

    Attributes:
        released: The server.
        files: Contents of the vectors' files by MD5.
        places: Our address of each recorded one.
        known: Our token for each recorded one.
        s3: What speaks S3 with each storage token, by the place that it is for.
    """

    released: Any
    files: Mapping[str, bytes]
    places: dict[str, str] = attrs.field(factory=dict)
    known: dict[str, str] = attrs.field(factory=lambda: dict(KNOWN))
    s3: dict[str, Any] = attrs.field(factory=dict)

    async def __call__(self, exchange: Mapping[str, Any], **changed: Any) -> Any:
        """Send a request and return the reply, compared with the recorded one."""
        request, recorded = exchange["request"], exchange["response"]
        reply = await self._sent(request, changed)
        where = f"{request['method']} {request['path']}: {reply.text[:300]}"
        assert _alike(reply.status_code, recorded["status"]), where
        body = recorded["body"]
        if isinstance(body, dict) and set(body) == {"bytes", "md5"}:
            if request["method"] != "HEAD":
                assert hashlib.md5(reply.content).hexdigest() == body["md5"], where
        elif isinstance(body, (dict, list)) and recorded["status"] < 400:
            self._compare(body, reply.json(), where)
        return reply

    async def _sent(self, request: Mapping[str, Any], changed: dict[str, Any]) -> Any:
        headers = {k: v for k, v in request["headers"].items() if k.lower() not in _OTHERS}
        data = self._body(request["body"], changed)
        path = request["path"].partition("?")[0]
        method, query = request["method"], request.get("query") or ""
        if "x-amz-security-token" in request["headers"]:
            place = self._place(path.lstrip("/"))
            named = {name.replace("-", "_"): value for name, value in headers.items()}
            pairs = dict(parse_qsl(query, keep_blank_values=True))
            speaker = next(s3 for head, s3 in self.s3.items() if place.startswith(head))
            return await speaker(method, place, data, query=pairs, **named)
        if path.startswith(("/pub/", "/signed/")):
            return await self.released.http.request(
                method, self._place(f"{{HUB}}{path}"), headers=headers, content=data
            )
        token = request["headers"].get("authorization", "").removeprefix("Bearer ")
        return await self.released.ask(
            method, f"{path}?{query}" if query else path, self.known.get(token, "nobody"),
            headers=headers, content=data,
        )  # fmt: skip

    def _body(self, body: Any, changed: dict[str, Any]) -> bytes:
        if isinstance(body, dict) and set(body) == {"bytes", "md5"}:
            return self.files[body["md5"]]
        if isinstance(body, dict):
            return json.dumps(body | changed).encode()
        text = body or ""
        for theirs, ours in self.known.items():
            text = text.replace(f"subject_token={theirs}&", f"subject_token={ours}&")
        return str(text).encode()

    def _place(self, recorded: str) -> str:
        for theirs, ours in sorted(self.places.items(), key=lambda pair: -len(pair[0])):
            if recorded == theirs or recorded.startswith(f"{theirs}/"):
                found = ours + recorded.removeprefix(theirs)
                return found.removeprefix("polarisfs://")
        raise AssertionError(f"nothing was said of {recorded}")

    def _compare(self, recorded: Any, ours: Any, where: str) -> None:
        """Check that all is there that was there, and learn addresses."""
        if isinstance(recorded, dict):
            assert isinstance(ours, dict), where
            missing = set(recorded) - set(ours) - _NOT_NEEDED
            assert not missing, f"{missing} are missing: {where}"
            for key, value in recorded.items():
                if (
                    key in ours and key != "headers"
                ):  # Those of a signed address are the server's affair.
                    self._compare(value, ours[key], where)
        elif isinstance(recorded, list):
            assert isinstance(ours, list), where
        elif isinstance(recorded, str) and recorded.startswith(("{HUB}/", "polarisfs://")):
            theirs = unquote(recorded.partition("?")[0]).removeprefix("polarisfs://")
            self.places[theirs] = ours

    async def all(self, path: Path, **changed: Any) -> list[Any]:
        """Send every request of a transcript."""
        replies = []
        for exchange in json.loads(path.read_bytes()):
            is_token = "resource=" in str(exchange["request"]["body"])
            reply = await self(exchange, **(changed if not is_token else {}))
            if is_token:
                speaker = self.released.speaker(reply.json())
                for role in {"root", "training"} & set(reply.json()["extra_data"]["paths"]):
                    # Kind, owner, slug and revision.
                    head = "/".join(speaker.place(role).split("/")[:5])
                    self.s3[head] = speaker
            replies.append(reply)
        return replies


def _alike(ours: int, recorded: int) -> bool:
    return ours == recorded or {ours, recorded} <= {200, 201, 206}


@pytest.fixture
def replay(released: Any, vectors: Path) -> Replay:
    found = (path.read_bytes() for path in vectors.rglob("*") if path.is_file())
    return Replay(released, {hashlib.md5(data).hexdigest(): data for data in found})


UPLOADS = (
    "0.12.1_upload_v1_dataset_no_zarr", "0.12.1_upload_v1_dataset_zarr",
    "0.12.1_upload_v2_dataset", "0.12.1_upload_v1_bench", "0.12.1_upload_v2_bench",
)  # fmt: skip


# The recorded one scores numbers with a metric of classes, which we refuse.
FITTING = {
    "metrics": [{"label": "mean_absolute_error"}], "mainMetric": "mean_absolute_error",
    "md5Sum": None,
}  # fmt: skip


async def _filled(replay: Replay, vectors: Path, **changed: Any) -> None:
    for name in UPLOADS:
        said = changed | (FITTING if name.endswith("v1_bench") else {})
        await replay.all(vectors / "transcripts" / f"{name}.json", **said)
    for path in ("v1/dataset", "v2/dataset", "v1/benchmark", "v2/benchmark"):
        reply = await replay.released.ask("GET", f"/api/{path}", "alice")
        assert reply.json()["metadata"]["total"] == (2 if path == "v1/dataset" else 1)


@pytest.mark.parametrize("name", ["0.12.1_get_v1_zarr", "0.12.1_get_bench_v2"])
async def test_what_0_12_1_uploaded_it_reads(replay: Replay, vectors: Path, name: str) -> None:
    await _filled(replay, vectors)
    await replay.all(vectors / "transcripts" / f"{name}.json")


@pytest.mark.parametrize(
    "name",
    ["lists", "get_v1", "get_v2", "bench_v1", "bench_v2", "password_upload_model",
     "exchange_upload_model", "upload_results_v1"],
)  # fmt: skip
async def test_what_0_13_0_asks(replay: Replay, vectors: Path, name: str) -> None:
    await _filled(replay, vectors, access="public")
    old = {"name": "old-model"}
    await replay.released.ask("PUT", "/api/v2/model/acme/old-model", json=old)
    path = vectors / "transcripts" / f"0.13.0_{name}.json"
    for exchange in json.loads(path.read_bytes()):
        reply = await replay(exchange)
        if urlsplit(exchange["request"]["path"]).path == "/api/auth/token":
            replay.known["hub.jwt.1"] = reply.json()["access_token"]


async def test_what_0_13_0_says_of_a_model_and_a_second_benchmark(
    replay: Replay, vectors: Path
) -> None:
    await _filled(replay, vectors, access="public")
    folder = vectors / "transcripts"
    [_, put] = json.loads((folder / "0.13.0_password_upload_model.json").read_bytes())
    await replay(put)
    [post] = json.loads((folder / "0.13.0_upload_results_v2.json").read_bytes())
    reply = await replay(post)
    found = await replay.released.ask("GET", f"/api/v3/result/{reply.json()['artifactId']}")
    assert found.json()["document"]["version"] == 2


async def test_what_0_6_0_uploads_and_reads(replay: Replay, vectors: Path) -> None:
    folder = vectors / "transcripts"
    await replay.all(folder / "0.12.1_upload_v1_dataset_no_zarr.json")
    for name in ("upload", "upload_bench", "upload_result", "get", "get_zarr", "lists"):
        await replay.all(folder / f"0.6.0_{name}.json")
    document = (await replay.released.ask("GET", "/api/v3/dataset/acme/data-zarr")).json()
    # Ours covers the archive, of which that generation knew nothing.
    assert document["document"]["md5Sum"] == "89eec10966bf0a0eb4dc5e62c06aa2e9"
