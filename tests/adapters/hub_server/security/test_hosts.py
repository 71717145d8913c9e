"""A header Host that cannot be one is refused before anything is made of it."""

from __future__ import annotations

import pytest

from polaris_adapters.hub_server.operation.hosts import name_of_host


@pytest.mark.parametrize(
    "header",
    [
        "hub.example:65536",
        "hub.example:99999999999999999999",
        "[::1]:65536",
        "hub.example:80@evil.example",
        "hub.example:\u0661",
        "",
    ],
)
def test_it_names_nothing(header: str) -> None:
    assert name_of_host(header) is None


@pytest.mark.parametrize(
    ("header", "name"),
    [("hub.example:65535", "hub.example"), ("[::1]:0", "::1"), ("Hub.Example.", "hub.example")],
)
def test_it_names_a_host(header: str, name: str) -> None:
    assert name_of_host(header) == name
