"""The application: routes, and what stands before them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from polaris.application.in_memory_replies import InMemoryReplies
from polaris.domain.identity import ArtifactKind
from polaris.ports.replies import ReplyStore
from polaris_adapters.hub_server.access import READ, Act
from polaris_adapters.hub_server.endpoints import (
    Handler,
    RequestIds,
    acting,
    answering,
    answering_anybody,
    on_no_route,
)
from polaris_adapters.hub_server.guarded import GuardedRoute
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.openapi import DOCUMENT_PATH, DocumentRoute
from polaris_adapters.hub_server.remembered import RememberedReplies
from polaris_adapters.hub_server.routes import (
    account,
    accounts,
    catalogue,
    contents,
    hidden,
    history,
    objects,
    organizations,
    publishing,
    signing,
    tokens,
)

__all__ = ["create_app"]

_ARTIFACT = "/api/v3/{kind}/{owner}/{slug}"
_MEMBERS = "/api/v3/organizations/{slug}/members"
_REVISION = _ARTIFACT + "/revisions/{revision}"

_Acts = Act | tuple[Act, ...]
_PUBLISH = (Act.CHANGE, Act.CHANGE_ACCESS)

# Those that read may be called any number of times.
_READING: tuple[tuple[str, str, Handler, _Acts], ...] = (
    ("GET", "/api/v3/me", account.get_me, Act.OWN_ACCOUNT),
    ("GET", "/api/v3/tombstones", history.get_tombstones, Act.SEE_DELETED),
    ("GET", "/api/v3/{kind}", catalogue.get_page, (Act.READ_PUBLIC, Act.LIST_PRIVATE)),
    ("GET", _ARTIFACT, catalogue.get_record, READ),
    ("GET", _ARTIFACT + "/jobs", catalogue.get_jobs, READ),
    ("GET", _ARTIFACT + "/versions", history.get_versions, READ),
    ("GET", _ARTIFACT + "/versions/{version}", history.get_version, READ),
    ("GET", _ARTIFACT + "/tombstone", history.get_tombstone, Act.SEE_DELETED),
    ("GET", _REVISION + "/objects", objects.get_listing, READ),
    ("GET", _REVISION + "/folder", objects.get_folder, READ),
    ("POST", _REVISION + "/stat", objects.stat, READ),
    ("POST", _REVISION + "/digest", objects.digest, READ),
    ("POST", _REVISION + "/read", objects.read, READ),
    ("POST", _REVISION + "/sign", signing.sign, (*READ, Act.CHANGE)),
    ("GET", _REVISION + "/objects/{key:path}", contents.get_content, READ),
)
# Where the store has a service for it.
_TEMPORARY: tuple[tuple[str, str, Handler, _Acts], ...] = (
    ("POST", _REVISION + "/credentials", signing.credentials, (*READ, Act.CHANGE)),
)
# What these may do stands in their addresses, which the hub has signed.
_SIGNED = "/api/v3/signed/{kind}/{owner}/{slug}/revisions/{revision}/objects/{key:path}"
_ADDRESSED: tuple[tuple[str, str, Handler, _Acts], ...] = (
    ("GET", _SIGNED, signing.serve, Act.USE_ADDRESS),
    ("PUT", _SIGNED, signing.serve, Act.USE_ADDRESS),
)
_ACTING: tuple[tuple[str, str, Handler, _Acts], ...] = (
    ("POST", "/api/v3/sign-out", account.sign_out, Act.OWN_ACCOUNT),
    ("POST", _ARTIFACT + "/publications", publishing.begin, _PUBLISH),
    ("POST", _ARTIFACT + "/publications/{revision}/commit", publishing.commit, _PUBLISH),
    ("DELETE", _ARTIFACT, history.delete, Act.DELETE),
    ("POST", _ARTIFACT + "/restore", history.restore, Act.RESTORE),
    ("POST", _REVISION + "/write", objects.write, Act.CHANGE),
    ("POST", _REVISION + "/delete", objects.delete, Act.CHANGE),
    ("PUT", _REVISION + "/objects/{key:path}", contents.put_content, Act.CHANGE),
    ("POST", _REVISION + "/hidden", hidden.deposit, Act.DEPOSIT),
    ("PUT", _REVISION + "/hidden/{key:path}", hidden.deposit_one, Act.DEPOSIT),
)


# What tells a secret is not among those whose replies are kept.
_OWN_READING: tuple[tuple[str, str, Handler, _Acts], ...] = (
    ("GET", "/api/v3/me/tokens", tokens.get_tokens, Act.OWN_TOKENS),
    ("POST", "/api/v3/me/tokens", tokens.post_token, Act.OWN_TOKENS),
    ("GET", "/api/v3/owners/{slug}", accounts.get_owner, Act.SEE_OWNER),
    ("GET", _MEMBERS, organizations.get_members, Act.SEE_MEMBERS),
    ("GET", _MEMBERS + "/{user}", organizations.get_member, Act.SEE_MEMBERS),
    ("GET", "/api/v3/accounts", accounts.get_accounts, Act.MANAGE_ACCOUNTS),
    ("POST", "/api/v3/accounts", accounts.post_account, Act.MANAGE_ACCOUNTS),
    ("POST", "/api/v3/accounts/{slug}/password", accounts.post_password, Act.MANAGE_ACCOUNTS),
)
_OWN_ACTING: tuple[tuple[str, str, Handler, _Acts], ...] = (
    ("DELETE", "/api/v3/me/tokens/{id}", tokens.revoke, Act.OWN_TOKENS),
    ("PUT", "/api/v3/me/password", tokens.put_password, Act.OWN_PASSWORD),
    ("POST", "/api/v3/organizations", organizations.post_organization, Act.CREATE_ORGANIZATION),
    ("PUT", _MEMBERS + "/{user}", organizations.put_member, Act.MANAGE_MEMBERS),
    ("DELETE", _MEMBERS + "/{user}", organizations.delete_member, (Act.MANAGE_MEMBERS, Act.LEAVE)),
    ("PATCH", "/api/v3/accounts/{slug}", accounts.patch_account, Act.MANAGE_ACCOUNTS),
)


def create_app(hub: Hub, replies: ReplyStore | None = None) -> Starlette:
    """Return a hub server as an ASGI application. It holds nothing that needs closing.

    Args:
        hub: Its ports, and who may call.
        replies: Keeps replies for callers that repeat a call; in this process when omitted, which
            will not do for a hub of several.
    """
    remembered = RememberedReplies(hub.clock, replies or InMemoryReplies())
    routes = [
        GuardedRoute(
            "/.well-known/polaris-hub", account.describe, acts=Act.SEE_HUB, methods=["GET"]
        ),
        GuardedRoute(
            DOCUMENT_PATH,
            answering_anybody(hub, DocumentRoute().get),
            acts=Act.SEE_HUB,
            methods=["GET"],
        ),
    ]
    # Before those of artifacts, whose paths begin with any word.
    own = hub.accounts is not None
    reading = (*(_OWN_READING if own else ()), *_READING)
    if hub.temporary is not None:
        reading += _TEMPORARY
    routes += [
        GuardedRoute(path, answering(hub, handler), acts=acts, methods=[verb], kinds=ArtifactKind)
        for verb, path, handler, acts in reading
    ]
    routes += [
        GuardedRoute(
            path, acting(hub, handler, remembered), acts=acts, methods=[verb], kinds=ArtifactKind
        )
        for verb, path, handler, acts in (*(_OWN_ACTING if own else ()), *_ACTING)
    ]
    routes += [
        GuardedRoute(
            path, answering_anybody(hub, handler), acts=acts, methods=[verb], kinds=ArtifactKind
        )
        for verb, path, handler, acts in _ADDRESSED
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(RequestIds)],
        exception_handlers={HTTPException: on_no_route},
    )
    # A redirect to a path without its last slash would lose the token on the way.
    app.router.redirect_slashes = False
    return app
