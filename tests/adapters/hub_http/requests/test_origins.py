"""Whose address a URL is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.errors import HubReplyError
from polaris_adapters.hub_http.origins import (
    checked_url,
    is_loopback,
    joined,
    origin_of,
    same_origin,
    without_query,
)

BASE = "https://hub.example/api/v1/x"
SAME = [
    ("https://hub.example", "https://HUB.example:443/path?q#f"),
    ("http://hub.example", "http://hub.example:80/"),
    ("https://hub.example/a", "https://user@hub.example/b"),
]
OTHERS = [
    "http://hub.example/",
    "https://hub.example:444/",
    "https://hub.example:0/",
    "https://www.hub.example/",
    "https://hub.example.evil/",
    "https://hub.example@evil.example/",
    "https://evil.example/https://hub.example/",
]
NO_URLS = [
    "", "hub.example", "//hub.example/x", "file:///etc/passwd", "ftp://hub.example/x",
    "javascript:alert(1)", "data:text/plain,x", "https://", "https:///x", "http://[", "http://[::1",
    "https://hub.example:port/", "https://hub.example:99999/", "https://hub\\@evil.example",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_urls_of_one_origin(one: str, other: str) -> None:
    assert same_origin(one, other)


@pytest.mark.parametrize("other", OTHERS)
def test_urls_of_other_origins(other: str) -> None:
    assert not same_origin("https://hub.example/", other)


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_has_no_origin(url: str) -> None:
    with pytest.raises(HubReplyError, match="is not"):
        origin_of(url)


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.0.0.1/", "http://127.9.8.7", "http://[::1]:80/"]
)
def test_this_machine(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1.evil.example/", "http://localhost.evil/"])
def test_what_only_looks_like_this_machine(url: str) -> None:
    assert not is_loopback(url)


def test_an_address_in_a_reply_may_be_relative_or_of_elsewhere() -> None:
    assert checked_url("/files/1", base=BASE) == "https://hub.example/files/1"
    assert checked_url("https://s3.example/1?X-Sig=a", base=BASE) == "https://s3.example/1?X-Sig=a"


@pytest.mark.parametrize(
    "url",
    [
        None, 7, "", [], "file:///etc/passwd", "http://s3.example/x", "//user:pw@s3.example/x",
        "https://@s3.example/", "http://[", "https://s3.example\n/x", "gopher://x/",
    ],
)  # fmt: skip
def test_an_address_that_must_not_be_followed_is_refused(url: object) -> None:
    with pytest.raises(HubReplyError):
        checked_url(url, base=BASE)


def test_an_unprotected_hub_may_name_unprotected_addresses() -> None:
    assert checked_url("/x", base="http://127.0.0.1:1/") == "http://127.0.0.1:1/x"


@given(st.text())
def test_any_text_is_joined_or_refused_by_an_error_of_ours(url: str) -> None:
    try:
        origin_of(joined(BASE, url))
        origin_of(checked_url(url, base=BASE))
    except HubReplyError:
        pass


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hub.example/x?sig=secret#secret", "https://hub.example/x"),
        ("https://me:secret@hub.example:1/x", "https://hub.example:1/x"),
        ("http://[", "http://["),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert without_query(url) == shown
