"""A password in the URL of a hub is used, but never shown."""

from __future__ import annotations

import httpx
import pytest

from polaris.errors import PolarisError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

URL = "https://ann:sekret@hub.example/x"


def test_the_setting_keeps_what_its_representation_masks() -> None:
    settings = PolarisHubSettings(hub_url=URL, authorize_url=URL, token_fetch_url=URL)
    assert settings.hub_url == URL
    assert "https://***@hub.example/x" in repr(settings)
    assert "sekret" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "zz://ann:sekret@hub.example",
        "file://ann:sekret@hub.example/x",
        "//ann:sekret@hub.example/x",
        "ann:sekret@hub.example",
        "ht!tp://ann:sekret@hub.example",
    ],
)
def test_errors_do_not_show_it(url: str) -> None:
    with pytest.raises(PolarisError) as caught:
        PolarisHubClient(PolarisHubSettings(hub_url=url))
    assert "sekret" not in f"{caught.value} {vars(caught.value)}"
    assert "hub.example" in str(caught.value)


def test_neither_do_those_of_a_hub_that_cannot_be_reached() -> None:
    refused = httpx.MockTransport(_refuse)
    settings = PolarisHubSettings(hub_url=URL, max_attempts=1)
    client = PolarisHubClient(settings, transport=refused)
    with client, pytest.raises(PolarisError) as caught:
        client.list_datasets()
    assert "sekret" not in f"{caught.value} {vars(caught.value)}"
    assert "hub.example" in str(caught.value)


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def test_a_client_does_not_show_it() -> None:
    with PolarisHubClient(PolarisHubSettings(hub_url="memory://ann:sekret@hub.example")) as client:
        assert repr(client) == "PolarisHubClient('memory://***@hub.example')"
