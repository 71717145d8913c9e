"""As which client one signs in to a hub of ours: it says so itself.

See docs/reference/wire.md, ``/.well-known/polaris-hub``.
"""

from __future__ import annotations

import attrs

from polaris.errors import HubUnreachableError, PolarisHubError
from polaris_adapters.hub_http.auth.sign_in_settings import DEFAULT_SCOPES, SignInSettings
from polaris_adapters.hub_http.auth.token_endpoint import ANSWERS
from polaris_adapters.hub_http.auth.token_replies import is_sendable
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["LoginClient", "login_client"]


@attrs.frozen
class LoginClient:
    """As whom, and for what, one signs in.

    Attributes:
        client_id: The OAuth 2 client.
        scopes: What is asked for, words separated by spaces.
    """

    client_id: str
    scopes: str


async def login_client(session: HttpSession, settings: SignInSettings) -> LoginClient:
    """Return as which client one signs in.

    What the user set holds. The default is the client of the public hub; any other hub is asked
    which one it has for programs like this, and keeps to the default if it does not say. Of what it
    says, only names are taken: where one signs in is found as for every hub.

    Raises:
        HubUnreachableError: The hub cannot be asked.
    """
    default = LoginClient(settings.client_id, settings.scopes)
    if not settings.is_client_open:
        return default
    url = f"{settings.hub_url.rstrip('/')}/.well-known/polaris-hub"
    what = "ask the hub how one signs in to it"
    try:
        reply = await session.send(Call("GET", url, what, authorize=False, expect=ANSWERS))
        said = json_object(reply).get("login") if reply.status_code == 200 else None
    except HubUnreachableError:
        raise
    except PolarisHubError:
        return default
    if not isinstance(said, dict):
        return default
    client_id, scopes = said.get("client_id"), said.get("scopes")
    if not isinstance(client_id, str) or not is_sendable(client_id):
        return default
    is_set = settings.scopes != DEFAULT_SCOPES
    if is_set or not isinstance(scopes, str) or not scopes.isprintable():
        scopes = settings.scopes
    return LoginClient(client_id, scopes)
