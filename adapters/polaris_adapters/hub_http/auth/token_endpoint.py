"""Asking token endpoints: authlib makes the requests, the session sends them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from polaris.domain.secret import Secret
from polaris.ports.tokens import StoredToken
from polaris_adapters.hub_http.auth.token_replies import as_token
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import AsyncOAuth2Client, httpx
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["ANSWERS", "OAuthClient", "TokenRequests", "authorization_url"]

# An OAuth server refuses with 400 or 401; what means "later" is tried again by the session.
ANSWERS = frozenset(range(200, 500)) - {408, 425, 429}

# What protocol section 4.2 shows: token requests to a hub carry the word None.
HUB_CLIENT = "None"


@attrs.frozen
class _ThroughSession(httpx.AsyncBaseTransport):
    """Sends requests by the session: its connections, certificates, tries and deadline."""

    session: HttpSession
    what: str
    repeatable: bool
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        kept = {n: request.headers[n] for n in ("accept", "content-type") if n in request.headers}
        return await self.session.send(
            Call(
                request.method,
                str(request.url),
                self.what,
                content=await request.aread(),
                headers={**kept, **self.headers},
                authorize=False,
                repeatable=self.repeatable,
                expect=ANSWERS,
            )
        )


class OAuthClient(AsyncOAuth2Client):  # type: ignore[misc]  # authlib has no types
    """authlib's client, which leaves the reading of replies to us.

    Args:
        session: Sends its requests.
        client_id: The OAuth 2 client, a public one.
        what: What is tried, to follow "Cannot" in errors.
        repeatable: Whether the server may be given its requests twice.
        headers: Further headers of its requests.
    """

    def __init__(
        self,
        session: HttpSession,
        client_id: str,
        *,
        what: str,
        repeatable: bool,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._clock = session.clock
        super().__init__(
            client_id=client_id,
            token_endpoint_auth_method="none",  # noqa: S106  no secret: a public client
            revocation_endpoint_auth_method="none",
            code_challenge_method="S256",
            transport=_ThroughSession(session, what, repeatable, headers or {}),
        )

    def parse_response_token(self, resp: httpx.Response) -> StoredToken:
        """Return the token in a reply; authlib's own reading accepts what is none."""
        return as_token(resp, now=self._clock.now())


def authorization_url(
    endpoint: str, *, client_id: str, redirect_uri: str, scope: str, state: str, verifier: str
) -> str:
    """Return the address of an authorization request (RFC 6749 section 4.1.1, RFC 7636, S256)."""
    client = AsyncOAuth2Client(client_id=client_id, code_challenge_method="S256", transport=_NONE)
    url, _ = client.create_authorization_url(
        endpoint, state=state, code_verifier=verifier, redirect_uri=redirect_uri, scope=scope
    )
    return str(url)


# Only makes an address, and must not read the machine's certificates for that.
_NONE = httpx.MockTransport(lambda request: httpx.Response(500, request=request))


@attrs.frozen
class TokenRequests:
    """Asks for tokens.

    Attributes:
        session: Sends the requests.
        client_id: The OAuth 2 client at the login provider.
    """

    session: HttpSession
    client_id: str

    async def by_code(
        self, endpoint: str, *, code: Secret, redirect_uri: str, verifier: Secret
    ) -> StoredToken:
        """Return the token for an authorization code (RFC 6749 section 4.1.3)."""
        return await self._ask(
            endpoint,
            self.client_id,
            "sign in by a code",
            {
                "grant_type": "authorization_code",
                "redirect_uri": redirect_uri,
                "code_verifier": verifier.reveal(),
                "code": code.reveal(),
            },
            repeatable=False,  # A code is good for one request.
        )

    async def by_device_code(self, endpoint: str, device_code: Secret) -> StoredToken:
        """Return the token for a device code, once it has been entered (RFC 8628 section 3.4)."""
        return await self._ask(
            endpoint,
            self.client_id,
            "ask whether the code has been entered",
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                "device_code": device_code.reveal(),
            },
            repeatable=False,
        )

    async def by_password(self, endpoint: str, username: str, password: Secret) -> StoredToken:
        """Return the hub's token for a name and a password (protocol section 4.2)."""
        return await self._ask(
            endpoint,
            HUB_CLIENT,
            "sign in by user name and password",
            {"grant_type": "password", "username": username, "password": password.reveal()},
        )

    async def by_exchange(
        self, endpoint: str, subject: Secret, *, subject_type: str, audience: str | None = None
    ) -> StoredToken:
        """Return the hub's token for another one (RFC 8693 section 2.1, protocol section 4.2).

        Args:
            endpoint: Where the hub gives tokens.
            subject: The other token.
            subject_type: Last part of the identifier of its type, such as ``access_token``.
            audience: Whom the token is for, if that has to be said.
        """
        fields = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": subject.reveal(),
            "subject_token_type": f"urn:ietf:params:oauth:token-type:{subject_type}",
            "requested_token_type": "urn:ietf:params:oauth:token-type:jwt",
        }
        if audience is not None:
            fields["audience"] = audience
        return await self._ask(
            endpoint,
            HUB_CLIENT,
            "exchange the sign-in for a token of the hub",
            fields,
        )

    async def by_refresh(
        self, token: StoredToken, *, at_hub: bool, scope: str, key: str
    ) -> StoredToken:
        """Return the token that follows another one (RFC 6749 section 6).

        It is asked for where the other one is from, and nowhere else. May be sent twice: if the
        answer is lost, the old refresh token is all that there is.

        Args:
            token: Has a refresh token; the new one keeps it where the reply gives no other.
            at_hub: Whether the hub gave it, and not the login provider.
            scope: What is asked for.
            key: Names the renewal, so that a server that honours such keys answers the same twice.
        """
        assert token.refresh is not None
        fields = {"grant_type": "refresh_token", "refresh_token": token.refresh.reveal()}
        if scope and not at_hub:
            fields["scope"] = scope
        fresh = await self._ask(
            token.issuer,
            HUB_CLIENT if at_hub else self.client_id,
            "renew the sign-in",
            fields,
            headers={"idempotency-key": key},
        )
        return attrs.evolve(
            fresh, refresh=fresh.refresh or token.refresh, scope=fresh.scope or token.scope
        )

    async def _ask(
        self,
        endpoint: str,
        client_id: str,
        what: str,
        fields: Mapping[str, str],
        *,
        repeatable: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> StoredToken:
        client = OAuthClient(
            self.session, client_id, what=what, repeatable=repeatable, headers=headers
        )
        token = await client.fetch_token(endpoint, **fields)
        assert isinstance(token, StoredToken)
        return token
