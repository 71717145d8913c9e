"""The authorization endpoint: signing in, consent, and back to the client with a code.

Source: RFC 6749 section 4.1, OpenID Connect Core section 3.1.2, RFC 8252 section 8.6.
"""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, quote, urlencode

import attrs
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from polaris.application.accounts.oauth_clients import CALLBACK
from polaris.application.accounts.redirects import form_source, is_loopback_redirect
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.authorization import (
    AuthorizationRequest,
    SentBackError,
    authorization_request,
)
from polaris_adapters.hub_server.oauth.browser import PageError, Visit, visit_of
from polaris_adapters.hub_server.oauth.consents import consented, remember
from polaris_adapters.hub_server.oauth.parameters import form_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import SCOPES, in_order
from polaris_adapters.hub_server.oauth.signing import SigningKeys
from polaris_adapters.hub_server.pages.rendering import page_response

__all__ = ["AUTHORIZE", "AuthorizePages", "action_of"]

AUTHORIZE = "/oauth2/authorize"
# Parameters of ours, which show since when the user has to have signed in.
_SINCE, _PROOF = "polaris_since", "polaris_proof"


@attrs.frozen
class AuthorizePages:
    """Answers browsers that clients send.

    Attributes:
        provider: Who gives.
    """

    provider: Provider

    async def authorize(self, request: Request) -> Response:
        """Answer ``GET`` and ``POST /oauth2/authorize``."""
        if request.method == "POST":
            # As another site sends it, without our cookies; the browser comes back with them.
            form = await form_of(request)
            return RedirectResponse(f"{AUTHORIZE}?{urlencode(dict(form))}", 303)
        visit = await visit_of(self.provider, request)
        try:
            asked = await authorization_request(self.provider, request.url.query, visit.base)
            return await self._answer(visit, asked)
        except SentBackError as error:
            return visit.go(error.location)

    async def consent(self, request: Request) -> Response:
        """Answer ``POST /oauth2/consent``, which the page of consent sends."""
        visit = await visit_of(self.provider, request)
        form = await form_of(request)
        visit.require_own_form(form)
        try:
            asked = await authorization_request(self.provider, form.get("request", ""), visit.base)
            missing = await self._missing_sign_in(visit, asked)
            if missing is not None:
                return missing
            if form.get("decision") != "allow":
                return visit.go(asked.answer(visit.base, error="access_denied"))
            assert visit.account is not None, "somebody has signed in"
            if asked.client.is_assured(asked.redirect_uri):
                await remember(
                    self.provider, visit.account.id, asked.client.id, asked.scopes,
                    asked.client.name,
                )  # fmt: skip
            return await self._with_code(visit, asked)
        except SentBackError as error:
            return visit.go(error.location)

    async def callback(self, request: Request) -> Response:
        """Answer ``GET /oauth2/callback``: the page from which a code is pasted elsewhere."""
        query = request.query_params
        code, error = query.get("code", "")[:500], query.get("error", "")[:100]
        settings, status = self.provider.settings, 200 if code else 400
        return page_response(
            "code", status, settings=settings, account=None, code=code, error=error
        )

    async def _answer(self, visit: Visit, asked: AuthorizationRequest) -> Response:
        missing = await self._missing_sign_in(visit, asked)
        if missing is not None:
            return missing
        assert visit.account is not None, "somebody has signed in"
        allowed: frozenset[str] = frozenset()
        if asked.client.is_assured(asked.redirect_uri) and "consent" not in asked.prompt:
            allowed = await consented(self.provider, visit.account.id, asked.client.id)
        if asked.scopes <= allowed:
            return await self._with_code(visit, asked)
        if "none" in asked.prompt:
            return visit.go(asked.answer(visit.base, error="consent_required"))
        where = asked.redirect_uri.partition("?")[0]
        return visit.page(
            "consent",
            action=form_source(asked.redirect_uri),
            client=asked.client,
            scopes=[(scope, SCOPES[scope]) for scope in in_order(asked.scopes)],
            query=asked.query,
            where=where,
            is_local=is_loopback_redirect(asked.redirect_uri),
            is_pasted=asked.redirect_uri == visit.base + CALLBACK,
            others=_sign_in(f"{AUTHORIZE}?{asked.query}", again=True),
        )

    async def _missing_sign_in(self, visit: Visit, asked: AuthorizationRequest) -> Response | None:
        """Return what leads to signing in; None if the user has, as the request wants it."""
        if visit.account is not None and not await self._is_stale(visit, asked):
            if visit.must_change and "none" in asked.prompt:
                return visit.go(asked.answer(visit.base, error="interaction_required"))
            if visit.must_change:
                path = quote(f"{AUTHORIZE}?{asked.query}", safe="")
                return visit.go(f"/account/password?next={path}")
            return None
        if "none" in asked.prompt:
            return visit.go(asked.answer(visit.base, error="login_required"))
        since = str(int(self.provider.now().timestamp()))
        pairs = [
            (name, value)
            for name, value in parse_qsl(asked.query, keep_blank_values=True)
            if name not in (_SINCE, _PROOF)
        ]
        pairs += [(_SINCE, since), (_PROOF, _anybody(visit).proof(f"since {since}"))]
        path = f"{AUTHORIZE}?{urlencode(pairs)}"
        return visit.go(_sign_in(path, again=visit.account is not None, hint=asked.login_hint))

    async def _is_stale(self, visit: Visit, asked: AuthorizationRequest) -> bool:
        """Say whether the user has to sign in although somebody has."""
        assert visit.account is not None
        now = int(self.provider.now().timestamp())
        given = dict(parse_qsl(asked.query))
        since = given.get(_SINCE, "")
        # Whoever was sent to sign in for this very request, and did.
        if since.isascii() and since.isdigit() and len(since) < 15:
            recent = now - int(since) <= self.provider.settings.lifetimes.login
            shown = _anybody(visit).proves(f"since {since}", given.get(_PROOF))
            if recent and shown and visit.auth_time >= int(since):
                return False
        if asked.id_token_hint is not None:
            keys = SigningKeys(self.provider.keys, self.provider.clock)
            claims = await keys.read(asked.id_token_hint)
            if claims is None or claims.get("sub") != visit.account.id:
                return True
        if asked.prompt & {"login", "select_account"}:
            return True
        return asked.max_age is not None and now - visit.auth_time > asked.max_age

    async def _with_code(self, visit: Visit, asked: AuthorizationRequest) -> Response:
        """Send the browser back with a code (RFC 6749 section 4.1.2)."""
        assert visit.account is not None, "somebody has signed in"
        secret = new_secret(CredentialKind.CODE)
        now = self.provider.now()
        claims = {
            "redirect_uri": asked.redirect_uri,
            "challenge": asked.challenge,
            "nonce": asked.nonce,
            "auth_time": visit.auth_time,
        }
        code = Credential(
            kind=CredentialKind.CODE, digest=digest_of_secret(secret), account=visit.account.id,
            client=asked.client.id, family=secrets.token_hex(16), name=asked.client.name,
            scopes=asked.scopes, created_at=now,
            expires_at=self.provider.after(self.provider.settings.lifetimes.code), claims=claims,
        )  # fmt: skip
        await self.provider.credentials.add(code)
        return visit.go(asked.answer(visit.base, code=secret.reveal()))


async def action_of(provider: Provider, path: str, base: str) -> str | None:
    """Return where the forms before a path may lead in the end, besides the hub itself."""
    head, _, query = path.partition("?")
    if head != AUTHORIZE:
        return None
    try:
        return form_source((await authorization_request(provider, query, base)).redirect_uri)
    except (PageError, SentBackError):
        return None  # What is wrong with it is told when it is opened.


def _sign_in(path: str, *, again: bool, hint: str | None = None) -> str:
    told = {"next": path}
    if again:
        told["again"] = "1"
    if hint is not None:
        told["login_hint"] = hint
    return f"/sign-in?{urlencode(told)}"


def _anybody(visit: Visit) -> Visit:
    """Return a visit without its session: signing in makes a new one."""
    return attrs.evolve(visit, session=None)
