"""Filling the database of a hub, faster than by publishing.

The rows are those that publishing makes (`polaris hub fsck` calls the hub whole), and the tables
are made by the catalogue itself; what is left out is one transaction an artifact. Indexes are made
when the rows are there.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.hub_load.corpus import CALLER, ORGANIZATIONS, Corpus
from benchmarks.hub_load.rows import ARTIFACT, REVISION, Rows, rows_of
from polaris.application.accounts.organizations import create_organization
from polaris.application.accounts.personal_tokens import issue_token
from polaris.application.accounts.users import create_user
from polaris.bootstrap.server.accounts import opened_accounts
from polaris.bootstrap.server.database import CATALOGUE
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.accounts import Scope
from polaris_adapters import sql_catalogue

__all__ = ["make_caller", "seed_postgres", "seed_sqlite"]

_BATCH = 5000


def seed_sqlite(folder: Path, corpus: Corpus) -> int:
    """Make the database of a hub in a folder; returns its size in bytes."""
    path = folder / CATALOGUE
    sql_catalogue.open_database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # Nobody else reads it yet, and a seed that is cut is thrown away.
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
            database.execute(f"PRAGMA {pragma}")
        indexes = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name IN ('artifacts', 'revisions')"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        database.execute("BEGIN")
        for some in _batches(corpus):
            database.executemany(
                _insert("artifacts", (*ARTIFACT, "place")),
                [(*rows.artifact, rows.artifact[0]) for rows in some],
            )
            database.executemany(
                _insert("revisions", REVISION), [row for rows in some for row in rows.revisions]
            )
            database.executemany(
                _insert("artifact_words", ("rowid", "words")),
                [(rows.artifact[0], " ".join([*rows.words, *rows.terms])) for rows in some],
            )
        database.execute("COMMIT")
        for _, statement in indexes:
            database.execute(statement)
        database.execute("PRAGMA journal_mode = WAL")
    return path.stat().st_size


def seed_postgres(url: str, corpus: Corpus) -> int:
    """Fill an empty database of PostgreSQL; returns its size in bytes."""
    import psycopg

    sql_catalogue.open_database(url).close()
    with psycopg.connect(url, autocommit=True) as database:
        indexes = database.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('artifacts', "
            "'revisions') AND indexname LIKE 'ix_%'"
        ).fetchall()
        database.execute("SET maintenance_work_mem = '512MB'")
        database.execute("SET session_replication_role = replica")  # no look-up of foreign keys
        with database.transaction():
            for name, _ in indexes:
                database.execute(f"DROP INDEX {name}")
            for some in _batches(corpus):
                with database.cursor().copy(_copy("artifacts", (*ARTIFACT, "words"))) as copy:
                    for rows in some:
                        words = " ".join(f"'{word}'" for word in rows.words)
                        copy.write_row((*rows.artifact, words))
                with database.cursor().copy(_copy("revisions", REVISION)) as copy:
                    for row in itertools.chain.from_iterable(rows.revisions for rows in some):
                        copy.write_row(row)
            for _, statement in indexes:
                database.execute(statement)
            for table in ("artifacts", "revisions"):
                database.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
        # As the server does by itself after a while.
        database.execute("VACUUM (ANALYZE)")
        found = database.execute("SELECT pg_database_size(current_database())").fetchone()
    assert found is not None
    return int(found[0])


async def make_caller(settings: ServerSettings) -> str:
    """Make the user in whose name requests are made, and return a token of it."""
    with opened_accounts(settings) as ports:
        made = await create_user(ports, CALLER)
        for slug in ORGANIZATIONS:
            await create_organization(ports, slug, owner=CALLER)
        issued = await issue_token(
            ports, made.account, name="load", scopes=list(Scope), life=None, granted=None
        )
    return issued.secret.reveal()


def _batches(corpus: Corpus) -> Iterator[list[Rows]]:
    rows = rows_of(corpus)
    while some := list(itertools.islice(rows, _BATCH)):
        yield some


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _copy(table: str, columns: tuple[str, ...]) -> str:
    return f"COPY {table} ({', '.join(columns)}) FROM STDIN"
