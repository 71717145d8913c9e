"""Reading replies that may be anything: what is needed is checked, what is unknown passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import HubReplyError, InvalidNameError
from polaris.ports.artifacts import UNKNOWN_TIME, Access

__all__ = ["access_of", "count", "items", "moment", "needed", "owner_slug", "reference", "text"]


def needed(reply: Mapping[str, Any], key: str, *, where: str) -> str:
    """Return a text that a reply must have.

    Raises:
        HubReplyError: It has none.
    """
    found = text(reply, key)
    if found is None:
        raise HubReplyError(
            f"The hub's answer on {where} has no {key!r}",
            hint="Check hub_url and api_url, or ask the operators of the hub.",
        )
    return found


def text(reply: Mapping[str, Any], key: str) -> str | None:
    """Return a text of a reply; None where it has none."""
    found = reply.get(key)
    return found if isinstance(found, str) and found else None


def count(reply: Mapping[str, Any], key: str) -> int | None:
    """Return a whole number of a reply, from 0; None where it has none."""
    found = reply.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def moment(reply: Mapping[str, Any], key: str) -> datetime:
    """Return a time of a reply, in UTC; `UNKNOWN_TIME` where it has none."""
    found = text(reply, key)
    if found is None:
        return UNKNOWN_TIME
    try:
        parsed = datetime.fromisoformat(found)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return UNKNOWN_TIME


def access_of(reply: Mapping[str, Any]) -> Access:
    """Return who may see an artifact; what does not say so was given to anybody."""
    return "private" if reply.get("access") == "private" else "public"


def owner_slug(value: Any) -> str | None:
    """Return the slug of an owner, who comes as an object or as a text."""
    if isinstance(value, Mapping):
        value = value.get("slug")
    return value if isinstance(value, str) and value else None


def items(reply: Mapping[str, Any], *, where: str) -> list[Mapping[str, Any]]:
    """Return the entries of a list.

    Raises:
        HubReplyError: The reply is not a list of objects.
    """
    data = reply.get("data")
    if not isinstance(data, list) or not all(isinstance(entry, Mapping) for entry in data):
        raise HubReplyError(
            f"The hub's answer on {where} is not a list of artifacts",
            hint="Check hub_url and api_url, or ask the operators of the hub.",
        )
    return data


def reference(reply: Mapping[str, Any], kind: ArtifactKind, *, where: str) -> ArtifactRef:
    """Return which artifact a reply is about: by ``artifactId``, or by ``owner`` and ``name``.

    Raises:
        HubReplyError: It does not say, or says what cannot be.
    """
    artifact_id = text(reply, "artifactId")
    owner, _, name = (artifact_id or "").partition("/")
    if not owner or not name:
        owner = owner_slug(reply.get("owner")) or ""
        name = text(reply, "slug") or text(reply, "name") or ""
    try:
        return ArtifactRef.of(kind, owner, name)
    except InvalidNameError as cause:
        raise HubReplyError(
            f"The hub's answer on {where} names no artifact: {cause.message}",
            hint="Ask the operators of the hub.",
        ) from cause
