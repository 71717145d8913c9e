"""What a reply says about when to come back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.retry_after import LONGEST, seconds_to_wait

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
SECONDS = {
    "0": 0,
    "17": 17,
    " 17 ": 17,
    "1.5": 1.5,
    "Thu, 26 Nov 2026 12:00:30 GMT": 30,
    "Thursday, 26-Nov-26 12:00:30 GMT": 30,
    "Thu Nov 26 12:00:30 2026": 30,
    "Thu, 26 Nov 2026 13:00:30 +0100": 30,
    "Thu, 26 Nov 2026 11:00:00 GMT": 0,
    "Thu, 26 Nov 2999 11:00:00 GMT": LONGEST,
    "999999999": LONGEST,
    str(int(NOW.timestamp()) + 45): 45,
    "0" * 15: 0,
}
NOTHING = [
    "", " ", "-1", "soon", "1e9", "inf", "nan", "0x10", "1,5", "9" * 400, "Thu, 99 Nov 2026",
    "Thu, 26 Nov 99999 12:00:00 GMT", "17x", "1;2",
]  # fmt: skip


def _wait(limited: bool = True, **headers: str) -> float | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return seconds_to_wait(httpx.Headers(named), now=NOW, limited=limited)


@pytest.mark.parametrize(("text", "expected"), SECONDS.items())
def test_retry_after(text: str, expected: float) -> None:
    assert _wait(Retry_After=text) == pytest.approx(expected)


@pytest.mark.parametrize("text", NOTHING)
def test_what_says_nothing(text: str) -> None:
    headers = {"retry-after": text, "ratelimit": text, "ratelimit-reset": text}
    assert seconds_to_wait(headers, now=NOW, limited=True) is None


def test_no_headers_say_nothing() -> None:
    assert _wait() is None


@pytest.mark.parametrize("name", ["RateLimit_Reset", "X_RateLimit_Reset"])
def test_the_end_of_a_window_counts_where_a_limit_was_reached(name: str) -> None:
    assert _wait(True, **{name: "40"}) == 40


@pytest.mark.parametrize("head", ["RateLimit", "X_RateLimit"])
def test_the_end_of_a_window_counts_where_nothing_is_left_of_it(head: str) -> None:
    left = {f"{head}_Reset": "40", f"{head}_Remaining": "0"}
    assert _wait(limited=False, **left) == 40
    assert _wait(limited=False, **{**left, f"{head}_Remaining": "12"}) is None


def test_retry_after_counts_more_than_the_window() -> None:
    assert _wait(Retry_After="3", RateLimit_Reset="40") == 3


@pytest.mark.parametrize(
    ("text", "limited", "expected"),
    [
        ('"burst";r=0;t=5', False, 5),
        ('"burst";r=0;t=5, "daily";r=40;t=900', True, 5),
        ('"burst";r=0;t=5, "daily";r=0;t=900', True, 900),
        ('"burst";r=3;t=5', False, None),
        ('"burst";r=3;t=5', True, 5),
        ('"burst";r=0', True, None),
        ("limit=100, remaining=0, reset=7", False, 7),
        ("limit=100, remaining=1, reset=7", False, None),
        ("limit=100, remaining=1, reset=7", True, 7),
        ('"x";r=0;t=99999999', True, LONGEST),
    ],
)
def test_the_header_of_the_draft(text: str, limited: bool, expected: float | None) -> None:
    assert _wait(limited, RateLimit=text) == expected


@given(text=st.text(), limited=st.booleans())
def test_any_text_is_a_bounded_wait_or_none(text: str, limited: bool) -> None:
    headers = dict.fromkeys(
        ("retry-after", "ratelimit", "ratelimit-reset", "x-ratelimit-reset"), text
    )
    found = seconds_to_wait(headers, now=NOW, limited=limited)
    assert found is None or 0 <= found <= LONGEST
