"""Storage tokens: rights to the bucket where the objects of one artifact lie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import HubReplyError, PolarisUnauthorizedError
from polaris.ports.clock import Clock
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.origins import checked_url
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.wire.replies import needed

__all__ = ["StorageToken", "StorageTokens"]

_JWT = "urn:ietf:params:oauth:token-type:jwt"
# Seconds before its end at which a token is renewed.
_EARLY = 60.0
# How long a token is taken to be good that does not say so, seconds.
_UNSAID = 300.0


@attrs.frozen
class StorageToken:
    """The right to some paths of a bucket.

    Attributes:
        access_key: Identifier of the key.
        secret_key: The key.
        session_token: Goes along with every request.
        endpoint: Where the bucket is.
        paths: Where things lie, by role; ``scheme://bucket/prefix``.
        expires_at: End of the right, UTC.
    """

    access_key: str
    secret_key: Secret
    session_token: Secret
    endpoint: str
    paths: Mapping[str, Any]
    expires_at: datetime


@attrs.define
class StorageTokens:
    """Fetches the storage token of one artifact, and renews it before it ends.

    By token exchange (RFC 8693) at the hub's token endpoint; a storage token is told from a hub
    token by ``resource``.

    Attributes:
        session: Makes the calls.
        token_url: The hub's token endpoint.
        ref: The artifact.
        scope: What is asked for.
        clock: Tells the time.
    """

    session: HttpSession
    token_url: str
    ref: ArtifactRef
    scope: Literal["read", "write"]
    clock: Clock
    _current: StorageToken | None = attrs.field(default=None, init=False, repr=False)

    async def current(self) -> StorageToken:
        """Return a token that is good for a while.

        Raises:
            PolarisUnauthorizedError: Nobody is signed in, or the hub gives none.
            HubReplyError: The answer is no storage token.
        """
        found = self._current
        if found is None or found.expires_at - timedelta(seconds=_EARLY) <= self.clock.now():
            found = self._current = await self._fetched()
        return found

    async def _fetched(self) -> StorageToken:
        what = f"get access to the files of the {self.ref}"
        subject = await self.session.bearer.current()
        if subject is None:
            raise PolarisUnauthorizedError(
                f"Cannot {what}: nobody is signed in",
                hint="Sign in first: polaris auth login, or client.login().",
            )
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": subject.reveal(),
            "subject_token_type": _JWT,
            "requested_token_type": _JWT,
            "resource": self.ref.urn,
            "scope": self.scope,
        }
        call = Call(
            "POST",
            self.token_url,
            what,
            form=form,
            headers={"accept": "application/json"},
            authorize=False,
            repeatable=True,
        )
        return self._parsed(json_object(await self.session.send(call)))

    def _parsed(self, reply: Mapping[str, Any]) -> StorageToken:
        where = f"the storage of the {self.ref}"
        extra = reply.get("extra_data")
        paths = extra.get("paths") if isinstance(extra, Mapping) else None
        if not isinstance(extra, Mapping) or not isinstance(paths, Mapping):
            raise HubReplyError(
                f"The hub's answer on {where} is no storage token",
                hint="Check hub_token_url, or ask the operators of the hub.",
            )
        return StorageToken(
            access_key=needed(extra, "key", where=where),
            secret_key=Secret(needed(extra, "secret", where=where)),
            # The store tells by its head what kind of token it is.
            session_token=Secret(f"jwt/{needed(reply, 'access_token', where=where)}"),
            endpoint=checked_url(extra.get("endpoint"), base=self.token_url),
            paths=paths,
            expires_at=self._end(reply),
        )

    def _end(self, reply: Mapping[str, Any]) -> datetime:
        now = self.clock.now()
        for key in ("expires_at", "expires_in"):
            value = reply.get(key)
            try:
                if isinstance(value, str) and key == "expires_at" and not value.isdigit():
                    moment = datetime.fromisoformat(value)
                    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                if isinstance(value, int | float | str) and not isinstance(value, bool):
                    seconds = float(value)
                    if key == "expires_at":
                        return datetime.fromtimestamp(seconds, UTC)
                    return now + timedelta(seconds=seconds)
            except (ValueError, OverflowError, OSError):
                continue
        return now + timedelta(seconds=_UNSAID)
