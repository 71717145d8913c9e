"""Numbers of the moment, for who watches over a hub."""

from __future__ import annotations

from sqlalchemy import func, select

from polaris.ports.jobs import JobState
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.postgres_database import PostgresDatabase
from polaris_adapters.sql_catalogue.tables import jobs

__all__ = ["unfinished_jobs", "used_connections"]

_UNFINISHED = (JobState.WAITING, JobState.RUNNING)


def unfinished_jobs(database: Database) -> dict[JobState, int]:
    """Return how many jobs wait, and how many are being worked on."""
    states = [state.value for state in _UNFINISHED]
    counted = (
        select(jobs.c.state, func.count()).where(jobs.c.state.in_(states)).group_by(jobs.c.state)
    )
    with database.reading() as connection:
        found: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
    return {state: found.get(state.value, 0) for state in _UNFINISHED}


def used_connections(database: Database) -> int | None:
    """Return how many connections this process uses now; None where there is no pool of them."""
    return database.used_connections if isinstance(database, PostgresDatabase) else None
