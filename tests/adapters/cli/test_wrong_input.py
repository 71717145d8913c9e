"""What people mistype: names, folders in the place of files, JSON without a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris


@pytest.mark.parametrize("noun", ["dataset", "benchmark", "result"])
@pytest.mark.parametrize("owner", ["BAD NAME", "x", ""])
def test_a_listing_refuses_what_is_no_owner(polaris: Polaris, noun: str, owner: str) -> None:
    ended = polaris(noun, "ls", "--owner", owner, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.error["code"] == "invalid_name"
    assert repr(owner) in ended.error["message"]


@pytest.mark.parametrize("noun", ["dataset", "benchmark", "result", "leaderboard", "config"])
def test_with_json_a_group_without_a_command_is_wrong_usage(polaris: Polaris, noun: str) -> None:
    for typed in (["--json", noun], [noun, "--json"]):
        ended = polaris(*typed, hub=None)
        assert (ended.code, ended.out) == (2, "")
        assert ended.error["code"] == "usage"


def test_a_folder_is_told_from_a_file(polaris: Polaris, dataset_file: str) -> None:
    folder = str(Path(dataset_file).parent)
    ended = polaris("dataset", "put", folder)
    assert ended.code == 4
    assert "is a folder" in ended.err
    ended = polaris("dataset", "verify", folder)
    assert ended.code == 2
    assert ".json" in ended.err


def test_results_on_a_benchmark_that_is_not_there_are_not_found(polaris: Polaris) -> None:
    ended = polaris("result", "ls", "--benchmark", "nobody/nothing", "--json")
    assert (ended.code, ended.out) == (4, "")
    assert ended.error["code"] == "artifact_not_found"
    assert "nobody/nothing" in ended.error["message"]


@pytest.mark.parametrize("flags", [[], ["--origin"], ["--json"]])
def test_a_password_in_the_url_of_the_hub_is_masked(polaris: Polaris, flags: list[str]) -> None:
    ended = polaris("config", "show", *flags, hub="https://ann:sekret@hub.example")
    assert ended.code == 0
    assert "https://***@hub.example" in ended.out
    assert "sekret" not in ended.out + ended.err


def test_an_over_long_word_is_not_echoed_whole(polaris: Polaris) -> None:
    for typed in (["q" * 5000], ["dataset", "q" * 5000], ["dataset", "show", "acme/" + "q" * 5000]):
        ended = polaris(*typed)
        assert ended.code == 2
        assert len(ended.err) < 1000
