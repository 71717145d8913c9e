"""Opening, signing in to and closing a client, and its two forms."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from polaris.dataset import Dataset
from polaris.errors import ClosedError, UnknownTransportError
from polaris.hub.async_client import AsyncPolarisHubClient
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings


def _public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def test_both_clients_have_the_same_methods() -> None:
    assert _public(AsyncPolarisHubClient) - {"check_open"} == _public(PolarisHubClient) - {
        "settings"
    }


@pytest.mark.parametrize("name", sorted(_public(PolarisHubClient) - {"settings"}))
def test_both_clients_have_the_same_signatures_and_documents(name: str) -> None:
    ours, theirs = getattr(PolarisHubClient, name), getattr(AsyncPolarisHubClient, name)
    assert ours.__doc__ == theirs.__doc__
    assert ours.__doc__
    if not isinstance(theirs, property):
        assert inspect.signature(ours) == inspect.signature(theirs)
        assert not inspect.iscoroutinefunction(ours)


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("login", "(overwrite: bool = False, auto_open_browser: bool = True)"),
        ("list_datasets", "(limit: int = 100, offset: int = 0)"),
        ("get_dataset", "(owner, name, verify_checksum = True)"),
        ("open_zarr_file", "(owner, name, path, mode, as_consolidated = True)"),
        ("list_benchmarks", "(limit: int = 100, offset: int = 0)"),
        ("get_benchmark", "(owner, name, verify_checksum = True)"),
        ("upload_results", "(results, access = 'private', owner = None)"),
        (
            "upload_dataset",
            "(dataset, access='private', timeout=(10, 200), owner=None, if_exists='replace')",
        ),
        ("upload_benchmark", "(benchmark, access = 'private', owner = None)"),
    ],
)
def test_signatures_are_those_of_the_documented_client(method: str, signature: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"def expected{signature}: ...", namespace)
    expected = inspect.signature(namespace["expected"])  # type: ignore[arg-type]
    actual = list(inspect.signature(getattr(PolarisHubClient, method)).parameters.values())[1:]
    for ours, theirs in zip(actual, expected.parameters.values(), strict=False):
        assert (ours.name, ours.default) == (theirs.name, theirs.default)
    assert len(actual) >= len(expected.parameters)


def test_login_answers_who_is_signed_in(client: PolarisHubClient) -> None:
    identity = client.login()
    assert client.user_as_owner == identity.user
    assert client.user_info["username"] == identity.user.slug


def test_a_closed_client_refuses_every_call(settings: PolarisHubSettings) -> None:
    client = PolarisHubClient(settings)
    client.close()
    client.close()
    with pytest.raises(ClosedError):
        client.list_datasets()
    with pytest.raises(ClosedError), client:
        pass


def test_leaving_the_context_closes_the_client(settings: PolarisHubSettings) -> None:
    with PolarisHubClient(settings) as client:
        assert client.list_datasets() == []
    with pytest.raises(ClosedError):
        client.list_datasets()


async def test_the_asynchronous_client_does_the_same(
    settings: PolarisHubSettings, dataset: Dataset
) -> None:
    async with AsyncPolarisHubClient(settings) as client:
        await client.upload_dataset(dataset)
        assert await client.list_datasets() == ["acme/hello-world"]
        assert await client.get_dataset("acme", "hello-world") == dataset
        assert (await client.user_as_owner).slug
        assert (await client.user_info)["username"]
    with pytest.raises(ClosedError):
        await client.list_datasets()


async def test_the_blocking_client_works_where_a_loop_is_running(
    settings: PolarisHubSettings, dataset: Dataset
) -> None:
    with PolarisHubClient(settings) as client:
        client.upload_dataset(dataset)
        assert client.get_dataset("acme", "hello-world") == dataset


def test_one_client_serves_several_threads(client: PolarisHubClient, dataset: Dataset) -> None:
    client.upload_dataset(dataset)
    found: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(client.get_dataset("acme", "hello-world") == dataset)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_concurrent_uploads_all_arrive(settings: PolarisHubSettings, dataset: Dataset) -> None:
    async def upload(client: AsyncPolarisHubClient, number: int) -> None:
        one = Dataset(name=f"number_{number}", owner="acme", license="MIT", table=dataset.table)
        await client.upload_dataset(one)

    async def main() -> list[str]:
        async with AsyncPolarisHubClient(settings) as client, asyncio.TaskGroup() as group:
            for number in range(6):
                group.create_task(upload(client, number))
        async with AsyncPolarisHubClient(settings) as client:
            return await client.list_datasets()

    assert sorted(asyncio.run(main())) == [f"acme/number-{i}" for i in range(6)]


def test_an_unknown_hub_scheme_is_one_clear_error() -> None:
    with pytest.raises(UnknownTransportError, match="gopher") as caught:
        PolarisHubClient(PolarisHubSettings(hub_url="gopher://somewhere"))
    assert "file" in str(caught.value)
