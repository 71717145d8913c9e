"""Bringing a database to the schema that this library works with, or back to an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, select

from polaris.errors import InvalidInputError, PolarisHubError
from polaris_adapters.sql_catalogue.accounts_tables import metadata
from polaris_adapters.sql_catalogue.tables import SCHEMA_REVISIONS, alembic_version

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = [
    "NO_SCHEMA",
    "RESTORING",
    "describe_revision",
    "downgrade_schema",
    "prepare_schema",
    "schema_is_current",
    "schema_revision",
    "upgrade_schema",
]

NO_SCHEMA = "base"
"""The name, which is Alembic's, of the state before the first revision: no tables."""

RESTORING = "restoring:"
"""What stands before the name of a backup, instead of a revision, until it is restored."""


def schema_revision(connection: Connection) -> str | None:
    """Return the revision of the tables that are there, one of `SCHEMA_REVISIONS` or a newer one.

    None: there are no tables of ours, or only the one that would say their revision.
    """
    if not inspect(connection).has_table(alembic_version.name):
        return None
    return connection.execute(select(alembic_version.c.version_num)).scalar()


def schema_is_current(connection: Connection) -> bool:
    """Tell whether the tables are there, as this library knows them."""
    return schema_revision(connection) == SCHEMA_REVISIONS[-1]


def prepare_schema(connection: Connection, *, where: str) -> None:
    """Make the tables of a new database, or bring those of an older one up to date.

    Of several processes that open a new database at once, one does the work and the others find
    it done: `Database.migrating` lets one in at a time.

    Args:
        connection: The database, in a transaction of `Database.migrating`.
        where: Names the database in errors.

    Raises:
        PolarisHubError: A newer version of the library made the tables, or they are not ours.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        # Importing Alembic takes longer than all the rest; a test proves that both ways agree.
        metadata.create_all(connection, checkfirst=False)
        connection.execute(alembic_version.insert().values(version_num=SCHEMA_REVISIONS[-1]))
        return
    if alembic_version.name not in tables:
        raise PolarisHubError(
            f"{where} is a database, but not the catalogue of a hub",
            hint="Give the hub a folder or a database of its own.",
        )
    there = schema_revision(connection)
    _refuse_unknown(there, where)
    if there != SCHEMA_REVISIONS[-1]:
        upgrade_schema(connection)


def upgrade_schema(connection: Connection, revision: str = SCHEMA_REVISIONS[-1]) -> None:
    """Run the migrations that the database has not seen, as far as a revision.

    Args:
        connection: The database, in a transaction of `Database.migrating`.
        revision: One of `SCHEMA_REVISIONS`; nothing happens if the database is past it.

    Raises:
        InvalidInputError: There is no such revision.
        PolarisHubError: A newer version of the library made the tables.
    """
    there = _checked(connection, revision, SCHEMA_REVISIONS)
    if there is None or SCHEMA_REVISIONS.index(there) < SCHEMA_REVISIONS.index(revision):
        from alembic import command

        _run(connection, command.upgrade, revision)


def downgrade_schema(connection: Connection, revision: str) -> None:
    """Undo the migrations after a revision, so that an older version of the library can go on.

    What only the newer schema could hold is lost: back up the database first.

    Args:
        connection: The database, in a transaction of `Database.migrating`.
        revision: One of `SCHEMA_REVISIONS`, or `NO_SCHEMA`, which removes every table; nothing
            happens if the database is not past it.

    Raises:
        InvalidInputError: There is no such revision.
        PolarisHubError: A newer version of the library made the tables.
    """
    known = (NO_SCHEMA, *SCHEMA_REVISIONS)
    there = _checked(connection, revision, known)
    if there is not None and known.index(there) > known.index(revision):
        from alembic import command

        _run(connection, command.downgrade, revision)


def describe_revision(revision: str) -> str:
    """Return what a migration does, in a line.

    Args:
        revision: One of `SCHEMA_REVISIONS`.
    """
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_located(Config())).get_revision(revision).doc


def _checked(connection: Connection, revision: str, known: tuple[str, ...]) -> str | None:
    if revision not in known:
        raise InvalidInputError(
            f"The schema has no revision {revision!r}", hint=f"There are {', '.join(known)}."
        )
    there = schema_revision(connection)
    _refuse_unknown(there, "The database")
    return there


def _refuse_unknown(there: str | None, where: str) -> None:
    if there is not None and there.startswith(RESTORING):
        raise PolarisHubError(
            f"{where} is being restored from the backup {there.removeprefix(RESTORING)}",
            hint="Run polaris hub restore once more: it goes on where it ended.",
        )
    if there is not None and there not in SCHEMA_REVISIONS:
        raise PolarisHubError(
            f"{where} has the schema {there}, which is newer than this version of Polaris knows",
            hint="Upgrade Polaris: pip install --upgrade polaris-hub.",
        )


def _run(connection: Connection, work: Callable[[Config, str], None], revision: str) -> None:
    from alembic.config import Config

    work(_located(Config(attributes={"connection": connection})), revision)


def _located(config: Config) -> Config:
    """Tell Alembic where the migrations are."""
    folder = str(Path(__file__).with_name("migrations"))
    # The option is a format string of configparser.
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
