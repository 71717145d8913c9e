"""Replies that Hypothesis makes up: whatever comes, the client raises errors of ours alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.application.native_wire.bundle import BUNDLE_TYPE, bundled
from polaris.application.native_wire.content_digests import content_digest
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import HubReplyError, PolarisChecksumError, PolarisError, StorageError
from polaris.ports.artifacts import ArtifactLocation, ArtifactQuery, Publication
from polaris.ports.storage import ByteRange, Read, Write
from polaris.testing.suites.artifact_drafts import draft_of
from polaris_adapters.hub_http.native.artifacts import NativeArtifacts
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.hidden_targets import NativeDeposit
from polaris_adapters.hub_http.native.jobs import NativeJobs
from polaris_adapters.hub_http.native.objects import NativeObjects
from polaris_adapters.hub_http.session import HttpSession

DRAFT = draft_of("molecules")
LOCATION = ArtifactLocation(DRAFT.ref, DRAFT.revision)
REF = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")
Answer = Callable[[httpx.Request], httpx.Response]


async def _listed(store: NativeObjects) -> None:
    async for _ in store.list():
        pass


def _store(calls: NativeCalls) -> NativeObjects:
    return NativeObjects(calls, "v3/dataset/acme/molecules/revisions/0", "molecules", None, 8)


VERBS: dict[str, Callable[[NativeCalls], Awaitable[object]]] = {
    "page": lambda calls: NativeArtifacts(calls).page(ArtifactQuery(ArtifactKind.DATASET)),
    "record": lambda calls: NativeArtifacts(calls).get(REF),
    "begin": lambda calls: NativeArtifacts(calls).begin(DRAFT),
    "commit": lambda calls: NativeArtifacts(calls).commit(Publication(DRAFT, LOCATION)),
    "jobs": lambda calls: NativeJobs(calls).find(REF),
    "deposit": lambda calls: NativeDeposit(calls).deposit(LOCATION, [Write("y", b"1")]),
    "get": lambda calls: _store(calls).get([Read("a"), Read("b", ByteRange(-3))]),
    "stat": lambda calls: _store(calls).stat(["a", "b"]),
    "digest": lambda calls: _store(calls).digest(["a", "b"]),
    "put": lambda calls: _store(calls).put([Write("a", b"1"), Write("b", b"x" * 20)]),
    "delete": lambda calls: _store(calls).delete(["a"]),
    "list": lambda calls: _listed(_store(calls)),
    "list_folder": lambda calls: _store(calls).list_folder(),
}

names = st.sampled_from(
    ["data", "metadata", "total", "nextCursor", "kind", "owner", "slug", "revision", "number",
     "access", "createdAt", "updatedAt", "subject", "document", "ticket", "objects", "folders",
     "after", "written", "key", "size", "left", "md5", "sha256", "modified", "state", "code",
     "detail", "hint", "errors", "keys", "extra"]
)  # fmt: skip
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.integers(), st.floats(), st.text(max_size=6),
    st.sampled_from(["dataset", "acme", "molecules", "0" * 64, "public", "2024-01-01T00:00:00Z",
                     "urn:polaris:dataset:acme:molecules", "waiting", "object_exists",
                     "invalid_input", "missing_extra", "0001-01-01T00:00:00+14:00"]),
)  # fmt: skip
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=12,
)
entries = st.lists(
    st.none() | st.fixed_dictionaries({}, optional={"size": leaves, "left": leaves}), max_size=3
)


def _bundle(index: list[Any]) -> bytes:
    try:
        return bundled(index, [b"12345678"])
    except PolarisError:
        return b""


bodies = st.one_of(
    st.binary(max_size=30), values.map(json.dumps).map(str.encode), entries.map(_bundle)
)
replies = st.builds(
    lambda status, kind, body, headers, digest: httpx.Response(
        status,
        headers=[
            (name.encode(), value.encode("latin-1"))
            for name, value in {
                "content-type": kind,
                **headers,
                **({"content-digest": content_digest(body)} if digest else {}),
            }.items()
        ],
        content=body,
    ),
    st.sampled_from([200, 200, 200, 201, 204, 206, 301, 307, 400, 404, 409, 412, 500, 503]),
    st.sampled_from(["application/json", "application/problem+json", BUNDLE_TYPE, "text/html"]),
    bodies,
    st.dictionaries(
        st.sampled_from(["etag", "retry-after", "content-digest", "x-request-id", "location"]),
        st.sampled_from(['"x"', "1", "sha-256=:AA==:", "sha-256=:?:", "\xff", "-5"]),
        max_size=2,
    ),
    st.booleans(),
)


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(replies, min_size=1, max_size=3))
def test_no_reply_breaks_the_client(
    sessions: Callable[..., HttpSession], verb: str, answers: list[httpx.Response]
) -> None:
    asked = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        assert asked < 500, "the client asks for ever"
        answer = answers[min(asked, len(answers)) - 1]
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def run() -> None:
        await VERBS[verb](NativeCalls(sessions(httpx.MockTransport(handler))))

    # Any other error fails the test.
    with contextlib.suppress(PolarisError):
        asyncio.run(run())
    assert asked


def _calls(sessions: Callable[..., HttpSession], answer: Answer) -> NativeCalls:
    return NativeCalls(sessions(httpx.MockTransport(answer)))


async def test_a_reply_that_was_changed_on_its_way_is_refused(
    sessions: Callable[..., HttpSession],
) -> None:
    body = bundled([{"size": 4}], [b"data"])
    headers = {"content-type": BUNDLE_TYPE, "content-digest": content_digest(body)}
    good = _calls(sessions, lambda _: httpx.Response(200, headers=headers, content=body))
    assert await _store(good).get([Read("a")]) == [b"data"]
    changed = body.replace(b"data", b"dota")
    bad = _calls(sessions, lambda _: httpx.Response(200, headers=headers, content=changed))
    with pytest.raises(PolarisChecksumError):
        await _store(bad).get([Read("a")])


@pytest.mark.parametrize("cut", [1, 4, 5, 20])
async def test_a_reply_that_was_cut_is_refused(
    sessions: Callable[..., HttpSession], cut: int
) -> None:
    body = bundled([{"size": 4}], [b"data"])[:-cut]
    headers = {"content-type": BUNDLE_TYPE}
    calls = _calls(sessions, lambda _: httpx.Response(200, headers=headers, content=body))
    with pytest.raises(StorageError):
        await _store(calls).get([Read("a")])


async def test_a_record_that_is_none_is_the_hubs_failure(
    sessions: Callable[..., HttpSession],
) -> None:
    calls = _calls(sessions, lambda _: httpx.Response(200, json={"kind": "dataset"}))
    with pytest.raises(HubReplyError, match=r"reply\.owner"):
        await NativeArtifacts(calls).get(REF)
