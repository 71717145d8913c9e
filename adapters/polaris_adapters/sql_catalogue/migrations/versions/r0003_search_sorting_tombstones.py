"""Search, sorting, versions of documents, and tombstones of deleted artifacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from polaris_adapters.sql_catalogue.publishing import fill_listings
from polaris_adapters.sql_catalogue.searching import add_search, remove_search

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OLD_INDEXES: dict[str, list[str | sa.TextClause]] = {
    "ix_artifacts_listing": ["kind", sa.text("created_at DESC"), "owner", "slug"],
    "ix_artifacts_owner_listing": ["kind", "owner", sa.text("created_at DESC"), "slug"],
    "ix_artifacts_subject_listing": [
        "kind",
        "subject_kind",
        "subject_owner",
        "subject_slug",
        sa.text("created_at DESC"),
        "owner",
        "slug",
    ],
}
_NEW_INDEXES: dict[str, list[str | sa.TextClause]] = {
    "ix_artifacts_created": ["kind", "access", sa.text("created_at DESC"), "owner", "slug"],
    "ix_artifacts_updated": ["kind", "access", sa.text("updated_at DESC"), "owner", "slug"],
    "ix_artifacts_name": ["kind", "access", "slug", "owner"],
    "ix_artifacts_owner_created": [
        "kind",
        "owner",
        "access",
        sa.text("created_at DESC"),
        "slug",
    ],
    "ix_artifacts_owner_updated": [
        "kind",
        "owner",
        "access",
        sa.text("updated_at DESC"),
        "slug",
    ],
    "ix_artifacts_owner_name": ["kind", "owner", "access", "slug"],
    "ix_artifacts_subject_created": [
        "kind",
        "subject_kind",
        "subject_owner",
        "subject_slug",
        "access",
        sa.text("created_at DESC"),
        "owner",
        "slug",
    ],
    "ix_artifacts_version_created": [
        "kind",
        "document_version",
        "access",
        sa.text("created_at DESC"),
        "owner",
        "slug",
    ],
}
_DELETED = sa.text("deleted_at IS NOT NULL")
_COLUMNS = (
    ("access", sa.Text()),
    ("updated_at", sa.BigInteger()),
    ("document_version", sa.Integer()),
    ("place", sa.Integer()),
    ("deleted_at", sa.BigInteger()),
    ("deleted_by", sa.Text()),
)
_OF_VERSIONS = ["artifact_id", "number", "access", "revision", "committed_at"]
# Names are compared byte by byte, in every database.
_NAMES = ("kind", "owner", "slug")


def upgrade() -> None:
    """Add the columns, fill them from what is published, and make the indexes."""
    for name in _OLD_INDEXES:
        op.drop_index(name, "artifacts")
    with op.batch_alter_table("artifacts") as table:
        for name, kind in _COLUMNS:
            table.add_column(sa.Column(name, kind, nullable=True))
        table.create_check_constraint(
            op.f("ck_artifacts_access"), "access IN ('public', 'private')"
        )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for name in _NAMES:
            op.alter_column("artifacts", name, type_=sa.Text(collation="C"))
    add_search(bind)
    op.create_index("ix_artifacts_place", "artifacts", ["place"], unique=True)
    fill_listings(bind)
    for name, columns in _NEW_INDEXES.items():
        op.create_index(name, "artifacts", [*columns])
    op.create_index(
        "ix_artifacts_deleted",
        "artifacts",
        ["owner", sa.text("deleted_at DESC"), "kind", "slug"],
        sqlite_where=_DELETED,
        postgresql_where=_DELETED,
    )
    op.create_index("ix_revisions_versions", "revisions", _OF_VERSIONS)


def downgrade() -> None:
    """Remove all that; what is deleted stays hidden until it is published anew."""
    op.drop_index("ix_revisions_versions", "revisions")
    for name in (*_NEW_INDEXES, "ix_artifacts_place", "ix_artifacts_deleted"):
        op.drop_index(name, "artifacts")
    bind = op.get_bind()
    remove_search(bind)
    # Older tables know of no tombstones: an artifact without a current revision is not seen.
    op.execute(
        "UPDATE artifacts SET current_revision_id = NULL, created_at = NULL "
        "WHERE deleted_at IS NOT NULL"
    )
    if bind.dialect.name == "postgresql":
        for name in _NAMES:
            op.alter_column("artifacts", name, type_=sa.Text())
    with op.batch_alter_table("artifacts") as table:
        table.drop_constraint(op.f("ck_artifacts_access"), type_="check")
        for name, _ in _COLUMNS:
            table.drop_column(name)
    for name, columns in _OLD_INDEXES.items():
        op.create_index(name, "artifacts", [*columns])
