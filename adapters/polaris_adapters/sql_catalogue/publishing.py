"""Writing revisions.

A revision that is not the current one is announced again by `announce`, and only what is announced
can become current: that is how a commit that is repeated differs from one that brings back an
earlier content.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from polaris.application.artifact_conditions import check_deleted, check_newest
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ArtifactExistsError,
    PolarisCreateArtifactError,
    PolarisRetrieveArtifactError,
)
from polaris.ports.artifacts import ArtifactDraft, ArtifactRecord, Publication, document_version
from polaris_adapters.sql_catalogue.rows import (
    CURRENT,
    RECORD_COLUMNS,
    is_artifact,
    record_of,
    ref_columns,
)
from polaris_adapters.sql_catalogue.searching import keep_words, next_place
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = ["announce", "fill_listings", "make_current", "show"]


def announce(
    connection: Connection,
    ref: ArtifactRef,
    revision: str,
    columns: Mapping[str, str | None],
    *,
    must_be_new: bool,
    now: int,
) -> None:
    """Note that a revision is being published; the connection holds the write lock.

    Args:
        connection: The database.
        ref: The artifact.
        revision: 64 hex digits.
        columns: What the draft says, by column of ``revisions``.
        must_be_new: Refuse if the artifact has a committed revision.
        now: Microseconds since 1970-01-01 UTC.

    Raises:
        ArtifactExistsError: ``must_be_new``, and it has one.
        ArtifactDeletedError: The artifact was deleted.
    """
    artifact = connection.execute(select(artifacts).where(is_artifact(ref))).one_or_none()
    current_id = None if artifact is None else artifact.current_revision_id
    check_deleted(ref, is_deleted=artifact is not None and artifact.deleted_at is not None)
    if must_be_new and current_id is not None:
        raise ArtifactExistsError(
            f"The {ref} is on the hub already",
            hint="Choose another name, or if_exists='replace'.",
        )
    artifact_id = _add_artifact(connection, ref) if artifact is None else artifact.id
    there = connection.execute(
        select(revisions.c.id).where(
            revisions.c.artifact_id == artifact_id, revisions.c.revision == revision
        )
    ).scalar()
    if there is None:
        connection.execute(
            insert(revisions).values(
                artifact_id=artifact_id,
                revision=revision,
                state="begun",
                created_at=now,
                **columns,
            )
        )
    elif there != current_id:
        connection.execute(update(revisions).where(revisions.c.id == there).values(state="begun"))


def make_current(
    connection: Connection,
    publication: Publication,
    columns: Mapping[str, str | None],
    *,
    now: int,
) -> ArtifactRecord:
    """Make an announced revision the newest one, and return its record.

    Args:
        connection: The database; it holds the write lock.
        publication: What is published, and under which conditions.
        columns: What its draft says, by column of ``revisions``.
        now: Microseconds since 1970-01-01 UTC.

    Raises:
        PolarisCreateArtifactError: It was never announced.
        ArtifactDeletedError: The artifact was deleted.
        ArtifactChangedError: The newest revision is not the one that was expected.
    """
    draft, revision = publication.draft, publication.location.revision
    found = _find(connection, draft.ref, revision)
    if found is None:
        raise PolarisCreateArtifactError(
            f"The publication of the {draft.ref} was never begun on this hub",
            hint="Publish it again from the start.",
        )
    check_deleted(draft.ref, is_deleted=found["deleted_at"] is not None)
    is_newest = found["revision_id"] == found["current_revision_id"]
    if found["state"] == "begun":
        check_newest(publication, _revision(connection, found["current_revision_id"]))
        _write(connection, found, columns)
        _number(connection, found, now=now)
        show(connection, found["artifact_id"], draft)
    elif is_newest and any(found[name] != value for name, value in columns.items()):
        # The content is the same, but who may see it is not part of it; and a document that was
        # damaged on the hub is put right by publishing it again.
        _write(connection, found, columns)
        show(connection, found["artifact_id"], draft)
    record = _find(connection, draft.ref, revision)
    assert record is not None, "the row was just written"
    return record_of(record)


def show(connection: Connection, artifact_id: int, shown: ArtifactDraft | ArtifactRecord) -> None:
    """Have the newest revision of an artifact listed and found, instead of the one before.

    Args:
        connection: The database; it holds the write lock.
        artifact_id: The artifact's row, which names the revision.
        shown: What that revision says.
    """
    connection.execute(
        update(artifacts)
        .where(artifacts.c.id == artifact_id)
        .values(
            access=shown.access,
            document_version=document_version(shown.document),
            updated_at=select(revisions.c.committed_at)
            .where(revisions.c.id == artifacts.c.current_revision_id)
            .scalar_subquery(),
        )
    )
    keep_words(connection, artifact_id, shown)


def fill_listings(connection: Connection) -> None:
    """Have all that was published before there were searches listed and found."""
    listed = (
        select(artifacts.c.id)
        .where(artifacts.c.current_revision_id.is_not(None))
        .order_by(artifacts.c.created_at, artifacts.c.owner.desc(), artifacts.c.slug.desc())
    )
    for artifact_id in connection.execute(listed).scalars().all():
        wanted = select(*RECORD_COLUMNS).select_from(CURRENT).where(artifacts.c.id == artifact_id)
        row = connection.execute(wanted).mappings().one()
        try:
            shown: ArtifactDraft | ArtifactRecord = record_of(row)
        except PolarisRetrieveArtifactError:
            # Damaged: it is listed all the same, so that its owner sees it and publishes it again.
            ref = ArtifactRef(ArtifactKind(row["kind"]), row["owner"], row["slug"])
            shown = ArtifactDraft(ref, {}, row["access"], row["revision"])
        place, _ = next_place(connection, 0)
        connection.execute(
            update(artifacts).where(artifacts.c.id == artifact_id).values(place=place)
        )
        show(connection, artifact_id, shown)


def _number(connection: Connection, found: RowMapping, *, now: int) -> None:
    last = connection.execute(
        select(func.max(revisions.c.number)).where(revisions.c.artifact_id == found["artifact_id"])
    ).scalar()
    connection.execute(
        update(revisions)
        .where(revisions.c.id == found["revision_id"])
        .values(state="committed", number=(last or 0) + 1, committed_at=now)
    )
    values: dict[str, int | None] = {"current_revision_id": found["revision_id"]}
    if found["created_at"] is None:
        values["place"], values["created_at"] = next_place(connection, now)
    connection.execute(
        update(artifacts).where(artifacts.c.id == found["artifact_id"]).values(**values)
    )


def _write(connection: Connection, found: RowMapping, columns: Mapping[str, str | None]) -> None:
    """Write what a draft says to a revision that is, or is about to be, the newest one."""
    subject = {name: value for name, value in columns.items() if name.startswith("subject_")}
    connection.execute(
        update(revisions).where(revisions.c.id == found["revision_id"]).values(**columns)
    )
    connection.execute(
        update(artifacts).where(artifacts.c.id == found["artifact_id"]).values(**subject)
    )


def _revision(connection: Connection, revision_id: int | None) -> str | None:
    wanted = select(revisions.c.revision).where(revisions.c.id == revision_id)
    return connection.execute(wanted).scalar()


def _add_artifact(connection: Connection, ref: ArtifactRef) -> int:
    key = connection.execute(insert(artifacts).values(**ref_columns(ref))).inserted_primary_key
    assert key is not None, "an insert of one row has one key"
    return int(key[0])


def _find(connection: Connection, ref: ArtifactRef, revision: str) -> RowMapping | None:
    wanted = (
        select(
            *RECORD_COLUMNS,
            artifacts.c.current_revision_id,
            artifacts.c.deleted_at,
            revisions.c.id.label("revision_id"),
            revisions.c.artifact_id,
            revisions.c.state,
        )
        .select_from(artifacts.join(revisions, revisions.c.artifact_id == artifacts.c.id))
        .where(is_artifact(ref), revisions.c.revision == revision)
    )
    return connection.execute(wanted).mappings().one_or_none()
