from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from polaris.application.in_memory_replies import InMemoryReplies
from polaris.ports.attempts import AttemptStore
from polaris.ports.keys import HubKeys
from polaris.ports.replies import BegunCall, ReplyStore
from polaris.testing import (
    AttemptStoreSuite,
    HubKeysSuite,
    InMemoryAttempts,
    InMemoryKeys,
    ReplyStoreSuite,
)

_attempts: type[AttemptStore] = InMemoryAttempts
_keys: type[HubKeys] = InMemoryKeys
_replies: type[ReplyStore] = InMemoryReplies


class TestInMemoryAttempts(AttemptStoreSuite):
    @pytest.fixture
    def attempts(self) -> AttemptStore:
        return InMemoryAttempts()


class TestInMemoryKeys(HubKeysSuite):
    @pytest.fixture
    def keys(self) -> HubKeys:
        return InMemoryKeys()


class TestInMemoryReplies(ReplyStoreSuite):
    @pytest.fixture
    def replies(self) -> ReplyStore:
        return InMemoryReplies()


async def test_of_too_many_replies_the_oldest_go_first() -> None:
    replies = InMemoryReplies(most=2)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    until = now + timedelta(minutes=1)
    for key in ("1", "2", "3"):
        assert await replies.begin("ada", key, "call", token=key, now=now, until=until) is None
    for key in ("3", "2"):
        begun = await replies.begin("ada", key, "call", token="t", now=now, until=until)
        assert begun == BegunCall("call")
    assert await replies.begin("ada", "1", "call", token="t", now=now, until=until) is None
