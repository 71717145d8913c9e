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
SCHEMA_REVISIONS = ("0001", "0002", "0003", "0004")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# Names are compared and sorted byte by byte, in every database.
_NAME = Text().with_variant(Text(collation="C"), "postgresql")

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", _NAME, nullable=False),
    Column("owner", _NAME, nullable=False),
    Column("slug", _NAME, nullable=False),
    # When the first revision was committed; NULL as long as none is.
    Column("created_at", BigInteger),
    # No foreign key: the two tables would depend on each other, and neither could be made first.
    Column("current_revision_id", Integer),
    # Those of the current revision, so that one index answers for all results on a benchmark.
    Column("subject_kind", Text),
    Column("subject_owner", Text),
    Column("subject_slug", Text),
    # That of the current revision; NULL while there is nothing to see: not committed, or deleted.
    # Every index of listings has it, so that neither costs a listing anything.
    Column("access", Text),
    # When the current revision was committed.
    Column("updated_at", BigInteger),
    # The version that the document of the current revision says it has.
    Column("document_version", Integer),
    # SQLite only: rises with created_at, and is the row's number in the index of words.
    Column("place", Integer),
    # Set while the artifact is a tombstone.
    Column("deleted_at", BigInteger),
    Column("deleted_by", Text),
    UniqueConstraint("kind", "owner", "slug"),
    CheckConstraint("access IN ('public', 'private')", name="access"),
)
_A = artifacts.c
_SUBJECT = (_A.subject_kind, _A.subject_owner, _A.subject_slug)
_CREATED, _UPDATED = _A.created_at.desc(), _A.updated_at.desc()
# Of all owners, then of one. Read from either end; each begins with what a listing is of.
Index("ix_artifacts_created", _A.kind, _A.access, _CREATED, _A.owner, _A.slug)
Index("ix_artifacts_updated", _A.kind, _A.access, _UPDATED, _A.owner, _A.slug)
Index("ix_artifacts_name", _A.kind, _A.access, _A.slug, _A.owner)
Index("ix_artifacts_owner_created", _A.kind, _A.owner, _A.access, _CREATED, _A.slug)
Index("ix_artifacts_owner_updated", _A.kind, _A.owner, _A.access, _UPDATED, _A.slug)
Index("ix_artifacts_owner_name", _A.kind, _A.owner, _A.access, _A.slug)
Index("ix_artifacts_subject_created", _A.kind, *_SUBJECT, _A.access, _CREATED, _A.owner, _A.slug)
Index(
    "ix_artifacts_version_created",
    _A.kind,
    _A.document_version,
    _A.access,
    _CREATED,
    _A.owner,
    _A.slug,
)
Index("ix_artifacts_place", _A.place, unique=True)
Index(
    "ix_artifacts_deleted",
    _A.owner,
    _A.deleted_at.desc(),
    _A.kind,
    _A.slug,
    sqlite_where=_A.deleted_at.is_not(None),
    postgresql_where=_A.deleted_at.is_not(None),
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
_R = revisions.c
# Has all that is told of versions: SQLite would go through a document to what stands after it, and
# that would tell who may not see an artifact how long its document is.
Index("ix_revisions_versions", _R.artifact_id, _R.number, _R.access, _R.revision, _R.committed_at)

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
