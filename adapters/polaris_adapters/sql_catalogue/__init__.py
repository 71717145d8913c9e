"""The catalogue of a hub in a SQL database; embedded hubs keep it in one SQLite file."""

from __future__ import annotations

from polaris_adapters.sql_catalogue.catalogue import SqlCatalogue
from polaris_adapters.sql_catalogue.embedded import open_sqlite_catalogue

__all__ = ["SqlCatalogue", "open_sqlite_catalogue"]
