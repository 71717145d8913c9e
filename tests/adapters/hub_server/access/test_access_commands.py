"""``polaris auth token``, against a hub with accounts on a real connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from polaris_adapters.cli.main import main
from polaris_adapters.hub_server import create_app
from tests.served_apps import served_app

pytestmark = pytest.mark.network

World = Any


@attrs.frozen
class Ended:
    code: int
    out: str
    err: str


Polaris = Callable[..., Ended]


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with served_app(create_app(world.hub)) as address:
        yield address


@pytest.fixture
def polaris(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Polaris:
    monkeypatch.setenv("POLARIS_TOKEN", world.tokens["owner"].reveal())

    def run(*arguments: str, hub: str = url) -> Ended:
        capfd.readouterr()
        code = main(["--hub", hub, *arguments])
        return Ended(code, *capfd.readouterr())

    return run


def test_a_token_is_made_listed_and_revoked(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = polaris("auth", "token", "new", "nightly", "--scope", "read", "--days", "7")
    assert made.code == 0
    assert made.out.startswith("polaris_pat_")
    assert "2024-01-08" in made.err
    assert made.out.strip() not in made.err
    ended = polaris("auth", "token", "ls", "--json")
    assert ended.code == 0, ended
    [listed] = [t for t in json.loads(ended.out) if t["name"]]
    assert (listed["name"], listed["scopes"]) == ("nightly", ["read"])
    assert listed["id"] in polaris("auth", "token", "ls").out
    revoked = polaris("auth", "token", "revoke", listed["id"])
    assert (revoked.code, revoked.out) == (0, "")
    monkeypatch.setenv("POLARIS_TOKEN", made.out.strip())
    assert polaris("auth", "token", "ls").code == 3


def test_the_token_in_use_is_written_as_before(polaris: Polaris, world: World) -> None:
    token = world.tokens["owner"].reveal()
    assert polaris("auth", "token").out == f"{token}\n"
    assert json.loads(polaris("auth", "token", "--json").out) == {"token": token}
    assert "revoke" in polaris("auth", "token", "--help").out


def test_what_the_hub_refuses_is_told(
    polaris: Polaris, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert polaris("auth", "token", "revoke", "../../accounts").code == 2
    assert polaris("auth", "token", "revoke", "nonsense").code == 2
    assert polaris("auth", "token", "new", "x", "--days", "366").code == 2
    assert polaris("auth", "token", "nwe", "x").code == 2
    made = json.loads(polaris("auth", "token", "new", "few", "--json").out)
    monkeypatch.setenv("POLARIS_TOKEN", made["token"])
    refused = polaris("auth", "token", "new", "more", "--json")
    assert refused.code == 3
    assert json.loads(refused.err)["error"]["code"] == "insufficient_scope"


def test_a_hub_without_accounts_says_so(polaris: Polaris, world: World) -> None:
    with served_app(create_app(attrs.evolve(world.hub, accounts=None))) as url:
        ended = polaris("auth", "token", "ls", hub=url)
    assert ended.code == 1
    assert "has no personal tokens" in ended.err
