"""What a reply says about when to come back: Retry-After and the RateLimit headers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["LONGEST", "seconds_to_wait"]

# No reply keeps a caller away for longer than this at a time, in seconds.
LONGEST = 3600.0

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_PART = re.compile(r"(?:^|[;,\s])\s*(t|r|reset|remaining)\s*=\s*\"?([0-9]{1,15}(?:\.[0-9]{1,9})?)")


def seconds_to_wait(headers: Mapping[str, str], *, now: datetime, limited: bool) -> float | None:
    """Return how long the hub asks callers to stay away, in seconds; None if it does not say.

    Reads ``Retry-After`` (RFC 9110 section 10.2.3: seconds or a date). The headers of rate limits
    come with every reply and say when a window ends, not when to come back; they count only where
    nothing is left of the window: ``RateLimit`` (the draft of the IETF, in its older and newer
    form), ``RateLimit-Reset`` and ``X-RateLimit-Reset``, which hold seconds, or seconds since 1970.

    Args:
        headers: Of the reply; looked up without regard to case by whoever made them.
        now: The present moment, with time zone.
        limited: Whether the reply itself says that a limit was reached (status 429).
    """
    found = _seconds(headers.get("retry-after", ""), now)
    if found is not None:
        return found
    found = _of_policies(headers.get("ratelimit", ""), limited)
    if found is not None:
        return found
    for head in ("", "x-"):
        remaining = headers.get(f"{head}ratelimit-remaining", "").strip()
        if limited or remaining == "0":
            found = _seconds(headers.get(f"{head}ratelimit-reset", ""), now)
            if found is not None:
                return found
    return None


def _of_policies(text: str, limited: bool) -> float | None:
    """Return what ``RateLimit`` says: the longest wait among the limits that are reached.

    Newer: ``"burst";r=0;t=5, "daily";r=40;t=900``. Older: ``limit=100, remaining=0, reset=5``.
    """
    separate = [text] if "reset" in text else text.split(",")
    told = [{name: float(number) for name, number in _PART.findall(part)} for part in separate]
    waits = [(p.get("r", p.get("remaining")), p.get("t", p.get("reset"))) for p in told]
    used_up = [wait for left, wait in waits if wait is not None and left == 0]
    if not used_up and limited:
        used_up = [wait for _, wait in waits if wait is not None]
    return min(max(used_up), LONGEST) if used_up else None


def _seconds(text: str, now: datetime) -> float | None:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number > 1e9:
            number -= now.timestamp()
    else:
        try:
            moment = parsedate_to_datetime(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            number = (moment - now).total_seconds()
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    return min(max(number, 0.0), LONGEST) if math.isfinite(number) else None
