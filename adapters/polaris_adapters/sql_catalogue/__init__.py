"""The catalogue of a hub in a SQL database: one SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from polaris_adapters.sql_catalogue.accounts import SqlAccounts
from polaris_adapters.sql_catalogue.attempts import SqlAttempts
from polaris_adapters.sql_catalogue.catalogue import SqlCatalogue
from polaris_adapters.sql_catalogue.credentials import SqlCredentials
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.jobs import SqlJobs
from polaris_adapters.sql_catalogue.keys import SqlKeys
from polaris_adapters.sql_catalogue.opening import (
    open_catalogue,
    open_database,
    open_jobs,
    open_sqlite_catalogue,
    open_sqlite_jobs,
)
from polaris_adapters.sql_catalogue.remembered_replies import SqlReplies

__all__ = [
    "Database",
    "SqlAccounts",
    "SqlAttempts",
    "SqlCatalogue",
    "SqlCredentials",
    "SqlJobs",
    "SqlKeys",
    "SqlReplies",
    "open_catalogue",
    "open_database",
    "open_jobs",
    "open_sqlite_catalogue",
    "open_sqlite_jobs",
]
