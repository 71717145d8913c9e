"""Signing in by a password, choosing another one, and signing out.

Source: OWASP Authentication and Session Management, OpenID Connect RP-Initiated Logout.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.passwords import change_password, sign_in_with_password
from polaris.application.accounts.redirects import form_source, with_parameters
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError, SignInError
from polaris_adapters.hub_server.oauth.authorize_pages import action_of
from polaris_adapters.hub_server.oauth.browser import PageError, Visit, local_path, visit_of
from polaris_adapters.hub_server.oauth.parameters import form_of, query_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.signing import SigningKeys

__all__ = ["SignInPages"]

_SHORTEST = 12
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_OUT_OF_DATE = "This sign-in form is out of date. Send it once more."


@attrs.frozen
class SignInPages:
    """Answers people who sign in and out.

    Attributes:
        provider: Knows the accounts.
    """

    provider: Provider

    async def show(self, request: Request) -> Response:
        """Answer ``GET /sign-in``."""
        visit = await visit_of(self.provider, request)
        query = request.query_params
        path, again = local_path(query.get("next")), query.get("again") == "1"
        if visit.account is not None and not again:
            return visit.go(path)
        hint = query.get("login_hint", "")[:200]
        return await self._form(visit, path, username=hint, again=again)

    async def enter(self, request: Request) -> Response:
        """Answer ``POST /sign-in``.

        Who signs in is asked for in the same words and after the same work, whatever was wrong.
        """
        visit = await visit_of(self.provider, request)
        form = await form_of(request)
        path, username = local_path(form.get("next")), form.get("username", "").strip()[:200]
        if not self.provider.settings.passwords:
            raise PageError(403, "No passwords here", "Sign in with the button of your provider.")
        try:
            # Also before anybody has signed in: nobody is to be signed in as somebody else.
            visit.require_own_form(form)
        except PageError:
            return await self._form(
                visit, path, username=username, problem=_OUT_OF_DATE, status=403
            )
        name = username.lower() if _NAME.fullmatch(username.lower()) else "?"
        try:
            found = await sign_in_with_password(
                self.provider.ports, name, Secret(form.get("password", ""))
            )
        except SignInError as error:
            response = await self._form(
                visit, path, username=username, problem=f"{error.message}. {error.hint}",
                status=429 if error.status == 429 else 403,
            )  # fmt: skip
            if error.status == 429:
                response.headers["retry-after"] = str(int(error.retry_after or 1))
            return response
        must_change = found.password_is_temporary
        if must_change:
            path = f"/account/password?{urlencode({'next': path})}"
        return await visit.signed_in(
            found.account, path, method="password", must_change=must_change
        )

    async def _form(
        self,
        visit: Visit,
        path: str,
        *,
        username: str,
        problem: str | None = None,
        again: bool = False,
        status: int = 200,
    ) -> Response:
        external = None
        if self.provider.settings.external is not None:
            external = f"/oauth2/external?{urlencode({'next': path})}"
        return visit.page(
            "sign_in",
            status=status,
            action=await action_of(self.provider, path, visit.base),
            next=path,
            username=username,
            problem=problem,
            again=again,
            external=external,
        )

    # -- another password ------------------------------------------------------------------------

    async def show_password(self, request: Request) -> Response:
        """Answer ``GET /account/password``."""
        visit = await visit_of(self.provider, request)
        path = local_path(request.query_params.get("next"))
        if visit.account is None:
            return visit.go("/sign-in?next=%2Faccount")
        return await self._password_form(visit, path)

    async def enter_password(self, request: Request) -> Response:
        """Answer ``POST /account/password``; every other sign-in ends with it."""
        visit = await visit_of(self.provider, request)
        form = await form_of(request)
        visit.require_own_form(form)
        path = local_path(form.get("next"))
        if visit.account is None or visit.session is None:
            return visit.go("/sign-in?next=%2Faccount")
        if form.get("new") != form.get("again"):
            return await self._password_form(visit, path, "The two new passwords differ.")
        try:
            await change_password(
                self.provider.ports,
                visit.account,
                current=Secret(form.get("current", "")),
                new=Secret(form.get("new", "")),
            )
        except InvalidInputError as error:
            return await self._password_form(visit, path, f"{error.message}. {error.hint}")
        except SignInError as error:
            limited = error.status == 429
            text = f"{error.message}. {error.hint}" if limited else "That is not your password."
            return await self._password_form(visit, path, text, status=429 if limited else 403)
        return await visit.signed_in(visit.account, path, method="password")

    async def _password_form(
        self, visit: Visit, path: str, problem: str | None = None, status: int = 400
    ) -> Response:
        return visit.page(
            "password",
            status=200 if problem is None else status,
            action=await action_of(self.provider, path, visit.base),
            next=path,
            problem=problem,
            must_change=visit.must_change,
            shortest=_SHORTEST,
        )

    # -- signing out -----------------------------------------------------------------------------

    async def show_logout(self, request: Request) -> Response:
        """Answer ``GET /oauth2/logout``, where clients send browsers, too; it asks first."""
        visit = await visit_of(self.provider, request)
        query = query_of(request.url.query)
        client = query.get("client_id") or await self._client_of_hint(query.get("id_token_hint"))
        to, state = query.get("post_logout_redirect_uri", ""), query.get("state", "")
        place = await self._place(to, client, state)
        if visit.account is None:
            if place is not None:
                return visit.go(place)
            text = "Nobody is signed in to this hub in this browser."
            return visit.page("message", title="Signed out", text=text)
        action = None if place is None else form_source(place)
        return visit.page("logout", action=action, to=to, client=client or "", state=state)

    async def enter_logout(self, request: Request) -> Response:
        """Answer ``POST /oauth2/logout``."""
        visit = await visit_of(self.provider, request)
        form = await form_of(request)
        visit.require_own_form(form)
        await visit.end_session()
        place = await self._place(form.get("to", ""), form.get("client"), form.get("state", ""))
        ended = attrs.evolve(visit, session=None, account=None)
        if place is not None:
            return visit.forgetting(ended.go(place))
        text = "You are signed out of this hub in this browser."
        return visit.forgetting(ended.page("message", title="Signed out", text=text))

    async def _client_of_hint(self, token: str | None) -> str | None:
        if token is None:
            return None
        keys = SigningKeys(self.provider.keys, self.provider.clock)
        claims = await keys.read(token) or {}
        audience = claims.get("aud")
        return audience if isinstance(audience, str) else None

    async def _place(self, to: str, client_id: str | None, state: str) -> str | None:
        """Return where to go after signing out; only where the client has registered."""
        client = None if not client_id else await self.provider.clients.find(client_id)
        if client is None or to not in client.logout_uris:
            return None
        return with_parameters(to, [("state", state)]) if state else to
