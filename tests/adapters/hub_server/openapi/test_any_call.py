"""Calls that schemathesis makes up: no failure of the hub, and no reply that is not told."""

from __future__ import annotations

import pytest

from tests.adapters.hub_server.openapi.running import World, found_by


def test_a_few_calls(world: World) -> None:
    found, calls = found_by(world, "member", examples=1, phases=["fuzzing"])
    assert found == []
    assert calls > 110


def test_the_edges_of_what_may_be_asked_for(world: World) -> None:
    only = "^/api/v3/(me|organizations|sign-out|.kind.$)"
    found, calls = found_by(world, "administrator", examples=1, phases=["coverage"], only=only)
    assert found == []
    assert calls > 300


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", ["administrator", "member", "nobody"])
@pytest.mark.parametrize(
    ("phases", "examples", "least"),
    [(["examples", "coverage"], 1, 3000), (["fuzzing"], 8, 500), (["stateful"], 5, 5)],
    ids=["edges", "random", "links"],
)
def test_many_calls(world: World, who: str, phases: list[str], examples: int, least: int) -> None:
    found, calls = found_by(world, who, examples=examples, phases=phases)
    assert found == []
    assert calls >= least
