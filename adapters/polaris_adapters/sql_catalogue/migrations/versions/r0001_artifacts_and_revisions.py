"""The first tables: artifacts and their revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "artifacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("current_revision_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_owner", sa.Text(), nullable=True),
        sa.Column("subject_slug", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint("kind", "owner", "slug", name=op.f("uq_artifacts_kind_owner_slug")),
    )
    op.create_index(
        "ix_artifacts_listing", "artifacts", ["kind", sa.text("created_at DESC"), "owner", "slug"]
    )
    op.create_index(
        "ix_artifacts_owner_listing",
        "artifacts",
        ["kind", "owner", sa.text("created_at DESC"), "slug"],
    )
    op.create_index(
        "ix_artifacts_subject_listing",
        "artifacts",
        [
            "kind",
            "subject_kind",
            "subject_owner",
            "subject_slug",
            sa.text("created_at DESC"),
            "owner",
            "slug",
        ],
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("artifact_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_owner", sa.Text(), nullable=True),
        sa.Column("subject_slug", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "artifact_id", "revision", name=op.f("uq_revisions_artifact_id_revision")
        ),
        sa.UniqueConstraint("artifact_id", "number", name=op.f("uq_revisions_artifact_id_number")),
        sa.CheckConstraint("access IN ('public', 'private')", name=op.f("ck_revisions_access")),
        sa.CheckConstraint("state IN ('begun', 'committed')", name=op.f("ck_revisions_state")),
        sa.CheckConstraint(
            "state = 'begun' OR (number IS NOT NULL AND committed_at IS NOT NULL)",
            name=op.f("ck_revisions_committed"),
        ),
        sa.ForeignKeyConstraint(
            ["artifact_id"], ["artifacts.id"], name=op.f("fk_revisions_artifact_id")
        ),
    )


def downgrade() -> None:
    """Remove the tables, and with them all that is published."""
    op.drop_table("revisions")
    op.drop_table("artifacts")
