"""Signing in by an OpenID provider elsewhere: there, and back.

Source: OpenID Connect Core section 3.1, RFC 9700 sections 4.4 and 4.7.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.external_accounts import account_for_external
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.accounts import Account
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError, PolarisHubError, SignInError
from polaris.ports.accounts import ExternalIdentity
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.browser import PageError, Visit, local_path, visit_of
from polaris_adapters.hub_server.oauth.external_provider import OutsideProvider
from polaris_adapters.hub_server.oauth.parameters import Parameters, query_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.settings import ExternalProvider

__all__ = ["EXTERNAL_CALLBACK", "ExternalPages"]

_LOG = logging.getLogger(__name__)
_LOGIN = CredentialKind.LOGIN

EXTERNAL_CALLBACK = "/oauth2/external/callback"
_REFUSED = "You were not signed in"
# What a slug may be made of where the claim that operators chose is missing.
_NAMES = ("preferred_username", "nickname", "email", "name")


@attrs.frozen
class ExternalPages:
    """Sends people to the provider, and takes them back.

    Attributes:
        provider: Knows the accounts.
    """

    provider: Provider

    async def begin(self, request: Request) -> Response:
        """Answer ``GET /oauth2/external``: note what is begun, and go to the provider."""
        visit = await visit_of(self.provider, request)
        outside = self._outside()
        try:
            metadata = await outside.metadata()
        except PolarisHubError as error:
            raise _unavailable(error) from error
        state, nonce, verifier = new_secret(_LOGIN), secrets.token_urlsafe(32), _verifier()
        digest = digest_of_secret(state)
        login = Credential(
            kind=_LOGIN, digest=digest, family=digest, created_at=self.provider.now(),
            expires_at=self.provider.after(self.provider.settings.lifetimes.login),
            claims={
                "nonce": nonce,
                "verifier": verifier,
                "next": local_path(request.query_params.get("next")),
                # Of this browser: a state that is shown elsewhere is somebody else's sign-in.
                "browser": _bound(visit, state),
            },
        )  # fmt: skip
        await self.provider.credentials.add(login)
        return visit.go(
            outside.authorization_url(
                metadata, redirect_uri=visit.base + EXTERNAL_CALLBACK, state=state.reveal(),
                nonce=nonce, verifier=verifier,
            )
        )  # fmt: skip

    async def back(self, request: Request) -> Response:
        """Answer ``GET /oauth2/external/callback``."""
        visit = await visit_of(self.provider, request)
        query = query_of(request.url.query)
        outside = self._outside()
        login = await self._login(visit, query)
        if "error" in query:
            denied = query["error"] == "access_denied"
            text = "You have declined it." if denied else f"The provider said {query['error']!r}."
            raise PageError(403, _REFUSED, f"{text[:200]} Go back, and sign in again.")
        try:
            metadata = await outside.metadata()
            _check_issuer(query, outside.settings, required=metadata.names_issuer)
            claims = await outside.claims(
                metadata,
                code=query.required("code"),
                redirect_uri=visit.base + EXTERNAL_CALLBACK,
                nonce=str(login.claims["nonce"]),
                verifier=str(login.claims["verifier"]),
            )
        except PolarisHubError as error:
            raise _unavailable(error) from error
        account = await self._account(outside.settings, claims)
        return await visit.signed_in(account, str(login.claims["next"]), method="external")

    def _outside(self) -> OutsideProvider:
        settings = self.provider.settings.external
        if settings is None:
            raise PageError(404, "Nothing here", "This hub knows no other place to sign in by.")
        return OutsideProvider(settings, self.provider.fetch, self.provider.clock)

    async def _login(self, visit: Visit, query: Parameters) -> Credential:
        """Return the sign-in that an answer belongs to, once."""
        state = Secret(query.get("state", ""))
        digest = digest_of_secret(state)
        found = await self.provider.credentials.find(_LOGIN, digest)
        is_own = found is not None and found.claims.get("browser") == _bound(visit, state)
        if not is_own or not await self.provider.credentials.use(
            _LOGIN, digest, now=self.provider.now()
        ):
            raise PageError(
                400, _REFUSED, "This answer does not belong to a sign-in of this browser, was used "
                "before, or came too late. Sign in again."
            )  # fmt: skip
        assert found is not None, "it is this browser's own"
        return found

    async def _account(self, settings: ExternalProvider, claims: Mapping[str, Any]) -> Account:
        """Return the account that the provider's user opens.

        Raises:
            PageError: There is none, or the user may not have one.
        """
        identity = ExternalIdentity(settings.issuer, str(claims["sub"]))
        email = claims.get("email")
        address = email if isinstance(email, str) and claims.get("email_verified") is True else None
        if settings.email_domains:
            local, _, domain = (address or "").rpartition("@")
            known = {d.lower().lstrip("@") for d in settings.email_domains}
            if not local or domain.lower() not in known:
                raise PageError(
                    403, _REFUSED, "Your address is not one that may sign in to this hub, or the "
                    "provider has not verified it. Ask the operators of the hub."
                )  # fmt: skip
        names = (claims.get(name) for name in (settings.slug_claim, *_NAMES))
        proposed = next((n for n in names if isinstance(n, str) and n.strip()), "user")
        name = claims.get("name")
        try:
            if not settings.creates_accounts:
                return _known(await self.provider.accounts.find_external(identity))
            return await account_for_external(
                self.provider.ports,
                identity,
                proposed_slug=proposed.partition("@")[0] or "user",
                name=name if isinstance(name, str) else None,
                email=address,
            )
        except (SignInError, InvalidInputError) as error:
            raise PageError(403, _REFUSED, f"{error.message}. {error.hint}") from error


def _known(account: Account | None) -> Account:
    if account is None:
        raise SignInError("You have no account on this hub", hint="Ask an administrator for one.")
    if account.closed_at is not None:
        raise SignInError("Your account is closed", hint="Ask an administrator to open it again.")
    return account


def _check_issuer(query: Parameters, settings: ExternalProvider, *, required: bool) -> None:
    """Refuse an answer of another server (RFC 9207 section 2.4)."""
    named = query.get("iss")
    if (named is None and required) or (named is not None and named != settings.issuer):
        raise PageError(400, _REFUSED, "The answer is from another server. Sign in again.")


def _bound(visit: Visit, state: Secret) -> str:
    return attrs.evolve(visit, session=None).proof(f"login {digest_of_secret(state)}")


def _verifier() -> str:
    return secrets.token_urlsafe(48)


def _unavailable(error: PolarisHubError) -> PageError:
    _LOG.warning("nobody can sign in by the outside provider: %s", error)
    return PageError(
        502, _REFUSED, "The place where you sign in did not answer as it should. Try again later; "
        "if it stays, tell the operators of this hub, whose log says why."
    )  # fmt: skip
