"""Writing revisions.

A revision that is not the current one is announced again by `announce`, and only what is announced
can become current: that is how a commit that is repeated differs from one that brings back an
earlier content.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from polaris.domain.identity import ArtifactRef
from polaris.errors import ArtifactExistsError, PolarisCreateArtifactError
from polaris.ports.artifacts import ArtifactRecord
from polaris_adapters.sql_catalogue.rows import RECORD_COLUMNS, is_artifact, record_of, ref_columns
from polaris_adapters.sql_catalogue.tables import artifacts, revisions

__all__ = ["announce", "make_current"]


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
    """
    artifact = connection.execute(select(artifacts).where(is_artifact(ref))).one_or_none()
    current_id = None if artifact is None else artifact.current_revision_id
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
    ref: ArtifactRef,
    revision: str,
    columns: Mapping[str, str | None],
    *,
    now: int,
) -> ArtifactRecord:
    """Make an announced revision the current one, and return its record; arguments as above.

    Raises:
        PolarisCreateArtifactError: It was never announced.
    """
    found = _find(connection, ref, revision)
    if found is None:
        raise PolarisCreateArtifactError(
            f"The publication of the {ref} was never begun on this hub",
            hint="Publish it again from the start.",
        )
    if found["state"] == "begun":
        _number_and_show(connection, found, columns, now=now)
    elif found["revision_id"] == found["current_revision_id"] and any(
        found[name] != value for name, value in columns.items()
    ):
        # The content is the same, but who may see it is not part of it; and a document that was
        # damaged on the hub is put right by publishing it again.
        _write(connection, found, columns)
    record = _find(connection, ref, revision)
    assert record is not None, "the row was just written"
    return record_of(record)


def _number_and_show(
    connection: Connection, found: RowMapping, columns: Mapping[str, str | None], *, now: int
) -> None:
    last = connection.execute(
        select(func.max(revisions.c.number)).where(revisions.c.artifact_id == found["artifact_id"])
    ).scalar()
    _write(connection, found, columns)
    connection.execute(
        update(revisions)
        .where(revisions.c.id == found["revision_id"])
        .values(state="committed", number=(last or 0) + 1, committed_at=now)
    )
    connection.execute(
        update(artifacts)
        .where(artifacts.c.id == found["artifact_id"])
        .values(
            current_revision_id=found["revision_id"],
            created_at=func.coalesce(artifacts.c.created_at, now),
        )
    )


def _write(connection: Connection, found: RowMapping, columns: Mapping[str, str | None]) -> None:
    """Write what a draft says to a revision that is, or is about to be, the current one."""
    subject = {name: value for name, value in columns.items() if name in artifacts.c}
    connection.execute(
        update(revisions).where(revisions.c.id == found["revision_id"]).values(**columns)
    )
    connection.execute(
        update(artifacts).where(artifacts.c.id == found["artifact_id"]).values(**subject)
    )


def _add_artifact(connection: Connection, ref: ArtifactRef) -> int:
    key = connection.execute(insert(artifacts).values(**ref_columns(ref))).inserted_primary_key
    assert key is not None, "an insert of one row has one key"
    return int(key[0])


def _find(connection: Connection, ref: ArtifactRef, revision: str) -> RowMapping | None:
    wanted = (
        select(
            *RECORD_COLUMNS,
            artifacts.c.current_revision_id,
            revisions.c.id.label("revision_id"),
            revisions.c.artifact_id,
            revisions.c.state,
        )
        .select_from(artifacts.join(revisions, revisions.c.artifact_id == artifacts.c.id))
        .where(is_artifact(ref), revisions.c.revision == revision)
    )
    return connection.execute(wanted).mappings().one_or_none()
