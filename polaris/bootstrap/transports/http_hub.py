"""``https://…`` and ``http://…``: a hub that is reached over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urljoin

import attrs

from polaris.application.retry import RetryPolicy
from polaris.application.unattended import Unattended
from polaris.bootstrap.transports.http_buckets import open_buckets
from polaris.ports.tokens import TokenVault
from polaris.ports.transport import Transport, TransportRequest
from polaris_adapters.hub_http.auth import HubAuth, SignInSettings
from polaris_adapters.hub_http.diagnosis import HttpDiagnosis
from polaris_adapters.hub_http.generation import FoundGeneration, Generation
from polaris_adapters.hub_http.histories import open_history
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.origins import same_origin
from polaris_adapters.hub_http.raw import SessionRawHttp
from polaris_adapters.hub_http.repositories import open_repositories
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.submissions import open_submissions
from polaris_adapters.token_vaults import (
    FileTokenVault,
    KeyringTokenVault,
    MemoryTokenVault,
    PolarisLibTokens,
)

__all__ = ["HttpSignIn", "open_http_diagnosis", "open_http_hub", "open_http_sign_in"]

_PUBLIC_HUB = "https://polarishub.io/"


@attrs.frozen
class HttpSignIn:
    """A hub's calls, and who makes them.

    Attributes:
        session: Makes calls.
        auth: Signs in; gives the session its tokens.
    """

    session: HttpSession
    auth: HubAuth

    async def aclose(self) -> None:
        """Release what is held; may be awaited more than once."""
        await self.auth.aclose()
        await self.session.aclose()


def open_http_hub(request: TransportRequest) -> Transport:
    """Open a hub over HTTP; connections are made at first use.

    Raises:
        InvalidSettingsError: A keyword for the HTTP client, or the file of certificates, cannot be
            used.
    """
    opened = open_http_sign_in(request)
    artifacts, storage = open_repositories(
        opened.session,
        request.settings,
        buckets=open_buckets(opened.session.options),
        clock=request.clock,
    )
    deposit, jobs = open_submissions(opened.session, request.settings, clock=request.clock)
    return Transport(
        auth=opened.auth,
        artifacts=artifacts,
        storage=storage,
        deposit=deposit,
        jobs=jobs,
        history=open_history(opened.session, request.settings, clock=request.clock),
        http=SessionRawHttp(opened.session),
        aclose=opened.aclose,
    )


def open_http_sign_in(request: TransportRequest) -> HttpSignIn:
    """Return what signs in to a hub and makes its calls; errors as above."""
    settings = request.settings
    options = parse_options(request.http_options, settings)
    session = HttpSession(
        settings["api_url"] or urljoin(request.hub_url, "/api"),
        options,
        request.clock,
        RetryPolicy(attempts=settings["max_attempts"], total=settings["total_timeout"]),
    )
    sign_in = SignInSettings.of(settings, token=options.token)
    auth = HubAuth(
        session,
        sign_in,
        _vault(str(settings["token_store"]), keeps=options.cache_auth_token),
        request.interaction or Unattended(),
        environment=dict(os.environ),
        foreign=_polaris_lib(session, sign_in) if options.cache_auth_token else None,
    )
    session.bearer = auth
    return HttpSignIn(session, auth)


def open_http_diagnosis(request: TransportRequest) -> HttpDiagnosis:
    """Return what looks at the way to a hub over HTTP, as nobody who is signed in; errors as above.

    What was found out before of the kind of hub is not believed.
    """
    settings = request.settings
    session = HttpSession(
        settings["api_url"] or urljoin(request.hub_url, "/api"),
        parse_options(request.http_options, settings),
        request.clock,
        RetryPolicy(attempts=settings["max_attempts"], total=settings["total_timeout"]),
    )
    named = settings.get("generation") or "auto"
    fixed = None if named == "auto" else Generation(named)
    return HttpDiagnosis(
        session, FoundGeneration(session, request.hub_url, request.clock, fixed=fixed)
    )


def _vault(store: str, *, keeps: bool) -> TokenVault:
    import platformdirs

    if store == "memory" or not keeps:
        return MemoryTokenVault()
    # Not the cache folder: tools share, back up and clear caches.
    folder = Path(platformdirs.user_state_dir("polaris")) / "sign-ins"
    return KeyringTokenVault(folder) if store == "keyring" else FileTokenVault(folder)


def _polaris_lib(session: HttpSession, settings: SignInSettings) -> PolarisLibTokens | None:
    """Return what polaris-lib has cached, for the public hub only.

    Its files do not say which hub they are for. Nearly always it is that one; at any other, the
    token could go to whom it is not for.
    """
    import platformdirs

    if not same_origin(settings.hub_url, _PUBLIC_HUB):
        return None
    if not same_origin(session.api_url, _PUBLIC_HUB):
        return None
    return PolarisLibTokens(Path(platformdirs.user_cache_dir("polaris")), session.api_url)
