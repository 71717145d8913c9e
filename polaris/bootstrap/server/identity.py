"""How people and programs sign in to a hub server."""

from __future__ import annotations

from polaris.bootstrap.server.ports import ServerPorts
from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.hub_server.oauth import ExternalProvider, Provider, ProviderSettings

__all__ = ["identity_provider"]


def identity_provider(ports: ServerPorts, settings: ServerSettings) -> Provider:
    """Return the hub as an OAuth 2 and OpenID provider."""
    return Provider(
        accounts=ports.accounts,
        credentials=ports.credentials,
        passwords=ports.passwords,
        keys=ports.keys,
        attempts=ports.attempts,
        clock=ports.clock,
        settings=ProviderSettings(
            url=settings.url,
            hub_name=settings.name,
            external=_external(settings),
            passwords=settings.passwords,
            contact=settings.contact,
        ),
    )


def _external(settings: ServerSettings) -> ExternalProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    return ExternalProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name=settings.oidc_name,
        scopes=settings.oidc_scopes,
        slug_claim=settings.oidc_slug_claim,
        email_domains=settings.oidc_email_domains,
        creates_accounts=settings.oidc_creates_accounts,
    )
