"""The `ReplyStore` of a hub in its database, for servers of several processes."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from polaris.codec.json_text import dumps
from polaris.ports.replies import BegunCall, StoredReply
from polaris_adapters.sql_catalogue.accounts_tables import remembered_replies as replies
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds

__all__ = ["SqlReplies"]


class SqlReplies:
    """Keeps replies in the database of a hub.

    Args:
        database: Where the table is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, caller: str, key: str, call: str, /, *, token: str, now: datetime, until: datetime
    ) -> BegunCall | None:
        """See `ReplyStore.begin`."""
        return await asyncio.to_thread(self._begin, caller, key, call, token, now, until)

    async def end(
        self,
        caller: str,
        key: str,
        /,
        *,
        token: str,
        reply: StoredReply | None,
        until: datetime,
    ) -> None:
        """See `ReplyStore.end`."""
        await asyncio.to_thread(self._end, caller, key, token, reply, until)

    async def renew(self, caller: str, key: str, /, *, token: str, until: datetime) -> None:
        """See `ReplyStore.renew`."""
        await asyncio.to_thread(self._renew, caller, key, token, until)

    async def purge(self, *, before: datetime) -> int:
        """See `ReplyStore.purge`."""
        return await asyncio.to_thread(self._purge, before)

    def _begin(
        self, caller: str, key: str, call: str, token: str, now: datetime, until: datetime
    ) -> BegunCall | None:
        is_note = _is_note(caller, key)
        live = select(replies).where(is_note, replies.c.until > to_microseconds(now))
        with self._database.writing(_name(caller, key)) as connection:
            row = connection.execute(live).one_or_none()
            if row is not None:
                return _begun(row)
            connection.execute(delete(replies).where(is_note))
            note = {
                "caller": caller,
                "key": key,
                "call": call,
                "token": token,
                "until": to_microseconds(until),
            }
            connection.execute(insert(replies).values(note))
            return None

    def _end(
        self, caller: str, key: str, token: str, reply: StoredReply | None, until: datetime
    ) -> None:
        is_own = and_(_is_note(caller, key), replies.c.token == token)
        with self._database.writing(_name(caller, key)) as connection:
            if reply is None:
                connection.execute(delete(replies).where(is_own))
                return
            values = {
                "status": reply.status,
                "headers": dumps(reply.headers),
                "body": reply.body,
                "until": to_microseconds(until),
            }
            connection.execute(update(replies).where(is_own).values(values))

    def _renew(self, caller: str, key: str, token: str, until: datetime) -> None:
        is_own = and_(_is_note(caller, key), replies.c.token == token)
        is_under_way = and_(is_own, replies.c.status.is_(None))
        with self._database.writing(_name(caller, key)) as connection:
            values = {"until": to_microseconds(until)}
            connection.execute(update(replies).where(is_under_way).values(values))

    def _purge(self, before: datetime) -> int:
        ended = delete(replies).where(replies.c.until < to_microseconds(before))
        with self._database.writing("purge of replies") as connection:
            return connection.execute(ended).rowcount


def _name(caller: str, key: str) -> str:
    return f"reply {len(caller)} {caller} {key}"


def _is_note(caller: str, key: str) -> ColumnElement[bool]:
    return and_(replies.c.caller == caller, replies.c.key == key)


def _begun(row: Row[tuple[object, ...]]) -> BegunCall:
    until = from_microseconds(row.until)
    if row.status is None:
        return BegunCall(row.call, until=until)
    headers = tuple((name, value) for name, value in json.loads(row.headers))
    return BegunCall(row.call, StoredReply(row.status, headers, bytes(row.body)), until)
