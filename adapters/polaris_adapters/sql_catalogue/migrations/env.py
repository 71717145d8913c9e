"""Runs the migrations over the connection that `upgrade_schema` holds."""

from __future__ import annotations

from alembic import context

from polaris_adapters.sql_catalogue.accounts_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a table in place; Alembic then copies it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
