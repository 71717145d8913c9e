"""What errors show: no credentials, and nothing endless."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.dataset_v1 import DatasetV1
from polaris.errors import InvalidInputError, InvalidZarrCodec, PolarisError, Problem
from polaris.message_text import presentable, without_credentials


@pytest.mark.parametrize(
    "url",
    [
        "https://ann:sekret@host/x",
        "https://sekret@host/x",
        "s3://key:with@sekret@host/x",
        "//ann:sekret@host/x",
    ],
)
def test_credentials_are_masked_wherever_an_error_shows_them(url: str) -> None:
    errors: list[PolarisError] = [
        PolarisError(f"No hub at {url!r}.", hint=f"Not {url}."),
        InvalidInputError(problems=[Problem("hub_url", f"{url} is none", f"Not {url}.")]),
    ]
    for error in errors:
        assert "sekret" not in f"{error} {error.message} {error.hint} {vars(error)}"
        assert "***@host/x" in str(error)


@pytest.mark.parametrize("text", ["ann@host", "https://host:80/a@b", "a/b@c", "C:\\x@y", ""])
def test_what_is_no_credential_stays(text: str) -> None:
    assert without_credentials(text) == text


LONG = "q" * 100_000


@pytest.mark.parametrize(
    "field",
    [
        {"name": LONG}, {"license": LONG}, {"owner": LONG}, {"source": LONG},
        {"annotations": {LONG: {}}}, {"default_adapters": {"x": LONG}},
    ],
)  # fmt: skip
def test_an_over_long_value_is_not_shown_whole(field: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="qqq…qqq") as caught:
        DatasetV1(table=pd.DataFrame({"x": [1]}), **field)
    assert len(str(caught.value)) < 1000
    assert all(len(part) < 1000 for problem in caught.value.problems for part in problem)


@given(st.text())
def test_short_texts_without_urls_are_shown_as_they_are(text: str) -> None:
    if len(text) < 300 and "//" not in text and len(text.splitlines()) < 2:
        assert presentable(text) == text


def test_a_problem_that_is_found_twice_is_told_once() -> None:
    twice = [Problem("name", "is missing", "Set it.")] * 2
    assert str(InvalidInputError(problems=twice)) == "name: is missing (Set it.)"


def test_what_is_said_on_several_lines_is_told_on_one() -> None:
    assert str(PolarisError("It broke:\n  no data\r\n", hint="Look\nagain.")) == (
        "It broke: no data (Look again.)"
    )


@given(st.text(min_size=1), st.integers(1, 20_000))
def test_texts_for_messages_are_bounded(text: str, count: int) -> None:
    assert len(presentable(text * count)) <= 4000


def test_a_codec_that_is_missing_says_what_can_be_done() -> None:
    error = InvalidZarrCodec("json2")
    assert "needs the Zarr codec 'json2', which is not installed" in error.message
    assert "Install and import the package" in error.hint
    assert "publisher" in error.hint
