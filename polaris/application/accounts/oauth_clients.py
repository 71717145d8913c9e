"""The OAuth clients: those that every hub knows, and those that operators register.

Source: RFC 6749 section 2, RFC 8252 section 8.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import attrs

from polaris.application.accounts.oauth_scopes import SCOPES
from polaris.application.accounts.redirects import check_redirect, matching
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential, CredentialKind, CredentialStore

__all__ = [
    "CALLBACK",
    "CODE",
    "DEVICE",
    "EXCHANGE",
    "POLARIS_CLI",
    "POLARIS_LIB",
    "REFRESH",
    "Client",
    "Clients",
    "SigningAlg",
]

CODE, REFRESH = "authorization_code", "refresh_token"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"

# The page of the hub that shows a code to be pasted.
CALLBACK = "/oauth2/callback"

SigningAlg = Literal["ES256", "RS256"]


def _frozen(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


def _in_order(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Client:
    """An OAuth client.

    Attributes:
        id: Its identifier.
        name: What people are shown.
        redirect_uris: Where browsers may be sent back to; one that begins with ``/`` is of the hub
            itself.
        logout_uris: Where browsers may be sent after signing out.
        grants: The grant types that it may use.
        scopes: The scopes that it may ask for.
        implied: Scopes that it gets beside those it asks for.
        secret_digest: Sha256 of its secret; None for a public client.
        signing_alg: How its ID tokens are signed.
        may_introspect: Whether it is told of tokens that were given to others, as a server of
            resources has to be.
        is_built_in: Whether every hub knows it.
        created_at: When it was registered; None for one that is built in.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...] = attrs.field(default=(), converter=_in_order)
    logout_uris: tuple[str, ...] = attrs.field(default=(), converter=_in_order)
    grants: frozenset[str] = attrs.field(default=frozenset({CODE, REFRESH}), converter=_frozen)
    scopes: frozenset[str] = attrs.field(default=frozenset(SCOPES), converter=_frozen)
    implied: frozenset[str] = attrs.field(default=frozenset(), converter=_frozen)
    secret_digest: str | None = attrs.field(default=None, repr=False)
    signing_alg: SigningAlg = "RS256"
    may_introspect: bool = False
    is_built_in: bool = False
    created_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether it has no secret."""
        return self.secret_digest is None

    def redirects_to(self, uri: str, *, base: str) -> bool:
        """Say whether browsers may be sent to an address.

        Args:
            uri: The address.
            base: Address of the hub, without a ``/`` at its end.
        """
        known = [base + each if each.startswith("/") else each for each in self.redirect_uris]
        return matching(known, uri)

    def is_assured(self, uri: str) -> bool:
        """Say whether what answers at a redirect is this client, and no other program.

        Of programs on the user's machine nobody knows, so they are asked for each time
        (RFC 8252 section 8.6).
        """
        return not self.is_public and urlsplit(uri).scheme == "https"


POLARIS_CLI = Client(
    id="polaris-cli",
    name="Polaris client",
    redirect_uris=("http://127.0.0.1/callback", "http://[::1]/callback", CALLBACK),
    grants={CODE, REFRESH, DEVICE, EXCHANGE},
    signing_alg="ES256",
    is_built_in=True,
)
# The identifier that released clients send unless they are told otherwise. They ask for ``profile
# email`` only, and do everything by what they get.
POLARIS_LIB = Client(
    id="agQP2xVM6JqMHvGc",
    name="polaris-lib",
    redirect_uris=(CALLBACK,),
    grants={CODE, REFRESH},
    scopes={"openid", "profile", "email", "offline_access", "read", "write"},
    implied={"read", "write", "offline_access"},
    signing_alg="ES256",
    is_built_in=True,
)
_BUILT_IN = {client.id: client for client in (POLARIS_CLI, POLARIS_LIB)}


@attrs.frozen
class Clients:
    """Finds, registers and removes clients.

    Attributes:
        store: Keeps those that are registered.
    """

    store: CredentialStore

    async def find(self, id: str) -> Client | None:
        """Return a client; None if there is none, or no more."""
        if id in _BUILT_IN:
            return _BUILT_IN[id]
        found = await self.store.find(CredentialKind.CLIENT, _digest(id))
        return None if found is None or found.revoked_at is not None else _client_of(found)

    async def all(self) -> Sequence[Client]:
        """Return all clients by identifier, those that are built in first."""
        registered: list[Client] = []
        after = ""
        while page := await self.store.of_kind(CredentialKind.CLIENT, after=after):
            registered += [_client_of(c) for c in page if c.revoked_at is None]
            after = page[-1].digest
        return [*_BUILT_IN.values(), *sorted(registered, key=lambda client: client.id)]

    async def add(self, client: Client, *, confidential: bool, now: datetime) -> Secret | None:
        """Register a client, and return its secret, which is shown once; None for a public one.

        Raises:
            InvalidInputError: The identifier is taken, or was once; or the client cannot be.
        """
        _check(client)
        secret = new_secret(CredentialKind.CLIENT) if confidential else None
        kept = {
            "redirect_uris": list(client.redirect_uris),
            "logout_uris": list(client.logout_uris),
            "grants": sorted(client.grants),
            "secret": None if secret is None else digest_of_secret(secret),
            "signing_alg": client.signing_alg,
            "may_introspect": client.may_introspect,
        }
        digest = _digest(client.id)
        if await self.store.find(CredentialKind.CLIENT, digest) is not None:
            raise InvalidInputError(
                f"There is, or was, a client {client.id!r}", hint="Choose another identifier."
            )
        await self.store.add(
            Credential(
                kind=CredentialKind.CLIENT, digest=digest, client=client.id, family=digest,
                name=client.name, scopes=client.scopes, created_at=now, claims=kept,
            )
        )  # fmt: skip
        return secret

    async def remove(self, id: str, *, now: datetime) -> None:
        """Remove a client, and take back all that was given to it.

        Raises:
            InvalidInputError: There is none, or it is part of every hub.
        """
        if id in _BUILT_IN:
            raise InvalidInputError(f"The client {id} is part of every hub")
        if await self.find(id) is None:
            raise InvalidInputError(
                f"There is no client {id!r:.120}", hint="Look with `polaris hub client ls`."
            )
        await self.store.revoke(now=now, client=id)


def _check(client: Client) -> None:
    plain = client.id.isascii() and client.id.isprintable() and " " not in client.id
    if client.id in _BUILT_IN or not plain or not 3 <= len(client.id) <= 100:
        raise InvalidInputError(
            f"{client.id!r:.120} cannot be the identifier of a client",
            hint="Take 3 to 100 letters, digits and signs, none that every hub knows.",
        )
    if not client.name.strip() or not client.name.isprintable() or len(client.name) > 100:
        raise InvalidInputError("A client needs a name of up to 100 characters")
    for uri in (*client.redirect_uris, *client.logout_uris):
        check_redirect(uri)
    if CODE in client.grants and not client.redirect_uris:
        raise InvalidInputError("A client for browsers needs a redirect URI")
    unknown = (client.scopes - SCOPES.keys()) | (client.grants - {CODE, REFRESH, DEVICE, EXCHANGE})
    if unknown:
        raise InvalidInputError(f"A client cannot have {min(unknown)!r:.80}")


def _digest(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


def _client_of(found: Credential) -> Client:
    kept = found.claims
    return Client(
        id=str(found.client),
        name=found.name or str(found.client),
        redirect_uris=kept.get("redirect_uris", ()),
        logout_uris=kept.get("logout_uris", ()),
        grants=kept.get("grants", ()),
        scopes=found.scopes,
        secret_digest=kept.get("secret"),
        signing_alg="ES256" if kept.get("signing_alg") == "ES256" else "RS256",
        may_introspect=kept.get("may_introspect") is True,
        created_at=found.created_at,
    )
