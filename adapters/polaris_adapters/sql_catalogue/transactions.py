"""Awaiting work that is done in one transaction, on a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from polaris_adapters.sql_catalogue.database import Database

__all__ = ["read", "write"]

T = TypeVar("T")


async def read(database: Database, work: Callable[[Connection], T]) -> T:
    """Return what comes of work that sees one state of the database throughout."""

    def run() -> T:
        with database.reading() as connection:
            return work(connection)

    return await asyncio.to_thread(run)


async def write(database: Database, work: Callable[[Connection], T], *names: str) -> T:
    """Return what comes of work that is durable once it is done, and undone if it fails.

    Args:
        database: Where it is done.
        work: Is given the open transaction.
        names: See `Database.writing`.
    """

    def run() -> T:
        with database.writing(*names) as connection:
            return work(connection)

    return await asyncio.to_thread(run)
