"""Organizations: making them, and who belongs to them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.account_errors import account_exists
from polaris.application.accounts.account_ports import require_account
from polaris.application.accounts.organizations import create_organization, set_role
from polaris.domain.accounts import Membership, Role
from polaris.domain.identity import ArtifactKind, check_slug
from polaris.errors import AccountNotFoundError
from polaris.ports.artifacts import ArtifactQuery
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.replies import json_reply
from polaris_adapters.hub_server.routes.account import known
from polaris_adapters.hub_server.routes.accounts import ports_of, profile, small_json

__all__ = ["delete_member", "get_member", "get_members", "post_organization", "put_member"]


async def post_organization(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/organizations``; who calls becomes its owner."""
    found = known(hub, caller, Act.CREATE_ORGANIZATION, "create an organization")
    body = await small_json(request)
    slug = check_slug(body.text("slug"))
    if not found.is_administrator and await _owns_something(hub, slug):
        raise account_exists(slug)
    account = await create_organization(
        ports_of(hub),
        slug,
        owner=found.identity.user.slug,
        name=body.optional_text("name"),
    )
    hub.callers.refresh()
    return json_reply(profile(account), status=201)


async def _owns_something(hub: Hub, slug: str) -> bool:
    """Say whether there are artifacts of an owner, as in a hub that had no accounts before.

    Whoever took that name for an organization would own them.
    """
    for kind in ArtifactKind:
        asked = ArtifactQuery(kind, limit=0, owner=slug, private_of=None)
        if (await hub.artifacts.page(asked)).total:
            return True
    return hub.history is not None and bool(
        (await hub.history.tombstones(slug, limit=1)).tombstones
    )


async def get_members(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/organizations/{slug}/members``."""
    return json_reply({"data": [_member(m) for m in await _members(hub, caller, request)]})


async def get_member(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/organizations/{slug}/members/{user}``."""
    user = request.path_params["user"]
    for membership in await _members(hub, caller, request):
        if membership.user == user:
            return json_reply(_member(membership))
    raise AccountNotFoundError(
        f"{request.path_params['slug']} has no member {user!r:.80}",
        hint="Look at the list of its members.",
    )


async def put_member(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``PUT /api/v3/organizations/{slug}/members/{user}``."""
    slug, user = request.path_params["slug"], request.path_params["user"]
    hub.allow(caller, Act.MANAGE_MEMBERS, slug, what=f"change the members of {slug}")
    role = (await small_json(request)).choice("role", Role)
    await set_role(ports_of(hub), slug, user, role)
    hub.callers.refresh()
    return json_reply(_member(Membership(slug, user, role)))


async def delete_member(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``DELETE /api/v3/organizations/{slug}/members/{user}``; members may leave."""
    slug, user = request.path_params["slug"], request.path_params["user"]
    if caller is not None and caller.identity.user.slug == user:
        hub.allow(caller, Act.LEAVE, slug, what=f"leave {slug}")
    else:
        hub.allow(caller, Act.MANAGE_MEMBERS, slug, what=f"change the members of {slug}")
    await set_role(ports_of(hub), slug, user, None)
    hub.callers.refresh()
    return json_reply({})


async def _members(hub: Hub, caller: Caller | None, request: Request) -> list[Membership]:
    slug = request.path_params["slug"]
    hub.allow(caller, Act.SEE_MEMBERS, slug, what=f"see the members of {slug}")
    await require_account(ports_of(hub), slug, "organization")
    return list(await ports_of(hub).accounts.members(slug))


def _member(membership: Membership) -> dict[str, str]:
    return {"user": membership.user, "role": membership.role.value}
