"""What the catalogue needs of a database, whichever it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

__all__ = ["Database"]


class Database(Protocol):
    """Opens transactions; everything that one dialect does in its own way is behind it.

    May be used from several threads and processes at once. Failures of the database leave as
    `PolarisHubError`; `HubBusyError` where another writer held it for too long.
    """

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction that sees one state of the database throughout."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction with no other writer beside it; durable once it has been left.

        An exception that leaves it undoes it.
        """
        ...

    def close(self) -> None:
        """Let go of the database; may be called again, and from any thread."""
        ...
