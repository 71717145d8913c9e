"""The catalogue of a hub in a SQL database; embedded hubs keep it in one SQLite file."""

from __future__ import annotations

from polaris_adapters.sql_catalogue.catalogue import SqlCatalogue
from polaris_adapters.sql_catalogue.embedded import open_sqlite_catalogue, open_sqlite_jobs
from polaris_adapters.sql_catalogue.jobs import SqlJobs

__all__ = ["SqlCatalogue", "SqlJobs", "open_sqlite_catalogue", "open_sqlite_jobs"]
