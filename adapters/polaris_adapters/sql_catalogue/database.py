"""What the catalogue needs of a database, whichever it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

from polaris.domain.identity import ArtifactRef

__all__ = ["Database", "name_of_artifact"]


class Database(Protocol):
    """Opens transactions; everything that one dialect does in its own way is behind it.

    May be used from several threads and processes at once. Failures of the database leave as
    `PolarisHubError`; `HubBusyError` where another writer held it for too long, and
    `HubUnreachableError` where it could not be reached or the connection broke.
    """

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction that sees one state of the database throughout."""
        ...

    def writing(self, *names: str) -> AbstractContextManager[Connection]:
        """Open a transaction that is durable once it has been left.

        An exception that leaves it undoes it.

        Args:
            names: What it reads in order to write, such as `name_of_artifact`: no transaction
                with one of these names, and none without names, is beside it. Without names no
                other writer is beside it at all. A database with one writer at a time does not
                need them.
        """
        ...

    def migrating(self) -> AbstractContextManager[Connection]:
        """Open a transaction as `writing` does without names, in which tables may be altered."""
        ...

    def close(self) -> None:
        """Let go of the database; may be called again, and from any thread."""
        ...


def name_of_artifact(ref: ArtifactRef) -> str:
    """Return the name for `Database.writing` of an artifact, its revisions and its jobs."""
    return f"artifact {ref.kind.value} {ref.owner}/{ref.slug}"
