"""The `ArtifactRepository` over a SQL database."""

from __future__ import annotations

import asyncio

from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactLocation,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    Publication,
)
from polaris.ports.clock import Clock
from polaris.ports.storage import IfExists
from polaris_adapters.sql_catalogue.cursors import Cursor
from polaris_adapters.sql_catalogue.database import Database, name_of_artifact
from polaris_adapters.sql_catalogue.history import SqlHistory
from polaris_adapters.sql_catalogue.jobs import queue_job
from polaris_adapters.sql_catalogue.listing import read_artifact, read_page
from polaris_adapters.sql_catalogue.moments import to_microseconds
from polaris_adapters.sql_catalogue.publishing import announce, make_current
from polaris_adapters.sql_catalogue.rows import draft_columns

__all__ = ["SqlCatalogue"]


class SqlCatalogue:
    """The artifacts of a hub in a SQL database.

    Each call is one transaction, on a thread of the running loop's pool: the event loop never waits
    for the database, and calls may come from any loop, thread or forked process. Whoever may open
    the database may see and write everything; ``access`` is only noted.

    Args:
        database: Where the tables are; closed with the catalogue.
        clock: Tells when something was published.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def history(self) -> SqlHistory:
        """The earlier revisions and the tombstones of this catalogue."""
        return SqlHistory(self._database, self._clock)

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository.page`."""
        cursor = None if query.cursor is None else Cursor.parse(query.cursor, query)
        return await asyncio.to_thread(self._page, query, cursor)

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository.get`."""
        return await asyncio.to_thread(self._get, ref)

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository.begin`."""
        await asyncio.to_thread(self._begin, draft, if_exists)
        return Publication(draft, ArtifactLocation(draft.ref, draft.revision))

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository.commit`."""
        return await asyncio.to_thread(self._commit, publication)

    async def aclose(self) -> None:
        """Let go of the database; calls after this one raise `ClosedError`."""
        self._database.close()

    def _page(self, query: ArtifactQuery, cursor: Cursor | None) -> ArtifactPage:
        with self._database.reading() as connection:
            return read_page(connection, query, cursor)

    def _get(self, ref: ArtifactRef) -> ArtifactRecord:
        with self._database.reading() as connection:
            return read_artifact(connection, ref)

    def _begin(self, draft: ArtifactDraft, if_exists: IfExists) -> None:
        columns = draft_columns(draft)
        with self._database.writing(name_of_artifact(draft.ref)) as connection:
            announce(
                connection,
                draft.ref,
                draft.revision,
                columns,
                must_be_new=if_exists == IfExists.RAISE,
                now=self._now(),
            )

    def _commit(self, publication: Publication) -> ArtifactRecord:
        draft = publication.draft
        columns = draft_columns(draft)
        with self._database.writing(name_of_artifact(draft.ref)) as connection:
            # The time is asked for under the lock, so that times rise with an artifact's commits.
            now = self._now()
            record = make_current(connection, publication, columns, now=now)
            if draft.evaluate:
                queue_job(connection, draft.ref, publication.location.revision, now=now)
            return record

    def _now(self) -> int:
        return to_microseconds(self._clock.now())
