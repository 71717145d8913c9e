"""What a hub holds is found with one question, whatever its version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dependency_injector import providers

from polaris.bootstrap.container import build_container
from polaris.dataset import Dataset, DatasetV2
from polaris.domain.identity import ArtifactRef
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.artifacts import ArtifactPage, ArtifactQuery, ArtifactRecord
from polaris.testing.fakes.fixed_identity import FakeAuth
from polaris.testing.fakes.in_memory_artifact_storage import InMemoryArtifactStorage
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris.testing.fakes.manual_clock import ManualClock


class _Noting(InMemoryArtifacts):
    """A catalogue that counts what it is asked."""

    asked = 0

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        self.asked += 1
        return await super().get(ref)

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        self.asked += 1
        return await super().page(query)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def catalogue(clock: ManualClock) -> _Noting:
    return _Noting(clock)


@pytest.fixture
def client(catalogue: _Noting) -> Iterator[PolarisHubClient]:
    container = build_container(PolarisHubSettings(hub_url="https://never.opened"))
    container.auth.override(providers.Object(FakeAuth("ada-lovelace")))
    container.artifacts.override(providers.Object(catalogue))
    container.storage.override(providers.Object(InMemoryArtifactStorage()))
    with PolarisHubClient(container=container) as client:
        yield client


@pytest.mark.parametrize("version", [1, 2])
def test_loading_asks_once_whatever_the_version(
    client: PolarisHubClient,
    catalogue: _Noting,
    with_pointers: Dataset,
    as_archive: DatasetV2,
    version: int,
) -> None:
    """The version was found out by asking for version 1 and, on a failure, for version 2.

    That doubled the wait, and hid every other reason for which the first question failed.
    """
    dataset = with_pointers if version == 1 else as_archive
    client.upload_dataset(dataset)
    catalogue.asked = 0
    loaded = client.get_dataset("acme", str(dataset.slug))
    assert loaded.version == version
    assert catalogue.asked == 1


def test_a_listing_of_both_versions_is_one_list_in_pages(
    client: PolarisHubClient,
    catalogue: _Noting,
    clock: ManualClock,
    with_pointers: Dataset,
    as_archive: DatasetV2,
) -> None:
    """Listings were put together from two, by arithmetic with offsets that repeated and lost some.

    Pages of any length have to make up the whole list, newest first, each with one question.
    """
    names = [f"dataset-{number}" for number in range(7)]
    for number, name in enumerate(names):
        dataset = with_pointers if number % 2 else as_archive
        dataset.name = name
        client.upload_dataset(dataset)
        clock.advance(1)
    whole = [f"acme/{name}" for name in reversed(names)]
    for size in (1, 2, 3, 7, 100):
        catalogue.asked = 0
        pages = [client.list_datasets(limit=size, offset=at) for at in range(0, 7, size)]
        assert [name for page in pages for name in page] == whole
        assert catalogue.asked == len(pages)
    assert client.list_datasets(limit=5, offset=7) == []
