"""A token that may do less, for one that may do more.

Source: RFC 8693 section 2, RFC 8707 section 2.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from polaris.application.accounts.oauth_clients import Client
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import in_order, narrowed

__all__ = ["ACCESS_TOKEN", "InvalidTargetError", "by_exchange"]

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
_SHORTEST = 1


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # authlib has no types
    """The token is asked for somebody whom it cannot be for (RFC 8693 section 2.2.2)."""

    error = "invalid_target"


async def by_exchange(
    provider: Provider, client: Client, form: Parameters, base: str
) -> dict[str, Any]:
    """Return an access token with the rights of another, or fewer, that ends with it, or before.

    The other one is a personal token, or an access token of the same client. It stays good. What
    comes of it is of its family, so that both are taken back together.

    Raises:
        InvalidRequestError: The other token is not good, is another client's, or somebody is to
            act for somebody else.
        InvalidTargetError: It is asked for somebody else than this hub.
        InvalidScopeError: More is asked for than the other one has.
    """
    if "actor_token" in form or "actor_token_type" in form:
        raise InvalidRequestError("Nobody acts for somebody else at this hub")
    if form.required("subject_token_type") != ACCESS_TOKEN:
        raise InvalidRequestError("subject_token_type has to be that of access tokens")
    if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequestError("requested_token_type has to be that of access tokens")
    for target in (*form.all("audience"), *form.all("resource")):
        if target.rstrip("/") not in (base, f"{base}/api"):
            raise InvalidTargetError("Tokens are given for this hub only")
    subject = await _subject(provider, client, Secret(form.required("subject_token")))
    scopes = narrowed(form.get("scope"), granted=subject.scopes)
    now = provider.now()
    seconds = _seconds(form, provider.settings.lifetimes.access)
    until = now + timedelta(seconds=seconds)
    if subject.expires_at is not None:
        until = min(until, subject.expires_at)
    secret = new_secret(CredentialKind.ACCESS)
    await provider.credentials.add(
        Credential(
            kind=CredentialKind.ACCESS, digest=digest_of_secret(secret), account=subject.account,
            client=client.id, family=subject.family, name=subject.name, scopes=scopes,
            created_at=now, expires_at=until, claims=dict(subject.claims),
        )
    )  # fmt: skip
    # Who takes the other one back at this moment means this one too.
    again = await provider.credentials.find(subject.kind, subject.digest)
    if again is None or not again.is_good(provider.now()):
        await provider.credentials.revoke(
            now=provider.now(), kind=CredentialKind.ACCESS, digest=digest_of_secret(secret)
        )
        raise InvalidRequestError("subject_token is not good any more")
    return {
        "access_token": secret.reveal(),
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": max(_SHORTEST, int((until - now).total_seconds())),
        "scope": " ".join(in_order(scopes)),
    }


async def _subject(provider: Provider, client: Client, secret: Secret) -> Credential:
    digest = digest_of_secret(secret)
    for kind in (CredentialKind.ACCESS, CredentialKind.PERSONAL):
        found = await provider.credentials.find(kind, digest)
        if found is None or not found.is_good(provider.now()):
            continue
        if kind is CredentialKind.ACCESS and found.client != client.id:
            continue
        if await provider.open_account(found.account) is not None:
            return found
    # Section 2.2.2 wants this error for tokens, not that of grants.
    raise InvalidRequestError("subject_token is not good")


def _seconds(form: Parameters, longest: int) -> int:
    text = form.get("expires_in")
    if text is None:
        return longest
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < _SHORTEST:
        raise InvalidRequestError("expires_in is no number of seconds")
    return min(longest, int(text))
