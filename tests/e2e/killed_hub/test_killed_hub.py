"""A hub whose server, database and store are killed loses nothing that it has acknowledged.

Eight processes publish, delete and read by our client over HTTP, and write down what the hub
acknowledged; a ninth opens all that the hub lists, again and again. Meanwhile parts of the hub are
killed and started again, at moments that follow from ``POLARIS_KILL_SEED``, for
``POLARIS_KILL_SECONDS`` seconds.
"""

from __future__ import annotations

import json
import os
import random

import pytest

from tests.e2e.killed_hub.checking import (
    check_failures,
    check_kept,
    dropped_by_ends,
    wait_for_jobs,
)
from tests.e2e.killed_hub.fire import CLIENTS, UnderFire
from tests.e2e.killed_hub.workload import BENCHMARK, CROWD

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.timeout(1800),
]

SECONDS = float(os.environ.get("POLARIS_KILL_SECONDS", "40"))


def _try(fire: UnderFire, dice: random.Random) -> None:
    fire.begin(dice.randrange(2**32))
    killer = fire.work(dice, SECONDS)
    deeds = fire.deeds
    told = {phase: len(deeds.of(phase)) for phase in ("failed", "unanswered", "cut", "status")}
    print(f"{dict(killer.counts)}, {len(deeds.acknowledged)} writes acknowledged, {told}")
    check_failures(deeds, killer.outages)
    dropped = dropped_by_ends(deeds, killer.outages)
    print(f"{len(dropped)} requests without a reply at ends in order: {dropped[:3]}")
    with fire.clients() as client_of:
        subject = f"urn:polaris:benchmark:{BENCHMARK.replace('/', ':')}"
        states = wait_for_jobs(client_of(CROWD), subject, 120)
        kept = check_kept(deeds, client_of)
    print(f"{kept} revisions are there, jobs: {dict(states)}")
    assert sum(killer.counts.values()) >= max(2, SECONDS / 60)
    assert kept >= CLIENTS
    assert fire.hub.stop() == 0

    checked = fire.hub.run("hub", "fsck", "--deep", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["findings"] == []
    collected = fire.collect()
    print(f"{len(collected.removed)} leftovers, {collected.size} bytes")
    assert fire.collect().removed == ()
    assert not list(fire.hub.data.rglob("*#*"))
    checked = fire.hub.run("hub", "fsck", "--deep", "--json")
    assert json.loads(checked.stdout)["findings"] == []


def test_a_hub_in_a_folder_whose_server_is_killed(
    in_a_folder: UnderFire, dice: random.Random
) -> None:
    _try(in_a_folder, dice)


def test_a_hub_on_servers_that_are_killed(on_servers: UnderFire, dice: random.Random) -> None:
    _try(on_servers, dice)
