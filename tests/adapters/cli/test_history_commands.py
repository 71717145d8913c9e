"""Searching, sorting, versions, deleting and restoring by the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polaris.dataset import Dataset

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

ID = "acme/hello-world"


@pytest.fixture
def two(polaris: Polaris, dataset_file: str, tmp_path: Path) -> None:
    """Two datasets on the hub; the first has two versions."""
    loaded = Dataset.from_json(dataset_file)
    for name, tags, description in (
        ("hello-world", ["ADMET"], "Solubilities of molecules."),
        ("another-one", ["admet", "toxicity"], "Affinities of inhibitors."),
        ("hello-world", ["ADMET"], "Solubilities of many molecules."),
    ):
        loaded.name, loaded.tags, loaded.description = name, tags, description
        path = loaded.to_json(str(tmp_path / "changed"))
        assert polaris("dataset", "put", path).code == 0


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("options", "listed"),
    [
        ([], ["another-one", "hello-world"]),
        (["--search", "solub mole"], ["hello-world"]),
        (["--search", "nothing"], []),
        (["--tag", "Admet"], ["another-one", "hello-world"]),
        (["--tag", "admet", "--tag", "toxicity"], ["another-one"]),
        (["--sort", "updated"], ["hello-world", "another-one"]),
        (["--sort", "name", "--reverse"], ["hello-world", "another-one"]),
        (["--reverse"], ["hello-world", "another-one"]),
        (["--since", "2020-01-01"], ["another-one", "hello-world"]),
        (["--since", (datetime.now(UTC) + timedelta(days=2)).date().isoformat()], []),
    ],
)
def test_ls_is_narrowed_and_sorted(polaris: Polaris, options: list[str], listed: list[str]) -> None:
    ended = polaris("dataset", "ls", *options)
    assert (ended.code, ended.out.split()) == (0, [f"acme/{slug}" for slug in listed])


@pytest.mark.parametrize(
    ("options", "word"),
    [(["--search", "?"], "word"), (["--since", "soon"], "time"), (["--sort", "size"], "sort")],
)
def test_what_cannot_be_asked_is_refused(polaris: Polaris, options: list[str], word: str) -> None:
    ended = polaris("dataset", "ls", *options)
    assert (ended.code, ended.out) == (2, "")
    assert word in ended.err


@pytest.mark.usefixtures("two")
def test_versions_are_listed_and_shown(polaris: Polaris) -> None:
    data = polaris("dataset", "versions", ID, "--json").data
    assert [(v["number"], v["access"]) for v in data] == [(2, "private"), (1, "private")]
    table = polaris("dataset", "versions", ID, "--limit", "1").out.splitlines()
    assert table[0].split() == ["VERSION", "REVISION", "ACCESS", "PUBLISHED"]
    assert len(table) == 2
    for named in ("1", data[1]["revision"]):
        shown = polaris("dataset", "info", ID, "--version", named, "--json").data
        assert shown["document"]["description"] == "Solubilities of molecules."
    assert polaris("dataset", "info", ID, "--version", "7").code == 4


@pytest.mark.usefixtures("two")
def test_what_is_removed_can_be_restored(polaris: Polaris, dataset_file: str) -> None:
    removed = polaris("dataset", "rm", ID)
    assert (removed.code, removed.out) == (0, f"{ID}\n")
    assert f"polaris dataset restore {ID}" in removed.err
    assert polaris("dataset", "ls").out == "acme/another-one\n"
    assert polaris("dataset", "info", ID).code == 4
    refused = polaris("dataset", "put", dataset_file)
    assert refused.code == 5
    assert "artifact_deleted" in refused.err
    [told] = polaris("dataset", "deleted", "--owner", "acme", "--json").data
    assert (told["artifactId"], told["version"]) == (ID, 2)
    assert told["deletedBy"]
    assert ID in polaris("dataset", "deleted", "--owner", "acme").out
    assert polaris("model", "deleted", "--owner", "acme", "--json").data == []
    restored = polaris("dataset", "restore", ID)
    assert (restored.code, restored.out) == (0, f"{ID}\n")
    assert polaris("dataset", "ls").out.split() == ["acme/another-one", ID]
    assert polaris("dataset", "restore", "acme/not-there").code == 4


@pytest.mark.usefixtures("two")
def test_what_has_moved_on_is_not_removed(polaris: Polaris) -> None:
    versions = polaris("dataset", "versions", ID, "--json").data
    ended = polaris("dataset", "rm", ID, "--revision", versions[1]["revision"])
    assert (ended.code, ended.out) == (5, "")
    assert "artifact_changed" in ended.err
    assert polaris("dataset", "rm", ID, "--revision", versions[0]["revision"], "--json").code == 0
