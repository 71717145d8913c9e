"""The tables of the catalogue, and the revisions that their schema has had.

An artifact is one row of ``artifacts``; each content that was ever announced for it is one row of
``revisions``; each revision that is to be scored, and what came of it, is one row of ``jobs``.
Moments are whole microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = ["SCHEMA_REVISIONS", "alembic_version", "artifacts", "jobs", "metadata", "revisions"]

# Oldest first; the last one is the schema below. Each is a module in `migrations/versions`.
SCHEMA_REVISIONS = ("0001", "0002")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("slug", Text, nullable=False),
    # When the first revision was committed; NULL as long as nothing is visible.
    Column("created_at", BigInteger),
    # No foreign key: the two tables would depend on each other, and neither could be made first.
    Column("current_revision_id", Integer),
    # Those of the current revision, so that one index answers for all results on a benchmark.
    Column("subject_kind", Text),
    Column("subject_owner", Text),
    Column("subject_slug", Text),
    UniqueConstraint("kind", "owner", "slug"),
)
Index(
    "ix_artifacts_listing",
    artifacts.c.kind,
    artifacts.c.created_at.desc(),
    artifacts.c.owner,
    artifacts.c.slug,
)
Index(
    "ix_artifacts_owner_listing",
    artifacts.c.kind,
    artifacts.c.owner,
    artifacts.c.created_at.desc(),
    artifacts.c.slug,
)
Index(
    "ix_artifacts_subject_listing",
    artifacts.c.kind,
    artifacts.c.subject_kind,
    artifacts.c.subject_owner,
    artifacts.c.subject_slug,
    artifacts.c.created_at.desc(),
    artifacts.c.owner,
    artifacts.c.slug,
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("artifact_id", Integer, ForeignKey("artifacts.id"), nullable=False),
    Column("revision", Text, nullable=False),
    Column("number", Integer),
    Column("document", Text, nullable=False),
    Column("access", Text, nullable=False),
    Column("subject_kind", Text),
    Column("subject_owner", Text),
    Column("subject_slug", Text),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("committed_at", BigInteger),
    UniqueConstraint("artifact_id", "revision"),
    UniqueConstraint("artifact_id", "number"),
    CheckConstraint("access IN ('public', 'private')", name="access"),
    CheckConstraint("state IN ('begun', 'committed')", name="state"),
    CheckConstraint(
        "state = 'begun' OR (number IS NOT NULL AND committed_at IS NOT NULL)", name="committed"
    ),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("artifact_id", Integer, ForeignKey("artifacts.id"), nullable=False),
    Column("revision", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    # When a worker may take it: at once, after a wait, or when the lease of another one expires.
    Column("due_at", BigInteger, nullable=False),
    # Of the last lease; kept when the job is finished, so that finishing may be repeated.
    Column("token", Text),
    Column("finished_at", BigInteger),
    Column("results_kind", Text),
    Column("results_owner", Text),
    Column("results_slug", Text),
    Column("reason", Text),
    UniqueConstraint("artifact_id", "revision"),
    CheckConstraint("state IN ('waiting', 'running', 'scored', 'failed')", name="state"),
    CheckConstraint("(state = 'scored') = (results_slug IS NOT NULL)", name="results"),
    CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="reason"),
)
# Only what is not finished: the index stays as small as the queue.
Index(
    "ix_jobs_due",
    jobs.c.due_at,
    jobs.c.id,
    sqlite_where=text("state IN ('waiting', 'running')"),
    postgresql_where=text("state IN ('waiting', 'running')"),
)

# As Alembic makes it.
alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
