"""Every route of the application that is served is in the table of who may do what."""

from __future__ import annotations

from pathlib import Path

from polaris.bootstrap.server.app import build_app
from polaris.bootstrap.server.ports import open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.guarded import acts_of


async def test_every_route_names_its_acts(tmp_path: Path) -> None:
    settings = ServerSettings(data=tmp_path / "hub", url="https://hub.example", jobs=False)
    ports = open_server(settings)
    try:
        found = acts_of(build_app(ports, settings).routes)
    finally:
        await ports.aclose()
    assert len(found) > 100
    assert [route for route, acts in found.items() if not acts] == []
    assert {act for acts in found.values() for act in acts} == set(Act)
