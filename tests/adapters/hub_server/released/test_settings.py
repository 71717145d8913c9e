"""What operators may choose, and what stands behind a proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from polaris_adapters.hub_server.released import ReleasedSettings, SignedTokens

MODEL = "/api/v2/model/acme/my-model"


@pytest.mark.parametrize(("access", "status"), [("public", 200), ("private", 404)])
async def test_who_sees_what_clients_do_not_say(
    open_released: Callable[..., Any], access: str, status: int
) -> None:
    hub = open_released(access=access)
    assert (await hub.ask("PUT", MODEL, json={"name": "my-model"})).status_code == 200
    assert (await hub.ask("GET", MODEL, "nobody")).status_code == status


async def test_what_a_client_says_is_what_counts(open_released: Callable[..., Any]) -> None:
    hub = open_released(access="public")
    await hub.ask("PUT", MODEL, json={"name": "my-model", "access": "private"})
    assert (await hub.ask("GET", MODEL, "nobody")).status_code == 404


async def test_names_and_slugs_in_paths_are_the_same(open_released: Callable[..., Any]) -> None:
    hub = open_released(access="public")
    await hub.ask("PUT", "/api/v2/model/acme/My_Model", json={"name": "My_Model"})
    for name in ("my-model", "My_Model", "MY-MODEL"):
        found = (await hub.ask("GET", f"/api/v2/model/acme/{name}", "nobody")).json()
        assert (found["artifactId"], found["owner"]) == ("acme/my-model", {"slug": "acme"})
    assert (await hub.ask("GET", "/api/v2/model/acme/x", "nobody")).status_code == 404


async def test_lists_say_how_many_there_are(open_released: Callable[..., Any]) -> None:
    hub = open_released(access="public")
    for i in range(5):
        await hub.clock.sleep(1)
        await hub.ask("PUT", f"/api/v2/model/acme/model-{i}", json={"name": f"model-{i}"})
    reply = (await hub.ask("GET", "/api/v2/model?limit=2&offset=3", "nobody")).json()
    assert [entry["artifactId"] for entry in reply["data"]] == ["acme/model-1", "acme/model-0"]
    assert reply["metadata"]["total"] == 5
    assert (await hub.ask("GET", "/api/v2/model?limit=0", "nobody")).json()["data"] == []


async def test_a_new_version_follows_its_parent(open_released: Callable[..., Any]) -> None:
    hub = open_released(access="public")
    await hub.ask("PUT", MODEL, json={"name": "my-model"})
    body = {"name": "my-model", "readme": "new", "parentArtifactId": "acme/my-model"}
    assert (await hub.ask("PUT", MODEL, json=body)).status_code == 200
    found = (await hub.ask("GET", MODEL, "nobody")).json()
    assert (found["artifactVersion"], found["readme"]) == (2, "new")


def test_choices_that_there_are_not() -> None:
    with pytest.raises(ValueError, match="benchmark_shape"):
        ReleasedSettings(benchmark_shape="0.14")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="access"):
        ReleasedSettings(access="all")  # type: ignore[arg-type]


def test_a_key_has_to_be_long(clock: Any) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SignedTokens(clock, b"short")
    assert "kkkk" not in repr(SignedTokens(clock, b"k" * 32))
