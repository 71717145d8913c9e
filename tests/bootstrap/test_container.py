"""The wiring, and how to replace parts of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from dependency_injector import containers, errors, providers

from polaris.bootstrap.container import HubContainer, build_container, close_container
from polaris.errors import (
    InvalidInputError,
    MissingExtraError,
    PolarisError,
    PolarisHubError,
    UnknownTransportError,
)
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.testing.fakes.fixed_identity import FakeAuth
from polaris.testing.fakes.in_memory_artifact_storage import InMemoryArtifactStorage
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris.testing.fakes.manual_clock import ManualClock


def test_each_port_is_made_once() -> None:
    container = build_container(PolarisHubSettings(hub_url="memory://once"))
    for name in ("auth", "artifacts", "storage", "archives", "locations", "clock", "progress"):
        provider = getattr(container, name)
        assert provider() is provider()


def test_a_container_without_settings_says_so() -> None:
    with pytest.raises(errors.Error, match="settings"):
        HubContainer().transport()


def test_no_transport_is_opened_where_its_ports_are_overridden() -> None:
    container = build_container(PolarisHubSettings(hub_url="gopher://never.opened"))
    container.auth.override(providers.Object(FakeAuth("ada-lovelace")))
    container.artifacts.override(providers.Object(InMemoryArtifacts(ManualClock())))
    container.storage.override(providers.Object(InMemoryArtifactStorage()))
    with PolarisHubClient(container=container) as client:
        assert client.user_info["username"] == "ada-lovelace"
        assert client.list_datasets() == []


def test_a_container_lives_in_another_applications_container() -> None:
    class Application(containers.DeclarativeContainer):
        settings = providers.Singleton(PolarisHubSettings, hub_url="memory://embedded")
        polaris = providers.Container(HubContainer, settings=settings)
        client = providers.Singleton(PolarisHubClient, container=polaris)

    application = Application()
    with application.client() as client:
        assert client.list_datasets() == []
    asyncio.run(close_container(application.polaris()))


def test_closing_releases_what_was_opened_once(tmp_path: Path) -> None:
    container = build_container(PolarisHubSettings(hub_url=(tmp_path / "hub").as_uri()))
    closed: list[str] = []

    async def close() -> None:
        closed.append("mine")

    container.opened().append(close)
    asyncio.run(close_container(container))
    asyncio.run(close_container(container))
    assert closed == ["mine"]


def test_a_client_closes_the_container_it_made_and_no_other() -> None:
    container = build_container(PolarisHubSettings(hub_url="memory://mine"))
    PolarisHubClient(container=container).close()
    assert container.opened()


def test_an_unknown_scheme_names_those_that_are_installed() -> None:
    container = build_container(PolarisHubSettings(hub_url="gopher://x"))
    with pytest.raises(UnknownTransportError, match="gopher") as caught:
        container.transport()
    assert "file://" in caught.value.hint
    assert "memory://" in caught.value.hint


@pytest.mark.parametrize("url", ["file:///", "file://"])
def test_a_file_hub_needs_a_folder(url: str) -> None:
    with pytest.raises(InvalidInputError, match="folder"):
        build_container(PolarisHubSettings(hub_url=url)).transport()


def test_a_file_in_the_place_of_a_hub_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "hub").write_text("not a hub")
    with pytest.raises(PolarisHubError) as caught:
        build_container(PolarisHubSettings(hub_url=(tmp_path / "hub").as_uri())).transport()
    assert caught.value.hint


class _Entry:
    def __init__(self, name: str, error: Exception) -> None:
        self.name, self.value, self.error = name, "some_package:open_it", error

    def load(self) -> object:
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ImportError("No module named 'x'"), PolarisError),
        (AttributeError("no open_it"), PolarisError),
        (MissingExtraError("A hub in a folder", extra="local"), MissingExtraError),
    ],
)
def test_a_transport_that_cannot_be_loaded_is_one_clear_error(
    error: Exception, expected: type[PolarisError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "polaris.bootstrap.transport_registry.entry_points",
        lambda group: [_Entry("broken", error)],
    )
    with pytest.raises(expected) as caught:
        build_container(PolarisHubSettings(hub_url="broken://x")).transport()
    assert caught.value.hint


def test_a_file_hub_without_its_packages_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for name in [name for name in sys.modules if "sql_catalogue" in name]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtraError, match=r"polaris-hub\[local\]"):
        build_container(PolarisHubSettings(hub_url=(tmp_path / "hub").as_uri())).transport()
