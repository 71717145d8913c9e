"""Bringing a database to the schema that this library works with."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select

from polaris.errors import PolarisHubError
from polaris_adapters.sql_catalogue.tables import SCHEMA_REVISIONS, alembic_version, metadata

__all__ = ["prepare_schema", "schema_is_current", "upgrade_schema"]


def schema_is_current(connection: Connection) -> bool:
    """Tell whether the tables are there, as this library knows them."""
    return (
        inspect(connection).has_table(alembic_version.name)
        and _revision(connection) == SCHEMA_REVISIONS[-1]
    )


def prepare_schema(connection: Connection, *, where: str) -> None:
    """Make the tables of a new database, or bring those of an older one up to date.

    The caller holds the write lock and commits: of several processes that open a new database at
    once, one does the work and the others find it done.

    Args:
        connection: The database, in a transaction that writes.
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
            hint="Give the hub a folder of its own.",
        )
    there = _revision(connection)
    if there is not None and there not in SCHEMA_REVISIONS:
        raise PolarisHubError(
            f"{where} has the schema {there}, which is newer than this version of Polaris knows",
            hint="Upgrade Polaris: pip install --upgrade polaris-hub.",
        )
    if there != SCHEMA_REVISIONS[-1]:
        upgrade_schema(connection)


def upgrade_schema(connection: Connection) -> None:
    """Run the migrations that the database has not seen."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    folder = str(Path(__file__).with_name("migrations"))
    # The option is a format string of configparser.
    config.set_main_option("script_location", folder.replace("%", "%%"))
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return connection.execute(select(alembic_version.c.version_num)).scalar()
