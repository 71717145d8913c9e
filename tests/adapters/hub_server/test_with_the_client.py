"""What users hold, against the server: publish, load, and not see what is private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pandas as pd
import pytest

from polaris.dataset import Dataset
from polaris.errors import (
    AccessDeniedError,
    ArtifactExistsError,
    ArtifactNotFoundError,
    PolarisUnauthorizedError,
)
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris_adapters.hub_server import Hub, create_app

Client = Callable[..., PolarisHubClient]


def _dataset(values: list[float]) -> Dataset:
    return Dataset(
        table=pd.DataFrame({"smiles": ["C"] * len(values), "y": values}),
        name="molecules",
        owner="acme",
        license="CC-BY-4.0",
        source="https://example.org",
    )


@pytest.fixture
def client(hub: Hub) -> Client:
    app = create_app(hub)

    def opened(token: str | None) -> PolarisHubClient:
        given: dict[str, Any] = {} if token is None else {"token": token}
        return PolarisHubClient(
            PolarisHubSettings(hub_url="https://hub.example"),
            transport=httpx.ASGITransport(app),
            **given,
        )

    return opened


def test_the_hub_says_whose_a_token_is(client: Client) -> None:
    with client("token-of-the-owner") as owner:
        assert owner.user_as_owner.slug == "alice"
        assert owner.user_info["email"] == "alice@example.org"
        assert owner.login().user.slug == "alice"


def test_a_token_that_the_hub_does_not_know_is_nobodys(client: Client) -> None:
    with client("token-of-nobody") as nobody, pytest.raises(PolarisUnauthorizedError) as caught:
        nobody.login()
    assert "POLARIS_TOKEN" in caught.value.hint
    assert "token-of-nobody" not in str(caught.value)


def test_what_is_published_is_loaded_and_checked(client: Client) -> None:
    dataset = _dataset([1.0, 2.0, 3.0])
    with client("token-of-the-owner") as owner:
        owner.upload_dataset(dataset, access="public", owner="acme")
        assert list(owner.list_datasets()) == ["acme/molecules"]
    with client(None) as anybody:
        found = anybody.get_dataset("acme", "molecules", verify_checksum=True)
        assert isinstance(found, Dataset)
        assert found.md5sum == dataset.md5sum
        assert found.table.equals(dataset.table)
        with pytest.raises(PolarisUnauthorizedError):
            anybody.upload_dataset(_dataset([4.0]), owner="acme")
    with client("token-of-the-owner") as owner, pytest.raises(ArtifactExistsError):
        owner.upload_dataset(_dataset([4.0]), owner="acme", if_exists="raise")


def test_what_is_private_is_not_there_for_others(client: Client) -> None:
    with client("token-of-the-owner") as owner:
        owner.upload_dataset(_dataset([1.0, 2.0]), access="private", owner="acme")
        assert owner.get_dataset("acme", "molecules").n_rows == 2
    with client("token-of-a-stranger") as stranger:
        assert list(stranger.list_datasets()) == []
        with pytest.raises(ArtifactNotFoundError):
            stranger.get_dataset("acme", "molecules")
        with pytest.raises(AccessDeniedError):
            stranger.upload_dataset(_dataset([4.0]), owner="acme")
