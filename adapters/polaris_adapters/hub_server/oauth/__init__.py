"""The hub as an OAuth 2 and OpenID provider: endpoints for clients, and pages for people."""

from polaris.application.accounts.oauth_clients import Client, Clients
from polaris_adapters.hub_server.oauth.fetching import Fetch, Fetched, HttpFetch
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.routes import mount_oauth, oauth_routes
from polaris_adapters.hub_server.oauth.settings import (
    ExternalProvider,
    Lifetimes,
    ProviderSettings,
)

__all__ = [
    "Client",
    "Clients",
    "ExternalProvider",
    "Fetch",
    "Fetched",
    "HttpFetch",
    "Lifetimes",
    "Provider",
    "ProviderSettings",
    "mount_oauth",
    "oauth_routes",
]
