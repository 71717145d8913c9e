"""One authorization request, and what may answer it (RFC 6749 section 4.1, RFC 7636, RFC 9207)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from polaris.domain.secret import Secret
from polaris.errors import HubReplyError, SignInError
from polaris_adapters.hub_http.auth.discovery import LoginServer
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.hub_http.auth.token_endpoint import authorization_url
from polaris_adapters.hub_http.origins import same_origin

__all__ = ["Authorization"]

Parameters = Mapping[str, Sequence[str]]


class Authorization:
    """Makes the address that the browser opens, and takes one answer to it.

    Its state and its verifier are fresh, random, and good for this request only.

    Args:
        server: Where the request goes.
        client_id: The OAuth 2 client.
        redirect_uri: Where the answer comes.
        scope: What is asked for.

    Attributes:
        url: What the browser opens.
        verifier: Proves to the token endpoint that it was us who asked.

    Raises:
        SignInError: The server does not offer PKCE with S256.
    """

    def __init__(
        self, server: LoginServer, *, client_id: str, redirect_uri: str, scope: str
    ) -> None:
        if server.challenges is not None and "S256" not in server.challenges:
            raise SignInError(
                "Cannot sign in by the browser: the login server does not offer PKCE with S256",
                hint="Sign in by POLARIS_TOKEN, or tell the operators of the hub.",
            )
        self._server = server
        self._state = secrets.token_urlsafe(32)
        self._used = False
        self.redirect_uri = redirect_uri
        self.verifier = Secret(secrets.token_urlsafe(64))
        self.url = authorization_url(
            server.authorization_endpoint,
            client_id=client_id,
            redirect_uri=redirect_uri,
            scope=scope,
            state=self._state,
            verifier=self.verifier.reveal(),
        )

    def is_answered_by(self, parameters: Parameters) -> bool:
        """Say whether parameters of a redirect carry the state of this request, once."""
        found = parameters.get("state", ())
        return len(found) == 1 and hmac.compare_digest(
            found[0].encode("utf-8", "replace"), self._state.encode()
        )

    def code(self, parameters: Parameters) -> Secret:
        """Return the code in the parameters of a redirect.

        Raises:
            SignInError: They do not answer this request, are from another server, say that the
                sign-in failed, or have been taken before.
        """
        if not self.is_answered_by(parameters):
            raise SignInError(
                "The redirect was refused: its state is not that of this sign-in",
                hint="Begin again, and use the page that was opened last.",
            )
        self._check_issuer(parameters)
        if self._used:
            raise SignInError(
                "The redirect was refused: this sign-in has been answered already",
                hint="Begin again: polaris auth login.",
            )
        self._used = True
        repeated = sorted(name for name, values in parameters.items() if len(values) > 1)
        if repeated:
            raise SignInError(f"The redirect was refused: it has {repeated[0]!r:.40} twice")
        if "error" in parameters:
            said = {name: values[0] for name, values in parameters.items()}
            raise Refusal.of(said).as_error("sign in by the browser")
        code = next(iter(parameters.get("code", ())), "")
        if not code:
            raise SignInError("The redirect was refused: it has no code")
        return Secret(code)

    def code_of_text(self, text: str) -> Secret:
        """Return the code in what somebody pasted: the code, or the address that has it.

        A bare code cannot show what it answers; that only the verifier of this request redeems it
        is what protects it (RFC 7636).

        Raises:
            SignInError: See `code`.
        """
        text = text.strip()
        if "?" in text and "://" in text:
            return self.code(parse_qs(urlsplit(text).query, keep_blank_values=True))
        if not text or any(c.isspace() or not c.isprintable() for c in text):
            raise SignInError(
                "What was pasted is no code", hint="Paste what the page shows, and nothing else."
            )
        if self._used:
            raise SignInError("This sign-in has been answered already")
        self._used = True
        return Secret(text)

    def _check_issuer(self, parameters: Parameters) -> None:
        """Refuse answers of another server than the one that was asked (RFC 9207 section 2.4)."""
        named = parameters.get("iss", ())
        if not named:
            if self._server.names_issuer:
                raise SignInError(
                    "The redirect was refused: it does not say which server it is from, though "
                    "the login server always does",
                    hint=_MIXED,
                )
            return
        expected = self._server.issuer
        if expected is None:
            right = all(_same_origin(iss, self._server.authorization_endpoint) for iss in named)
        else:
            right = all(iss == expected for iss in named)
        if not right or len(named) != 1:
            raise SignInError(
                f"The redirect was refused: it is from {named[0]!r:.100}, not from the login "
                f"server {expected or self._server.authorization_endpoint!r}",
                hint=_MIXED,
            )


_MIXED = "Somebody may try to mix up two sign-ins. Begin again; if it happens again, report it."


def _same_origin(one: str, other: str) -> bool:
    try:
        return same_origin(one, other)
    except HubReplyError:
        return False
