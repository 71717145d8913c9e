"""The hidden area: test targets go in, and nothing comes out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.object_keys import check_key
from polaris.errors import PolarisHubError
from polaris.ports.hidden_targets import TargetDeposit
from polaris.ports.storage import Write
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.reading import body_of, bundle_of, location_of
from polaris_adapters.hub_server.replies import Refused, json_reply
from polaris_adapters.hub_server.routes.objects import writes_of

__all__ = ["deposit", "deposit_one"]


async def deposit(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/hidden``, whose body is a bundle."""
    port = await _deposit(hub, caller, request)
    writes = writes_of(await bundle_of(request))
    with own_failure():
        await port.deposit(location_of(request), writes)
    return json_reply({})


async def deposit_one(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``PUT …/revisions/{revision}/hidden/{key}``."""
    port = await _deposit(hub, caller, request)
    key = check_key(request.path_params["key"])
    data = await body_of(request, largest=min(hub.limits.object, hub.limits.in_memory))
    with own_failure():
        await port.deposit(location_of(request), [Write(key, data)])
    return json_reply({})


async def _deposit(hub: Hub, caller: Caller | None, request: Request) -> TargetDeposit:
    location = location_of(request)
    hub.require_change(caller, location.ref, "hide test targets of", act=Act.DEPOSIT)
    await hub.require_unpublished(caller, location)
    if hub.deposit is None:
        error = PolarisHubError(
            "This hub takes in no test targets", hint="Use a hub that scores submissions."
        )
        raise Refused(404, error)
    return hub.deposit
