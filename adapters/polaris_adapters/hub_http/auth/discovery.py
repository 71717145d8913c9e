"""What a login server says of itself (RFC 8414, OpenID Connect Discovery), or the settings do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from polaris.errors import HubReplyError, HubUnreachableError, PolarisHubError, SignInError
from polaris_adapters.hub_http.auth.sign_in_settings import PUBLIC_LOGIN, SignInSettings
from polaris_adapters.hub_http.auth.token_endpoint import ANSWERS
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.origins import checked_url, same_origin
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["LoginServer", "discover"]


@attrs.frozen(kw_only=True)
class LoginServer:
    """Where and how one signs in.

    Attributes:
        issuer: The server's identifier; None where it does not tell.
        authorization_endpoint: Where the browser is sent.
        token_endpoint: Gives tokens.
        userinfo_endpoint: Says who the user is.
        device_authorization_endpoint: Begins a sign-in without a browser; None where not offered.
        revocation_endpoint: Takes tokens back; None where not offered.
        names_issuer: Whether redirects always carry ``iss`` (RFC 9207 section 3).
        challenges: The ways of PKCE that it says it offers; None if it does not say.
        resources: The APIs that take its tokens as they are (RFC 9728 section 4).
    """

    issuer: str | None = None
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    device_authorization_endpoint: str | None = None
    revocation_endpoint: str | None = None
    names_issuer: bool = False
    challenges: tuple[str, ...] | None = None
    resources: tuple[str, ...] = ()

    def is_for(self, api_url: str) -> bool:
        """Say whether an API takes the tokens of this server as they are.

        It has to be of one origin with what gives them, whatever is said: a hub must not get tokens
        that another server has given for itself.
        """
        named = {resource.rstrip("/") for resource in self.resources}
        return api_url.rstrip("/") in named and same_origin(self.token_endpoint, api_url)


def _well_known(base: str) -> list[str]:
    """Return the addresses of a server's metadata (RFC 8414 section 3.1, OpenID section 4)."""
    parts = urlsplit(base)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    return [
        f"{origin}/.well-known/oauth-authorization-server{path}",
        f"{origin}{path}/.well-known/openid-configuration",
    ]


async def discover(session: HttpSession, settings: SignInSettings) -> LoginServer:
    """Return what is known of the login server.

    The hub is asked first, then the server of ``token_fetch_url``. An address that the user has set
    wins over a discovered one, that over the defaults of the settings, which are the public hub's
    and hold for it alone: a token of its login must not go to another hub.

    Raises:
        SignInError: A hub that is not the public one says nothing of its login, nor do the
            settings.
        HubUnreachableError: A server could not be asked; nobody can sign in there now.
        HubReplyError: A server names an address that must not be followed.
    """
    bases = [settings.hub_url]
    if settings.is_login_known and not same_origin(settings.token_fetch_url, settings.hub_url):
        parts = urlsplit(settings.token_fetch_url)
        bases.append(f"{parts.scheme}://{parts.netloc}")
    for base in bases:
        for url in _well_known(base):
            metadata = await _metadata(session, url)
            if metadata is not None and _is_about(metadata, base):
                return _combined(metadata, url, settings)
    if not settings.is_login_known:
        raise SignInError(
            f"{settings.hub_url} does not say where one signs in to it",
            hint="Set POLARIS_TOKEN, or authorize_url and token_fetch_url of its login server.",
        )
    return _combined({}, settings.token_fetch_url, settings)


async def _metadata(session: HttpSession, url: str) -> Mapping[str, Any] | None:
    call = Call("GET", url, "look for the login server", authorize=False, expect=ANSWERS)
    try:
        reply = await session.send(call)
        return json_object(reply) if reply.status_code == 200 else None
    except HubUnreachableError:
        raise  # At the other addresses of that server, all tries would be in vain as well.
    except PolarisHubError:
        # A server that says nothing of itself; the addresses in the settings may work all the same.
        return None


def _is_about(metadata: Mapping[str, Any], base: str) -> bool:
    """Say whether metadata are those of the server that was asked (RFC 8414 section 3.3)."""
    issuer = metadata.get("issuer")
    return isinstance(issuer, str) and issuer.rstrip("/") == base.rstrip("/")


def _combined(metadata: Mapping[str, Any], url: str, settings: SignInSettings) -> LoginServer:
    def named(key: str) -> str | None:
        value = metadata.get(key)
        if value is None:
            return None
        try:
            return checked_url(value, base=url)
        except HubReplyError as cause:
            raise HubReplyError(
                f"The login server's {key} cannot be used: {cause.message}", hint=cause.hint
            ) from cause

    def chosen(key: str, setting: str) -> str:
        if not setting.startswith(PUBLIC_LOGIN):
            return setting
        return named(key) or setting

    issuer = metadata.get("issuer")
    return LoginServer(
        issuer=issuer if isinstance(issuer, str) else None,
        authorization_endpoint=chosen("authorization_endpoint", settings.authorize_url),
        token_endpoint=chosen("token_endpoint", settings.token_fetch_url),
        userinfo_endpoint=chosen("userinfo_endpoint", settings.user_info_url),
        device_authorization_endpoint=named("device_authorization_endpoint"),
        revocation_endpoint=named("revocation_endpoint"),
        names_issuer=metadata.get("authorization_response_iss_parameter_supported") is True,
        challenges=_texts(metadata.get("code_challenge_methods_supported")),
        resources=_texts(metadata.get("protected_resources")) or (),
    )


def _texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(text for text in value if isinstance(text, str))
