"""Which client makes a request, and whether it is that client.

Source: RFC 6749 sections 2.3 and 3.2.1.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from starlette.requests import Request

from polaris.application.accounts.oauth_clients import Client
from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.secret import Secret
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider

__all__ = ["client_of"]

_BASIC = re.compile(r"basic +([A-Za-z0-9+/=_-]{1,4096}) *", re.IGNORECASE)


async def client_of(
    provider: Provider, request: Request, form: Parameters, *, public: bool = True
) -> Client:
    """Return the client that makes a request.

    Args:
        provider: Knows the clients.
        request: The request, which may authenticate the client by its header.
        form: Its parameters, which may do so too.
        public: Whether clients without a secret will do.

    Raises:
        InvalidClientError: It is none, or not that one.
        InvalidRequestError: It authenticates in two ways at once.
    """
    client_id, secret = _shown(request, form)
    found = await provider.clients.find(client_id)
    if found is None:
        raise _refused("The client is not known")
    if found.secret_digest is None:
        if secret is not None or not public:
            raise _refused("The client has no secret")
        return found
    if secret is None or not hmac.compare_digest(found.secret_digest, digest_of_secret(secret)):
        raise _refused("The client is not known by this secret")
    return found


def _shown(request: Request, form: Parameters) -> tuple[str, Secret | None]:
    header = request.headers.get("authorization")
    in_form = form.get("client_secret")
    if header is None:
        client_id = form.get("client_id")
        if client_id is None:
            raise _refused("client_id is missing")
        return client_id, None if in_form is None else Secret(in_form)
    if in_form is not None:
        raise InvalidRequestError("The client authenticates in two ways")
    found = _BASIC.fullmatch(header)
    try:
        if found is None:
            raise ValueError
        text = base64.b64decode(found[1], validate=True).decode()
        client_id, colon, secret = text.partition(":")
        if not colon:
            raise ValueError
        # Both were encoded as in a form before they were joined (section 2.3.1).
        client_id, secret = (unquote_plus(part, errors="strict") for part in (client_id, secret))
    except (ValueError, binascii.Error) as cause:
        raise _refused("The header Authorization is not understood") from cause
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("client_id is not that of the header Authorization")
    return client_id, Secret(secret) if secret else None


def _refused(description: str) -> InvalidClientError:
    error: InvalidClientError = InvalidClientError(description, status_code=401)
    return error
