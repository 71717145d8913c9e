"""Requests that Hypothesis makes up: whatever comes, the hub says what is wrong with it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from polaris.application.native_wire.bundle import bundled
from polaris.application.native_wire.problems import ERRORS_BY_CODE
from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.ports.auth import Identity
from polaris.ports.storage import Write
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.hub_server import Caller, Hub, create_app

OWNER = b"Bearer token-of-the-owner"
DRAFT = draft_of("molecules", access="public")

odd = st.one_of(
    st.sampled_from(
        ["", ".", "..", "me", "dataset", "acme", "molecules", DRAFT.revision, "0" * 64, "table",
         "publications", "revisions", "commit", "objects", "read", "write", "hidden", "jobs",
         "\ud800", "\x00", "%", "a" * 300, "-1", "10", "9" * 400, "raise", "NaN"]
    ),
    st.text(max_size=12),
)  # fmt: skip
texts = odd.map(lambda text: quote(text, safe="", errors="surrogatepass"))
_ARTIFACT = "/api/v3/dataset/acme/molecules"
_REVISION = f"{_ARTIFACT}/revisions/{DRAFT.revision}"
routes = st.sampled_from(
    [("GET", "/api/v3/dataset"), ("GET", "/api/v3/me"), ("POST", "/api/v3/sign-out"),
     ("GET", _ARTIFACT), ("GET", f"{_ARTIFACT}/jobs"), ("GET", f"{_REVISION}/objects"),
     ("GET", f"{_REVISION}/folder"), ("GET", f"{_REVISION}/objects/table"),
     ("HEAD", f"{_REVISION}/objects/table"), ("PUT", f"{_REVISION}/objects/new"),
     ("PUT", f"{_REVISION}/hidden/new"), ("POST", f"{_ARTIFACT}/publications"),
     ("POST", f"{_ARTIFACT}/publications/{DRAFT.revision}/commit")]
    + [("POST", f"{_REVISION}/{verb}")
       for verb in ("stat", "digest", "delete", "read", "write", "hidden") for _ in range(2)]
)  # fmt: skip
methods = st.sampled_from(["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "ODD"])
heads = st.sampled_from(["/api/v3", "/api/v3/dataset", _ARTIFACT, _REVISION, "/.well-known", ""])
tails = st.lists(texts, max_size=3)
targets = st.one_of(
    # Thrice, as equal strategies count once.
    routes,
    routes.map(lambda route: route),
    routes.map(lambda route: route),
    st.tuples(routes, texts).map(lambda pair: (pair[0][0], f"{pair[0][1]}/{pair[1]}")),
    st.builds(lambda method, head, tail: (method, "/".join([head, *tail])), methods, heads, tails),
)
queries = st.dictionaries(
    st.sampled_from(
        ["limit", "offset", "cursor", "owner", "subject", "privateOf", "ifExists", "prefix",
         "after", "ticket"]
    ),
    texts,
    max_size=3,
)  # fmt: skip
headers = st.dictionaries(
    st.sampled_from(
        ["range", "if-match", "if-none-match", "content-digest", "content-length", "content-type",
         "content-encoding", "idempotency-key", "x-request-id", "repr-digest"]
    ),
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            [b"bytes=0-3", b"bytes=-9", b"*", b"sha-256=:AA==:", b"5", b"-5", b"gzip", b"\xff",
             b"bytes=99999999999999999999-", b'"x"', b"9" * 50]
        ),
    ),
    max_size=3,
)  # fmt: skip
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd, inner, max_size=3),
    max_leaves=8,
)
calls = st.fixed_dictionaries(
    {},
    optional={
        "keys": st.lists(odd, max_size=3) | values,
        "reads": st.lists(
            st.fixed_dictionaries({"key": odd | values}, optional={"start": values, "stop": values})
            | values,
            max_size=3,
        ),
        "most": values,
        "document": st.dictionaries(odd, values, max_size=3) | values,
        "access": st.just("public") | values,
        "revision": st.just(DRAFT.revision) | values,
        "subject": st.just("urn:polaris:dataset:acme:molecules") | values,
        "evaluate": values,
    },
)


def _bundle(entries: list[Any]) -> bytes:
    try:
        return bundled(entries, [b"data"])
    except ValueError:
        return b"\x00\x00\x00\x02[]"


bodies = st.one_of(
    st.binary(max_size=40),
    values.map(json.dumps).map(str.encode),
    calls.map(json.dumps).map(str.encode),
    st.lists(
        st.fixed_dictionaries({"key": odd, "size": st.integers(-2, 6) | values}) | values,
        max_size=3,
    ).map(_bundle),
)


class _Everybody:
    """Knows one token for good, so that no example spoils the next."""

    anonymous = True

    async def find(self, token: Secret, /) -> Caller | None:
        known = Secret(OWNER.decode().removeprefix("Bearer "))
        return Caller(Identity(HubOwner("alice")), {"acme"}) if token == known else None

    async def forget(self, token: Secret, /) -> None:
        return None

    def refresh(self) -> None:
        return None


@attrs.define
class _Answer:
    status: int = 0
    headers: dict[str, str] = attrs.field(factory=dict)
    body: bytes = b""


async def _ask(app: Any, scope: dict[str, Any], body: bytes, *, parts: int = 2) -> _Answer:
    """Send a request as a server would hand it on, which no client library would let through."""
    cut = [body[i::parts] for i in range(parts)] if parts > 1 else [body]
    waiting = [
        {"type": "http.request", "body": part, "more_body": i + 1 < len(cut)}
        for i, part in enumerate(cut)
    ]
    answer = _Answer()

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def _scope(method: str, path: str, query: str, sent: dict[str, bytes]) -> dict[str, Any]:
    from urllib.parse import unquote

    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value) for name, value in sent.items()],
        "server": ("hub.example", 443),
        "client": ("192.0.2.1", 1),
    }


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    target=targets,
    query=queries,
    sent=headers,
    body=bodies,
    token=st.sampled_from(
        [OWNER, OWNER, OWNER, OWNER, OWNER, OWNER, OWNER, None, b"Bearer another", b"Bearer \xff"]
    ),
)
def test_no_request_is_the_hubs_own_failure(
    hub: Hub,
    target: tuple[str, str],
    query: dict[str, str],
    sent: dict[str, bytes],
    body: bytes,
    token: bytes | None,
) -> None:
    async def run() -> _Answer:
        record = await publish(hub.artifacts, DRAFT)
        store = await hub.storage.open(record.location, write=True)
        await store.put([Write("table", b"0123456789")])
        given = sent if token is None else {**sent, "authorization": token}
        scope = _scope(
            *target,
            "&".join(f"{name}={value}" for name, value in query.items()),
            given,
        )
        return await _ask(create_app(attrs.evolve(hub, callers=_Everybody())), scope, body)

    answer = asyncio.run(run())
    assert 200 <= answer.status < 500, (answer.status, answer.body)
    assert answer.headers["x-request-id"]
    if answer.status >= 400 and target[0] != "HEAD":
        problem = json.loads(answer.body)
        assert problem["code"] in ERRORS_BY_CODE
        assert problem["detail"]
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_connection_that_breaks_within_a_body_changes_nothing(
    hub: Hub, method: str
) -> None:
    record = await publish(hub.artifacts, DRAFT)
    verb = "write" if method == "POST" else "objects/new"
    path = f"/api/v3/dataset/acme/molecules/revisions/{record.location.revision}/{verb}"
    scope = _scope(method, path, "", {"authorization": OWNER})
    waiting: list[Message] = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await create_app(hub)(scope, receive, send)
    assert sent[0]["status"] == 400
    assert (await (await hub.storage.open(record.location)).list_folder()).objects == ()
