"""Moments as whole numbers, which every database sorts in the same way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["from_microseconds", "to_microseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970-01-01 UTC; exact."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the moment, in UTC."""
    return _EPOCH + count * _MICROSECOND
