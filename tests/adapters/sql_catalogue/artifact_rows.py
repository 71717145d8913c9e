"""Rows of artifacts as SQL writes and counts them, for tests of transactions."""

from __future__ import annotations

from sqlalchemy import text

from polaris_adapters.sql_catalogue import Database

__all__ = ["COUNT", "INSERT", "count_rows", "insert_row"]

COUNT = text("SELECT count(*) FROM artifacts")
INSERT = text("INSERT INTO artifacts (kind, owner, slug) VALUES ('dataset', 'acme', :slug)")


def count_rows(database: Database) -> int:
    """Return how many artifacts there are."""
    with database.reading() as connection:
        return int(connection.execute(COUNT).scalar_one())


def insert_row(database: Database, slug: str, *names: str) -> None:
    """Add an artifact, in a transaction of these names."""
    with database.writing(*names) as connection:
        connection.execute(INSERT, {"slug": slug})
