"""Every cell of the access table over every route: who gets what, and what is refused is not done.

The cells are those of the table and of the routes, so that a new act or route has its cells at
once; only what a call has to send is told here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest

from polaris.application.accounts.secrets import digest_of_secret
from polaris.application.native_wire.bundle import bundled
from polaris.domain.accounts import Role, Scope
from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import Access, ArtifactQuery, ArtifactRecord
from polaris.ports.credentials import CredentialKind
from polaris.ports.storage import Read
from polaris.testing.suites.artifact_drafts import draft_of
from polaris_adapters.hub_server.access import TABLE, Act, Standing
from tests.guarded_routes import guarded_routes

World = Any
Body = Callable[[ArtifactRecord, Act], dict[str, Any]]

_A = "/api/v3/{kind}/{owner}/{slug}"
_R = _A + "/revisions/{revision}"
SLUGS = ["alice", "bobby", "mallory", "root-user", "carol"]
_SIGNED = "/api/v3/signed/{kind}/{owner}/{slug}/revisions/{revision}/objects/{key:path}"
_MEMBER = "/api/v3/organizations/{slug}/members/{user}"
_BUNDLE = {"content": bundled([{"key": "other", "size": 3}], [b"new"])}


def _draft(record: ArtifactRecord, act: Act) -> dict[str, Any]:
    access = "public" if act is Act.CHANGE_ACCESS else record.access
    # What is committed has to be what has been begun, so the content stays.
    draft = draft_of(record.ref.slug, kind=record.ref.kind, access=access)
    said = {"document": draft.document, "access": access, "revision": draft.revision}
    return {"content": json.dumps(said).encode()}


def _sent(**body: Any) -> Body:
    return lambda record, act: body


def _to_sign(record: ArtifactRecord, act: Act) -> dict[str, Any]:
    request: dict[str, Any] = {"method": "GET", "key": "table"}
    if act is Act.CHANGE:
        request |= {"method": "PUT", "size": 3, "sha256": hashlib.sha256(b"new").hexdigest()}
    return {"json": {"requests": [request]}}


BODIES: dict[tuple[str, str], Body] = {
    ("POST", _R + "/stat"): _sent(json={"keys": ["table"]}),
    ("POST", _R + "/digest"): _sent(json={"keys": ["table"]}),
    ("POST", _R + "/read"): _sent(json={"reads": [{"key": "table"}]}),
    ("POST", _R + "/sign"): _to_sign,
    ("PUT", _SIGNED): _sent(content=b"new"),
    ("POST", _A + "/publications"): _draft,
    ("POST", _A + "/publications/{revision}/commit"): _draft,
    ("POST", _R + "/write"): _sent(**_BUNDLE),
    ("POST", _R + "/delete"): _sent(json={"keys": ["table"]}),
    ("PUT", _R + "/objects/{key:path}"): _sent(content=b"new"),
    ("POST", _R + "/hidden"): _sent(**_BUNDLE),
    ("PUT", _R + "/hidden/{key:path}"): _sent(content=b"new"),
    ("POST", "/api/v3/me/tokens"): _sent(json={"name": "mine", "scopes": ["write"]}),
    ("PUT", "/api/v3/me/password"): _sent(
        json={"current": "correct horse battery", "new": "another long password"}
    ),
    ("POST", "/api/v3/organizations"): _sent(json={"slug": "newcomers"}),
    ("PUT", _MEMBER): _sent(json={"role": "member"}),
    ("POST", "/api/v3/accounts"): _sent(json={"slug": "newcomer"}),
    ("PATCH", "/api/v3/accounts/{slug}"): _sent(json={"name": "Another"}),
}
STANDINGS = [standing.value for standing in Standing]
NOT_GOOD = ["expired", "revoked", "closed", "invented"]


ROUTES = guarded_routes()
CELLS = [(act, *route) for route, acts in ROUTES.items() for act in acts]


def test_every_route_is_in_the_table() -> None:
    assert len(ROUTES) > 20
    assert [route for route, acts in ROUTES.items() if not acts] == []
    assert {act for acts in ROUTES.values() for act in acts} <= set(TABLE) == set(Act)


@pytest.fixture
async def record(world: World, request: pytest.FixtureRequest) -> ArtifactRecord:
    act: Act = request.getfixturevalue("act")
    await world.user("carol")
    # So that everybody else may go.
    await world.accounts.set_role("acme", "carol", Role.OWNER)
    for slug in SLUGS:
        await world.token(slug, days=1)
    path: str = request.getfixturevalue("path")
    # Who cannot read an artifact cannot ask for addresses of it at all.
    is_public = act is Act.READ_PUBLIC or (act is Act.CHANGE and path.endswith("/sign"))
    access: Access = "public" if is_public else "private"
    found: ArtifactRecord = await world.published(
        "molecules", kind=ArtifactKind.PREDICTION, access=access, evaluate=True
    )
    if act in (Act.SEE_DELETED, Act.RESTORE):
        await world.hub.history.delete(found.ref)
    is_member = "who" in request.fixturenames and request.getfixturevalue("who") == "member"
    if is_member and act in (Act.CHANGE, Act.DEPOSIT) and "/revisions/" in path:
        # Members change what is being published; what has been is for owners.
        draft = draft_of("molecules", "second", kind=ArtifactKind.PREDICTION, access=access)
        begun = await world.hub.artifacts.begin(draft)
        return attrs.evolve(found, location=begun.location)
    return found


async def _call(
    world: World, record: ArtifactRecord, act: Act, method: str, path: str, who: str
) -> httpx.Response:
    ref = record.ref
    values = {
        # Of members, somebody else; who leaves, oneself.
        "user": await _slug(world, who) if act is Act.LEAVE else "carol",
        "id": await _own_token(world, who),
        "kind": ref.kind.value,
        "owner": ref.owner,
        "slug": ref.slug,
        "revision": record.location.revision,
        "key": "table",
        "version": "1",
    }
    if "organizations" in path or "owners" in path:
        values["slug"] = "acme"
    elif "accounts" in path:
        values["slug"] = "carol"
    body = BODIES.get((method, path), _sent())(record, act)
    found = path.replace(":path}", "}").format_map(values)
    if path == "/api/v3/tombstones":
        found += "?owner=acme"
    if path == _SIGNED:
        found = await _signed(world, record, method)
    reply: httpx.Response = await world.ask(method, found, who=who, **body)
    return reply


async def _slug(world: World, who: str) -> str:
    """Return the user behind a token; of nobody, the member whose leaving would show."""
    token = world.tokens.get(who)
    caller = None if token is None else await world.callers.find(token)
    return "bobby" if caller is None else str(caller.identity.user.slug)


async def _own_token(world: World, who: str) -> str:
    """Return the id of a token of that user besides the one of the call."""
    account, used = f"id-of-{await _slug(world, who)}", world.tokens.get(who)
    digest = "" if used is None else digest_of_secret(used)
    found = await world.credentials.of_account(account, CredentialKind.PERSONAL)
    return next(str(c.digest[:16]) for c in found if c.digest != digest)


async def _signed(world: World, record: ArtifactRecord, method: str) -> str:
    """Return an address that the owner has asked for."""
    path = f"/api/v3/prediction/acme/molecules/revisions/{record.location.revision}/sign"
    body = _to_sign(record, Act.CHANGE if method == "PUT" else Act.READ_PRIVATE)
    reply = await world.ask("POST", path, who="owner", **body)
    return str(reply.json()["signed"][0]["url"])


async def _state(world: World, record: ArtifactRecord) -> Any:
    """Return what a call that is refused must leave as it was."""
    history = world.hub.history
    pages = [await world.hub.artifacts.page(ArtifactQuery(kind)) for kind in ArtifactKind]
    store = await world.hub.storage.open(record.location)
    accounts = await world.accounts.page()
    return (
        pages,
        await history.tombstones("acme"),
        await store.get([Read("table"), Read("other")]),
        accounts,
        [await world.accounts.members(a.slug) for a in accounts if a.type == "organization"],
        [await world.accounts.password(a.id) for a in accounts],
        [await world.credentials.of_account(a.id, CredentialKind.PERSONAL) for a in accounts],
    )


def _code(reply: httpx.Response) -> str:
    """Return the code of an error; to HEAD there is only the status to go by."""
    if reply.request.method == "HEAD":
        assert not reply.content
        if "insufficient_scope" in reply.headers.get("www-authenticate", ""):
            return "insufficient_scope"
        return {401: "unauthorized", 403: "access_denied", 404: "artifact_not_found"}[
            reply.status_code
        ]
    return str(reply.json()["code"])


def _check_hidden(reply: httpx.Response, method: str, path: str) -> None:
    """Look for the reply of what is not there."""
    if path in ("/api/v3/{kind}", _A + "/jobs"):
        assert reply.status_code == 200
        assert method == "HEAD" or reply.json()["data"] == []
        return
    assert (reply.status_code, _code(reply)) == (404, "artifact_not_found")


def _check_refused(reply: httpx.Response, *, known: bool) -> None:
    status, code = (403, "access_denied") if known else (401, "unauthorized")
    assert (reply.status_code, _code(reply)) == (status, code)
    assert reply.headers.get("www-authenticate") == (None if known else 'Bearer realm="polaris"')


@pytest.mark.parametrize("who", STANDINGS)
@pytest.mark.parametrize(("act", "method", "path"), CELLS)
async def test_a_cell(
    world: World, record: ArtifactRecord, act: Act, method: str, path: str, who: str
) -> None:
    rule, before = TABLE[act], await _state(world, record)
    reply = await _call(world, record, act, method, path, who)
    if Standing(who) in rule.standings:
        assert 200 <= reply.status_code < 300, reply.text
        if act is Act.LIST_PRIVATE and method == "GET":
            assert [entry["slug"] for entry in reply.json()["data"]] == ["molecules"]
        return
    if rule.hidden:
        _check_hidden(reply, method, path)
    else:
        _check_refused(reply, known=who != "anonymous")
    assert "molecules" not in reply.text.replace("prediction acme/molecules", "")
    assert await _state(world, record) == before


@pytest.mark.parametrize(("act", "method", "path"), CELLS)
async def test_a_token_that_is_not_good(
    world: World, record: ArtifactRecord, act: Act, method: str, path: str
) -> None:
    await _give_bad_tokens(world)
    before = await _state(world, record)
    for who in NOT_GOOD:
        reply = await _call(world, record, act, method, path, who)
        if act in (Act.SEE_HUB, Act.SIGN_IN, Act.USE_ADDRESS):
            # Nobody's token is looked at.
            assert 200 <= reply.status_code < 300
            continue
        assert (reply.status_code, _code(reply)) == (401, "unauthorized"), who
        told = 'Bearer realm="polaris", error="invalid_token"'
        assert reply.headers["www-authenticate"] == told
        assert await _state(world, record) == before


def _scoped_cells() -> Iterator[tuple[Act, str, str, str]]:
    for act, method, path in CELLS:
        if TABLE[act].scope is not None:
            for standing in TABLE[act].standings:
                yield act, method, path, standing.value


@pytest.mark.parametrize(("act", "method", "path", "who"), sorted(_scoped_cells()))
async def test_a_token_without_the_scope(
    world: World, record: ArtifactRecord, act: Act, method: str, path: str, who: str
) -> None:
    rule = TABLE[act]
    assert rule.scope is not None
    slug = (await world.callers.find(world.tokens[who])).identity.user.slug
    world.tokens["unscoped"] = await world.token(slug, scopes=frozenset(Scope) - {rule.scope})
    before = await _state(world, record)
    reply = await _call(world, record, act, method, path, "unscoped")
    if rule.hidden:
        _check_hidden(reply, method, path)
    else:
        assert (reply.status_code, _code(reply)) == (403, "insufficient_scope")
        told = f'Bearer realm="polaris", error="insufficient_scope", scope="{rule.scope}"'
        assert reply.headers["www-authenticate"] == told
    assert await _state(world, record) == before


async def _give_bad_tokens(world: World) -> None:
    """Give administrators tokens that would be good for everything if they were good."""
    for slug in ("admin-one", "admin-two"):
        await world.user(slug, is_administrator=True)
    world.tokens["expired"] = await world.token("admin-one", days=0)
    world.tokens["revoked"] = await world.token("admin-one", family="revoked")
    await world.credentials.revoke(now=world.clock.now(), family="revoked")
    world.tokens["closed"] = await world.token("admin-two")
    await world.close("admin-two")
    secret = world.tokens["administrator"].reveal()
    world.tokens["invented"] = type(world.tokens["administrator"])(secret[:-1] + "!")
