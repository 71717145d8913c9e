"""What an OAuth server refuses, in our words (RFC 6749 section 5.2, RFC 8628 section 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polaris.errors import SignInError

__all__ = ["Refusal", "printable"]

_ASK = "Tell the operators of the hub; polaris doctor shows the settings that are in use."
_AGAIN = "Sign in again: polaris auth login, or client.login(overwrite=True)."
# What each error means, and what to do.
_MEANINGS = {
    "invalid_request": ("the request was not understood", _ASK),
    "invalid_client": ("the client is not known there", "Check client_id in the settings."),
    "invalid_grant": ("what was presented is wrong, used up or over", _AGAIN),
    "unauthorized_client": ("the client may not sign in this way", _ASK),
    "unsupported_grant_type": ("this way of signing in is not offered", "Take another one."),
    "invalid_scope": ("a scope is not offered", "Check scopes in the settings."),
    "access_denied": ("the sign-in was declined", "Sign in again and allow it."),
    "expired_token": ("the code was not entered in time", "Sign in again, and enter it sooner."),
    "invalid_token": ("the token is not accepted", _AGAIN),
    "server_error": ("the login server failed", "Try again later."),
    "temporarily_unavailable": ("the login server is busy", "Try again later."),
    "login_required": ("nobody was signed in at the login server", _AGAIN),
    "consent_required": ("the sign-in was not allowed", "Sign in again and allow it."),
}


class Refusal(Exception):
    """An error reply of an OAuth server; becomes one of ours before it leaves this package.

    Args:
        error: Its word, such as ``invalid_grant``.
        description: What else it said.
        status: The HTTP status; None where the reply came by a browser.
    """

    def __init__(self, error: str, description: str = "", status: int | None = None) -> None:
        self.error = error
        self.description = description
        self.status = status
        super().__init__(error)

    @classmethod
    def of(cls, body: Mapping[str, Any], status: int | None = None) -> Refusal:
        """Return the refusal in a reply that has ``error``, whatever the types of its fields."""
        error, description = body.get("error"), body.get("error_description")
        return cls(
            printable(error) if isinstance(error, str) and error else "unknown",
            printable(description) if isinstance(description, str) else "",
            status,
        )

    def as_error(self, what: str) -> SignInError:
        """Return it as our error.

        Args:
            what: What was tried, to follow "Cannot".
        """
        why, hint = _MEANINGS.get(self.error, ("the login server refused", _ASK))
        said = f": {self.description}" if self.description else ""
        return SignInError(
            f"Cannot {what}: {why} ({self.error}){said}", hint=hint, status=self.status
        )


def printable(text: str) -> str:
    """Return a server's text as one short line that cannot steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:300]
