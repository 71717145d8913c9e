"""The tokens that polaris-lib has cached: read while they are good, never written or renewed."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from polaris.domain.secret import Secret
from polaris.ports.tokens import SignIn, StoredToken

__all__ = ["PolarisLibTokens"]

_HUB = "hub_auth_token.json"
# Of 0.7.0 and later, and of releases up to 0.6.0.
_EXTERNAL = ("external_auth_token.json", "polaris_auth_token.json")


@attrs.define
class PolarisLibTokens:
    """What polaris-lib left in its cache folder (protocol section 4.4).

    Its refresh tokens are not used: renewing may make them invalid for polaris-lib, whose files are
    not ours to write.

    Attributes:
        folder: Its cache folder.
        audience: Base of the API of the hub that the tokens are for; the files do not tell.
        notes: What was ignored when they were read last, and why; a line each.
    """

    folder: Path
    audience: str
    notes: list[str] = attrs.field(factory=list)

    def load(self, now: datetime) -> SignIn | None:
        """Return a sign-in by what is good now; None where nothing is.

        Never fails. Files that are malformed are ignored, and noted.
        """
        self.notes = []
        hub = self._token(_HUB, now)
        external = next(filter(None, (self._token(name, now) for name in _EXTERNAL)), None)
        if hub is None and external is None:
            return None
        return SignIn(
            account="polaris-lib",
            road="polaris-lib",
            external=external,
            hub=hub,
            audience=self.audience,
        )

    def _token(self, name: str, now: datetime) -> StoredToken | None:
        path = self.folder / name
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as cause:
            self._ignore(path, f"it cannot be read ({type(cause).__name__})")
            return None
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            self._ignore(path, "it is not JSON")
            return None
        if not isinstance(content, dict) or not _is_token(content.get("access_token")):
            self._ignore(path, "it holds no access token")
            return None
        expires_at = _moment(content.get("expires_at"))
        if expires_at is not None and now >= expires_at:
            return None
        return StoredToken(
            access=Secret(content["access_token"]),
            issued_at=now,
            expires_at=expires_at,
            issuer=str(path),
        )

    def _ignore(self, path: Path, why: str) -> None:
        self.notes.append(f"The token file of polaris-lib {path} is ignored: {why}.")


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
