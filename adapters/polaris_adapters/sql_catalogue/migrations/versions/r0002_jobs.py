"""Jobs: the submissions that are to be scored, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("artifact_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("results_kind", sa.Text(), nullable=True),
        sa.Column("results_owner", sa.Text(), nullable=True),
        sa.Column("results_slug", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("artifact_id", "revision", name=op.f("uq_jobs_artifact_id_revision")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'scored', 'failed')", name=op.f("ck_jobs_state")
        ),
        sa.CheckConstraint(
            "(state = 'scored') = (results_slug IS NOT NULL)", name=op.f("ck_jobs_results")
        ),
        sa.CheckConstraint(
            "(state = 'failed') = (reason IS NOT NULL)", name=op.f("ck_jobs_reason")
        ),
        sa.ForeignKeyConstraint(
            ["artifact_id"], ["artifacts.id"], name=op.f("fk_jobs_artifact_id")
        ),
    )
    unfinished = sa.text("state IN ('waiting', 'running')")
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["due_at", "id"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def downgrade() -> None:
    """Remove the table; submissions that wait are not scored, and their results stay."""
    op.drop_table("jobs")
