"""Authorization requests: what a client asks for, and whether it may.

Source: RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core section 3.1.2.1.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import attrs
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidRequestError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)
from authlib.oidc.core.errors import (
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

from polaris.application.accounts.oauth_clients import CODE, Client
from polaris.application.accounts.redirects import with_parameters
from polaris_adapters.hub_server.oauth.browser import PageError
from polaris_adapters.hub_server.oauth.endpoints import DEFAULT_SCOPES
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import asked_scopes

__all__ = ["AuthorizationRequest", "SentBackError", "authorization_request"]

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_UNSUPPORTED = {
    "request": RequestNotSupportedError,
    "request_uri": RequestURINotSupportedError,
    "registration": RegistrationNotSupportedError,
}


@attrs.frozen(kw_only=True)
class AuthorizationRequest:
    """What a client asks a user for.

    Attributes:
        query: The request as it came.
        client: Who asks.
        redirect_uri: Where the answer goes; the client has registered it.
        state: Comes back with it.
        scopes: What is asked for.
        challenge: The verifier's, S256.
        nonce: Comes back in the ID token.
        prompt: Which pages have to be shown, or that none may.
        max_age: Seconds since when the user must have signed in; None for any time.
        login_hint: Who will sign in, perhaps.
        id_token_hint: An ID token of whom it is about.
    """

    query: str = attrs.field(repr=False)
    client: Client
    redirect_uri: str
    state: str | None
    scopes: frozenset[str]
    challenge: str
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str | None
    id_token_hint: str | None = attrs.field(repr=False)

    def answer(self, base: str, **parameters: str) -> str:
        """Return the address of an answer (RFC 6749 section 4.1.2, RFC 9207 section 2)."""
        return _answer(self.redirect_uri, self.state, base, parameters)


class SentBackError(Exception):
    """The client is told by a redirect what is wrong (RFC 6749 section 4.1.2.1).

    Args:
        location: Where the browser is sent.
    """

    def __init__(self, location: str) -> None:
        super().__init__("the client is told what is wrong")
        self.location = location


def _answer(redirect_uri: str, state: str | None, base: str, told: dict[str, str]) -> str:
    found = dict(told)
    if state is not None:
        found["state"] = state
    return with_parameters(redirect_uri, [*found.items(), ("iss", base)])


async def authorization_request(provider: Provider, query: str, base: str) -> AuthorizationRequest:
    """Return what a query asks for.

    Raises:
        PageError: It is not known which client asks, or where it is; browsers are not sent to
            places that nobody has registered.
        SentBackError: The client is told what is wrong.
    """
    pairs = _pairs(query)
    client, redirect_uri = await _who_and_where(provider, pairs, base)
    states = [value for name, value in pairs if name == "state" and value]
    try:
        return _read(query, Parameters(pairs), client, redirect_uri)
    except OAuth2Error as error:
        told = {key: str(value) for key, value in error.get_body()}
        state = states[0] if len(states) == 1 else None
        raise SentBackError(_answer(redirect_uri, state, base, told)) from error


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=60, errors="strict")
    except ValueError:
        raise _unusable("The address cannot be read.") from None


async def _who_and_where(
    provider: Provider, pairs: list[tuple[str, str]], base: str
) -> tuple[Client, str]:
    ids = [value for name, value in pairs if name == "client_id"]
    redirects = [value for name, value in pairs if name == "redirect_uri"]
    client = await provider.clients.find(ids[0]) if len(ids) == 1 else None
    if client is None:
        raise _unusable("The program that sent you here is not known to this hub (client_id).")
    if len(redirects) != 1 or not client.redirects_to(redirects[0], base=base):
        raise _unusable(
            "The program that sent you here wants you sent back to an address that was not "
            "registered for it (redirect_uri)."
        )
    return client, redirects[0]


def _unusable(text: str) -> PageError:
    hint = "Nothing was given to anybody. Begin again, or tell the makers of the program."
    return PageError(400, "This sign-in cannot go on", f"{text} {hint}")


def _read(query: str, found: Parameters, client: Client, redirect_uri: str) -> AuthorizationRequest:
    for name, error in _UNSUPPORTED.items():
        if name in found:
            raise error()
    if found.required("response_type") != "code":
        raise UnsupportedResponseTypeError("another one", "Only response_type=code is supported")
    if found.get("response_mode", "query") != "query":
        raise InvalidRequestError("Only response_mode=query is supported")
    if CODE not in client.grants:
        raise UnauthorizedClientError("The client may not use authorization codes")
    challenge = found.required("code_challenge")
    # Without a method, plain is meant (RFC 7636 section 4.3), which shows the verifier.
    if found.get("code_challenge_method", "plain") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("PKCE is needed, with S256")
    asked = asked_scopes(found.get("scope"), allowed=client.scopes)
    prompt = frozenset(found.get("prompt", "").split())
    if prompt - _PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise InvalidRequestError("prompt cannot be understood")
    return AuthorizationRequest(
        query=query,
        client=client,
        redirect_uri=redirect_uri,
        state=found.get("state"),
        scopes=(asked or DEFAULT_SCOPES & client.scopes) | client.implied,
        challenge=challenge,
        nonce=found.plain("nonce"),
        prompt=prompt,
        max_age=_age(found.get("max_age")),
        login_hint=found.plain("login_hint", longest=200),
        id_token_hint=found.get("id_token_hint"),
    )


def _age(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise InvalidRequestError("max_age is no number of seconds")
    return int(text)
