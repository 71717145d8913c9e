"""Faults to order at the fixture `hub`, and that clients behave in them as they promise."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from polaris.dataset import Dataset
from polaris.errors import (
    AccessDeniedError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidInputError,
    PolarisChecksumError,
    PolarisError,
    StorageError,
)
from polaris.hub.in_process_hub import Fault, InProcessHub

LISTS = "/api/v3/dataset"
COMMITS = "*/commit"


def _dataset() -> Dataset:
    table = pd.DataFrame({"smiles": ["C", "CC", "CCC"], "y": [1.0, 2.0, 3.0]})
    return Dataset(table=table, name="molecules", owner="alice", license="MIT")


def _statuses(hub: InProcessHub, path: str = "*") -> list[int | None]:
    return [asked.status for asked in hub.asked(path)]


class TestFail:
    def test_a_call_is_tried_again(self, hub: InProcessHub) -> None:
        fault = hub.fail(LISTS, times=2)
        assert hub.client().list_datasets() == []
        assert _statuses(hub) == [503, 503, 200]
        assert fault.struck == 2

    def test_as_often_as_the_settings_say(self, hub: InProcessHub) -> None:
        hub.fail(times=None)
        with pytest.raises(HubUnavailableError, match="503") as caught:
            hub.client(max_attempts=3).list_datasets()
        assert caught.value.status == 503
        assert _statuses(hub) == [503] * 3

    def test_no_sooner_than_the_hub_asks(self, hub: InProcessHub) -> None:
        began = hub.clock.monotonic()
        hub.fail(status=429, retry_after=30)
        assert hub.client().list_datasets() == []
        # On top comes a wait that is drawn at random, below 0.2 s after the first try.
        assert 30 <= hub.clock.monotonic() - began <= 30.2
        assert len(hub.clock.sleeps) == 1

    def test_not_for_longer_than_all_tries_may_take(self, hub: InProcessHub) -> None:
        hub.fail(status=503, retry_after=100)
        with pytest.raises(HubUnavailableError) as caught:
            hub.client(total_timeout=60).list_datasets()
        assert caught.value.retry_after == 100
        assert _statuses(hub) == [503]

    def test_what_will_not_get_better_is_not_tried_again(self, hub: InProcessHub) -> None:
        hub.fail(status=403)
        with pytest.raises(AccessDeniedError):
            hub.client().list_datasets()
        assert _statuses(hub) == [403]

    def test_only_requests_that_fit_are_struck(self, hub: InProcessHub) -> None:
        client = hub.client(max_attempts=1)
        never = hub.fail("/api/v3/model", method="post")
        second = hub.fail(LISTS, method="get", after=1)
        assert client.list_datasets() == []
        assert client.list_models() == []
        with pytest.raises(HubUnavailableError):
            client.list_datasets()
        assert client.list_datasets() == []
        assert (never.struck, second.struck) == (0, 1)

    def test_the_fault_ordered_first_strikes(self, hub: InProcessHub) -> None:
        hub.fail(status=502)
        hub.fail(status=504)
        assert hub.client().list_datasets() == []
        assert _statuses(hub) == [502, 504, 200]


class TestLostConnections:
    def test_none_comes_about(self, hub: InProcessHub) -> None:
        client = hub.client(max_attempts=2)
        with hub.refuse_connections() as fault:
            with pytest.raises(HubUnreachableError, match="refused") as caught:
                client.list_datasets()
            assert not caught.value.may_have_arrived
            with pytest.raises(HubUnreachableError):
                client.upload_dataset(_dataset())
        assert fault.struck == 4
        assert _statuses(hub) == [None] * 4
        assert client.list_datasets() == []

    def test_a_reply_is_lost_and_the_hub_acts_once(self, hub: InProcessHub) -> None:
        fault = hub.drop_reply(COMMITS)
        hub.client().upload_dataset(_dataset())
        assert _statuses(hub, COMMITS) == [None, 200]
        assert fault.struck == 1
        assert len(hub.client().list_versions("dataset", "alice", "molecules")) == 1

    def test_the_hub_has_acted_though_the_client_gave_up(self, hub: InProcessHub) -> None:
        hub.drop_reply(COMMITS, times=None)
        with pytest.raises(HubUnreachableError) as caught:
            hub.client(max_attempts=1).upload_dataset(_dataset())
        assert caught.value.may_have_arrived
        assert list(hub.client().list_datasets()) == ["alice/molecules"]

    def test_before_it_acts_nothing_is_published(self, hub: InProcessHub) -> None:
        hub.refuse_connections(COMMITS)
        with pytest.raises(HubUnreachableError):
            hub.client(max_attempts=1).upload_dataset(_dataset())
        assert hub.client().list_datasets() == []

    @pytest.mark.parametrize("after_bytes", [None, 0, 1, 10**6])
    def test_a_body_is_cut(self, hub: InProcessHub, after_bytes: int | None) -> None:
        hub.client().upload_dataset(_dataset(), access="public")
        fault = hub.cut("*/read", after_bytes=after_bytes)
        found = hub.anonymous().get_dataset("alice", "molecules", verify_checksum=True)
        assert found == _dataset()
        assert fault.struck == 1
        hub.cut("*/read", after_bytes=after_bytes, times=None)
        with pytest.raises((HubUnreachableError, StorageError), match="bytes, as ordered"):
            hub.anonymous().get_dataset("alice", "molecules")

    async def test_in_event_loops_as_well(self, hub: InProcessHub) -> None:
        hub.cut(LISTS)
        hub.drop_reply(LISTS)
        hub.fail(LISTS)
        async with hub.async_client() as client:
            assert await client.list_datasets() == []
        assert _statuses(hub) == [200, None, 503, 200]


class TestDelay:
    def test_a_reply_that_is_late_but_not_too_late(self, hub: InProcessHub) -> None:
        hub.delay(seconds=20)
        began = hub.clock.monotonic()
        assert hub.client(default_timeout=(1, 20)).list_datasets() == []
        assert hub.clock.monotonic() - began == 20
        assert _statuses(hub) == [200]

    def test_a_client_that_does_not_wait_so_long(self, hub: InProcessHub) -> None:
        hub.delay(seconds=20.5)
        began = hub.clock.monotonic()
        assert hub.client(default_timeout=(1, 20)).list_datasets() == []
        assert 20 <= hub.clock.monotonic() - began <= 20.2
        assert _statuses(hub) == [None, 200]

    def test_a_client_that_waits_for_ever(self, hub: InProcessHub) -> None:
        hub.delay(seconds=86400)
        assert hub.client(default_timeout="never").list_datasets() == []
        assert hub.clock.monotonic() == 86400


class TestCorrupt:
    def test_checksums_tell(self, hub: InProcessHub) -> None:
        hub.client().upload_dataset(_dataset(), access="public")
        before = hub.anonymous().get_dataset("alice", "molecules", verify_checksum=True)
        assert before == _dataset()
        [key] = hub.corrupt("table.parquet")
        assert key.startswith("datasets/alice/molecules/")
        with pytest.raises((PolarisChecksumError, StorageError)):
            hub.anonymous().get_dataset("alice", "molecules", verify_checksum=True)
        # The same bits once more.
        assert hub.corrupt("datasets/alice/molecules/*/table.parquet") == [key]
        assert hub.anonymous().get_dataset("alice", "molecules") == before

    def test_there_has_to_be_such_an_object(self, hub: InProcessHub) -> None:
        with pytest.raises(InvalidInputError, match=r"table\.parquet") as caught:
            hub.corrupt("table.parquet")
        assert "none" in caught.value.hint
        hub.client().upload_dataset(_dataset())
        with pytest.raises(InvalidInputError) as caught:
            hub.corrupt("able.parquet")
        assert "table.parquet" in caught.value.hint


class TestWithdraw:
    def test_one_or_all(self, hub: InProcessHub) -> None:
        client = hub.client(max_attempts=1)
        first, second = hub.fail(times=None), hub.fail(status=500, times=None)
        first.withdraw()
        with pytest.raises(HubUnavailableError, match="500"):
            client.list_datasets()
        hub.heal()
        assert client.list_datasets() == []
        assert (first.struck, second.struck) == (0, 1)


ORDERS: dict[str, Callable[[InProcessHub], Fault]] = {
    "no requests": lambda hub: hub.fail(times=0),
    "requests before the first": lambda hub: hub.drop_reply(after=-1),
    "a status that is no failure": lambda hub: hub.fail(status=200),
    "negative seconds": lambda hub: hub.delay(seconds=-1),
    "seconds that are none": lambda hub: hub.delay(seconds=float("nan")),
    "negative bytes": lambda hub: hub.cut(after_bytes=-1),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_orders_that_cannot_be(hub: InProcessHub, order: Callable[[InProcessHub], Fault]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        order(hub)
    assert isinstance(caught.value, PolarisError)
    assert caught.value.hint
    assert hub.client(max_attempts=1).list_datasets() == []
