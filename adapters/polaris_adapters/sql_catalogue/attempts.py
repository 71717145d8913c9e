"""The `AttemptStore` of a hub in its database: all processes of a server count together."""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy import delete, insert, select

from polaris.domain.back_off import BackOff
from polaris_adapters.sql_catalogue.accounts_tables import sign_in_attempts
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds

__all__ = ["SqlAttempts"]


class SqlAttempts:
    """Counts tries in the database of a hub.

    Args:
        database: Where the table is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, key: str, /, *, now: datetime, back_off: BackOff) -> datetime | None:
        """See `AttemptStore.begin`."""
        return await asyncio.to_thread(self._begin, key, now, back_off)

    async def forget(self, key: str, /) -> None:
        """See `AttemptStore.forget`."""
        await asyncio.to_thread(self._forget, key)

    async def purge(self, *, before: datetime) -> int:
        """See `AttemptStore.purge`."""
        return await asyncio.to_thread(self._purge, before)

    def _begin(self, key: str, now: datetime, back_off: BackOff) -> datetime | None:
        is_key = sign_in_attempts.c.key == key
        wanted = select(sign_in_attempts.c.attempts, sign_in_attempts.c.last_at).where(is_key)
        with self._database.writing(_name(key)) as connection:
            row = connection.execute(wanted).one_or_none()
            failed = 0
            if row is not None:
                last = from_microseconds(row.last_at)
                failed = 0 if back_off.is_forgotten(last, now) else row.attempts
                if failed and now < (next_try := back_off.next_try(failed, last)):
                    return next_try
                connection.execute(delete(sign_in_attempts).where(is_key))
            values = {"key": key, "attempts": failed + 1, "last_at": to_microseconds(now)}
            connection.execute(insert(sign_in_attempts).values(values))
            return None

    def _forget(self, key: str) -> None:
        with self._database.writing(_name(key)) as connection:
            connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.key == key))

    def _purge(self, before: datetime) -> int:
        old = sign_in_attempts.c.last_at < to_microseconds(before)
        with self._database.writing("purge of attempts") as connection:
            return connection.execute(delete(sign_in_attempts).where(old)).rowcount


def _name(key: str) -> str:
    return f"attempts {key}"
