"""What anybody may read can be read, whatever has become of one's sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polaris.errors import AccessDeniedError, ArtifactNotFoundError, PolarisUnauthorizedError

OpenClient = Callable[..., Any]


class Hub:
    """Refuses every token; shows one model to anybody."""

    def __init__(self, status: int = 401) -> None:
        self.status = status
        self.signed: list[bool] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        is_signed = "authorization" in request.headers
        self.signed.append(is_signed)
        if is_signed:
            return httpx.Response(self.status)
        if request.url.path == "/api/v2/model/acme/public":
            return httpx.Response(200, json={"name": "public"})
        return httpx.Response(404)


def test_a_token_that_is_refused_does_not_hide_what_is_public(open_client: OpenClient) -> None:
    hub = Hub()
    model = open_client(hub, generation="g2", token="over").get_model("acme/public")
    assert model.artifact_id == "acme/public"
    assert hub.signed == [True, False]


def test_what_is_not_public_asks_for_a_new_sign_in(open_client: OpenClient) -> None:
    client = open_client(Hub(), generation="g2", token="over")
    with pytest.raises(PolarisUnauthorizedError) as caught:
        client.get_model("acme/private")
    assert caught.value.hint


def test_nobody_signed_in_asks_once(open_client: OpenClient) -> None:
    hub = Hub()
    with pytest.raises(ArtifactNotFoundError):
        open_client(hub, generation="g2").get_model("acme/private")
    assert hub.signed == [False]


def test_being_forbidden_is_no_reason_to_ask_as_somebody_else(open_client: OpenClient) -> None:
    hub = Hub(403)
    with pytest.raises(AccessDeniedError):
        open_client(hub, generation="g2", token="good").get_model("acme/public")
    assert hub.signed == [True]
