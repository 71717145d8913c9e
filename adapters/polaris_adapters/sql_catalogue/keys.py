"""The `HubKeys` of a hub in its database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import insert, select, update

from polaris_adapters.sql_catalogue.accounts_tables import hub_keys
from polaris_adapters.sql_catalogue.database import Database

__all__ = ["SqlKeys"]

_WRITERS = "hub keys"


class SqlKeys:
    """Keeps the keys of a hub in its database, as they are: whoever reads it can sign with them.

    Args:
        database: Where the table is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_or_make(self, name: str, make: Callable[[], bytes], /) -> bytes:
        """See `HubKeys.get_or_make`."""
        return await asyncio.to_thread(self._get_or_make, name, make)

    async def replace(self, name: str, value: bytes, /, *, expected: bytes) -> bool:
        """See `HubKeys.replace`."""
        return await asyncio.to_thread(self._replace, name, value, expected)

    def _get_or_make(self, name: str, make: Callable[[], bytes]) -> bytes:
        wanted = select(hub_keys.c.value).where(hub_keys.c.name == name)
        with self._database.reading() as connection:
            found: bytes | None = connection.execute(wanted).scalar()
        if found is not None:
            return bytes(found)
        with self._database.writing(_WRITERS) as connection:
            found = connection.execute(wanted).scalar()
            if found is None:
                found = make()
                connection.execute(insert(hub_keys).values(name=name, value=found))
            return bytes(found)

    def _replace(self, name: str, value: bytes, expected: bytes) -> bool:
        there = (hub_keys.c.name == name) & (hub_keys.c.value == expected)
        with self._database.writing(_WRITERS) as connection:
            return (
                connection.execute(update(hub_keys).where(there).values(value=value)).rowcount > 0
            )
