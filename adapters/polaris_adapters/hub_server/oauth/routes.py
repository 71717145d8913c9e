"""The routes of the provider."""

from __future__ import annotations

import logging

from authlib.oauth2 import OAuth2Error
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from polaris.application.accounts.oauth_clients import CALLBACK
from polaris.application.native_wire.problems import status_of
from polaris.errors import PolarisError
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.guarded import GuardedRoute
from polaris_adapters.hub_server.oauth.account_pages import AccountPages
from polaris_adapters.hub_server.oauth.answers import Endpoint, refusing
from polaris_adapters.hub_server.oauth.authorize_pages import AUTHORIZE, AuthorizePages
from polaris_adapters.hub_server.oauth.browser import PageError
from polaris_adapters.hub_server.oauth.device_pages import DevicePages
from polaris_adapters.hub_server.oauth.endpoints import ClientEndpoints
from polaris_adapters.hub_server.oauth.external_pages import EXTERNAL_CALLBACK, ExternalPages
from polaris_adapters.hub_server.oauth.metadata import Metadata, login_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.sign_in_pages import SignInPages
from polaris_adapters.hub_server.oauth.user_info import UserInfo
from polaris_adapters.hub_server.pages.home import HomePage
from polaris_adapters.hub_server.pages.rendering import STYLE_PATH, page_response, style
from polaris_adapters.hub_server.replies import request_id_of

__all__ = ["mount_oauth", "oauth_routes"]

_LOG = logging.getLogger(__name__)


def mount_oauth(app: Starlette, provider: Provider) -> Starlette:
    """Let people and programs sign in to a hub, announce where, and return its application.

    Args:
        app: The application of the hub: `create_app`.
        provider: The same hub as a provider.
    """
    app.router.routes.extend(oauth_routes(provider))
    app.state.base = provider.base
    app.state.login = lambda request: login_of(provider.base(request))
    return app


def oauth_routes(provider: Provider) -> list[BaseRoute]:
    """Return the routes of a hub as an OAuth 2 and OpenID provider, with its pages.

    Of the access table they have names only: what a browser's session allows is its account's own,
    and what a client gets is for the grants to say.
    """
    clients, metadata, info = ClientEndpoints(provider), Metadata(provider), UserInfo(provider)
    authorize, sign_in = AuthorizePages(provider), SignInPages(provider)
    device, external, account = (
        DevicePages(provider),
        ExternalPages(provider),
        AccountPages(provider),
    )
    in_, see = Act.SIGN_IN, Act.SEE_HUB
    for_clients: list[tuple[str, str, Endpoint, Act]] = [
        ("POST", "/oauth2/token", clients.token, in_),
        ("POST", "/oauth2/device_authorization", clients.device_authorization, in_),
        ("POST", "/oauth2/revoke", clients.revoke, in_),
        ("POST", "/oauth2/introspect", clients.introspect, in_),
        ("GET", "/oauth2/userinfo", info.answer, Act.OWN_ACCOUNT),
        ("POST", "/oauth2/userinfo", info.answer, Act.OWN_ACCOUNT),
        ("GET", "/oauth2/jwks.json", metadata.jwks, see),
        ("GET", "/.well-known/openid-configuration", metadata.describe, see),
        ("GET", "/.well-known/oauth-authorization-server", metadata.describe, see),
    ]
    for_people: list[tuple[str, str, Endpoint, Act]] = [
        ("GET", "/", HomePage(provider).show, see),
        ("GET", AUTHORIZE, authorize.authorize, in_),
        ("POST", AUTHORIZE, authorize.authorize, in_),
        ("GET", CALLBACK, authorize.callback, in_),
        ("POST", "/oauth2/consent", authorize.consent, in_),
        ("GET", "/sign-in", sign_in.show, in_),
        ("POST", "/sign-in", sign_in.enter, in_),
        ("GET", "/account/password", sign_in.show_password, Act.OWN_PASSWORD),
        ("POST", "/account/password", sign_in.enter_password, Act.OWN_PASSWORD),
        ("GET", "/oauth2/logout", sign_in.show_logout, in_),
        ("POST", "/oauth2/logout", sign_in.enter_logout, in_),
        ("GET", "/oauth2/external", external.begin, in_),
        ("GET", EXTERNAL_CALLBACK, external.back, in_),
        ("GET", "/device", device.show, in_),
        ("POST", "/device", device.enter, in_),
        ("GET", "/account", account.show, Act.OWN_ACCOUNT),
        ("POST", "/account/tokens", account.make_token, Act.OWN_TOKENS),
        ("POST", "/account/{what}/revoke", account.revoke, Act.OWN_TOKENS),
    ]
    routes: list[BaseRoute] = [GuardedRoute(STYLE_PATH, style, acts=see, methods=["GET"])]
    routes += [
        GuardedRoute(path, refusing(f), acts=act, methods=[verb])
        for verb, path, f, act in for_clients
    ]
    routes += [
        GuardedRoute(path, _telling(provider, f), acts=act, methods=[verb])
        for verb, path, f, act in for_people
    ]
    return routes


def _telling(provider: Provider, endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that tells errors on pages; it raises nothing."""

    def told(request: Request, status: int, title: str, text: str) -> Response:
        shown = request_id_of(request) if status >= 500 else ""
        return page_response(
            "error", status, settings=provider.settings, account=None, title=title, text=text,
            request_id=shown,
        )  # fmt: skip

    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except PageError as error:
            return told(request, error.status, error.title, error.text)
        except OAuth2Error as error:
            what = error.description or error.error
            return told(request, 400, "This cannot be understood", f"{what}.")
        except ClientDisconnect:
            return told(request, 400, "This cannot be understood", "The request was cut.")
        except PolarisError as error:
            status = status_of(error)
            if status < 500:
                return told(request, status, "This did not work", f"{error.message}. {error.hint}")
            _LOG.error("request %s failed: %s", request_id_of(request), error, exc_info=error)
            text = "The hub could not do this. Try again in a moment."
            return told(request, status, "Something went wrong", text)
        except Exception:
            _LOG.exception("request %s failed", request_id_of(request))
            text = "The hub could not do this. If it stays, tell its operators the request."
            return told(request, 500, "Something went wrong", text)

    return answering
