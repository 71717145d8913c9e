"""The conformance suite of `polaris.ports.replies`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from polaris.ports.replies import BegunCall, ReplyStore, StoredReply
from polaris.testing.suites.at_once import at_once

__all__ = ["ReplyStoreSuite"]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALL = "POST /v3/artifacts abc"
REPLY = StoredReply(201, (("ETag", '"a"'), ("Link", "b"), ("Link", "é")), bytes(range(256)))


async def _begin(
    replies: ReplyStore, key: str = "key", *, caller: str = "ada", at: datetime = NOW
) -> BegunCall | None:
    token = f"{caller} {key} {at.isoformat()}"
    return await replies.begin(caller, key, CALL, token=token, now=at, until=at + MINUTE)


async def _end(replies: ReplyStore, reply: StoredReply | None, *, at: datetime = NOW) -> None:
    token = f"ada key {at.isoformat()}"
    await replies.end("ada", "key", token=token, reply=reply, until=NOW + 10 * MINUTE)


class ReplyStoreSuite:
    """What every `ReplyStore` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``replies``: an empty
    store. Needs pytest-asyncio in its ``auto`` mode.
    """

    async def test_a_call_is_begun_once(self, replies: ReplyStore) -> None:
        assert await _begin(replies) is None
        assert await _begin(replies) == BegunCall(CALL)
        assert await _begin(replies, "other") is None
        assert await _begin(replies, caller="grace") is None
        assert await _begin(replies, caller="ad", key="akey") is None

    async def test_a_reply_is_given_as_it_was_kept(self, replies: ReplyStore) -> None:
        await _begin(replies)
        await _end(replies, REPLY)
        found = await replies.begin("ada", "key", "other call", token="t", now=NOW, until=NOW)
        assert found == BegunCall(CALL, REPLY)
        # It is kept for longer than the call was noted.
        assert await _begin(replies, at=NOW + 9 * MINUTE) == BegunCall(CALL, REPLY)
        assert await _begin(replies, at=NOW + 10 * MINUTE) is None

    async def test_a_call_without_a_reply_may_be_made_again(self, replies: ReplyStore) -> None:
        await _begin(replies)
        await _end(replies, None)
        assert await _begin(replies) is None

    async def test_a_call_that_never_ended_may_be_made_again_later(
        self, replies: ReplyStore
    ) -> None:
        await _begin(replies)
        assert await _begin(replies, at=NOW + MINUTE / 2) == BegunCall(CALL)
        assert await _begin(replies, at=NOW + MINUTE) is None

    @pytest.mark.parametrize("reply", [REPLY, None])
    async def test_who_comes_too_late_ends_nobody_elses_call(
        self, replies: ReplyStore, reply: StoredReply | None
    ) -> None:
        await _end(replies, reply)
        await _begin(replies)
        await _begin(replies, at=NOW + MINUTE)
        await _end(replies, reply)
        assert await _begin(replies, at=NOW + MINUTE) == BegunCall(CALL)

    async def test_a_call_that_goes_on_is_noted_for_longer(self, replies: ReplyStore) -> None:
        await _begin(replies)
        found = await _begin(replies)
        assert found is not None
        assert found.until in (None, NOW + MINUTE)
        await replies.renew(
            "ada", "key", token=f"ada key {NOW.isoformat()}", until=NOW + 3 * MINUTE
        )
        assert await _begin(replies, at=NOW + 2 * MINUTE) == BegunCall(CALL)
        assert await _begin(replies, at=NOW + 3 * MINUTE) is None

    async def test_what_has_ended_or_is_anothers_is_not_noted_for_longer(
        self, replies: ReplyStore
    ) -> None:
        late = NOW + 30 * MINUTE
        await replies.renew("ada", "key", token="nobody's", until=late)
        assert await _begin(replies) is None
        await replies.renew("ada", "key", token="another's", until=late)
        assert await _begin(replies, at=NOW + MINUTE) is None
        token = f"ada key {(NOW + MINUTE).isoformat()}"
        await replies.end("ada", "key", token=token, reply=REPLY, until=NOW + 9 * MINUTE)
        await replies.renew("ada", "key", token=token, until=late)
        assert await _begin(replies, at=NOW + 9 * MINUTE) is None

    async def test_what_has_ended_is_purged(self, replies: ReplyStore) -> None:
        await _begin(replies)
        await _begin(replies, "other")
        await _end(replies, REPLY)
        assert await replies.purge(before=NOW + MINUTE) == 0
        assert await replies.purge(before=NOW + 2 * MINUTE) == 1
        assert await _begin(replies) == BegunCall(CALL, REPLY)

    def test_of_many_who_begin_a_call_at_once_one_makes_it(self, replies: ReplyStore) -> None:
        async def begin(number: int) -> BegunCall | None:
            return await _begin(replies)

        outcomes = at_once(begin, 6)
        assert outcomes.count(None) == 1
        assert outcomes.count(BegunCall(CALL)) == 5
