"""The command line on hubs that others built."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polaris.dataset import Dataset
from polaris_adapters.cli.main import main

pytestmark = pytest.mark.network

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("POLARIS_GENERATION", "g2")
    monkeypatch.setenv("POLARIS_TOKEN", "hub.jwt.1")
    monkeypatch.setenv("POLARIS_MAX_ATTEMPTS", "1")

    def command(hub: str, *arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["--hub", hub, *arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return command


def test_what_was_published_has_a_page(
    replay: Callable[..., Any], smiles: Dataset, run: Run, tmp_path: Path
) -> None:
    hub = replay("0.12.1_upload_v1_dataset_no_zarr")
    path = str(smiles.to_json(str(tmp_path / "data")))
    with hub.serving():
        code, out, err = run(hub.url, "dataset", "put", path)
        assert (code, out) == (0, "acme/data-v1\n")
        assert f"See {hub.url}/datasets/acme/x" in err
        code, out, err = run(hub.url, "--json", "dataset", "put", path)
        assert code == 0, err
        assert json.loads(out)["page"] == f"{hub.url}/datasets/acme/x"


def test_times_that_a_hub_does_not_tell_are_not_shown(replay: Callable[..., Any], run: Run) -> None:
    hub = replay("0.13.0_lists")
    with hub.serving():
        code, out, _ = run(hub.url, "dataset", "ls", "--long")
        assert code == 0
        assert "0001" not in out
        code, out, _ = run(hub.url, "--json", "dataset", "ls")
        assert code == 0
        assert [entry["updatedAt"] for entry in json.loads(out)] == [None, None]


def test_what_such_a_hub_cannot_do_is_an_error_with_a_hint(
    replay: Callable[..., Any], run: Run
) -> None:
    hub = replay("0.13.0_lists")
    with hub.serving():
        code, out, err = run(hub.url, "dataset", "ls", "--owner", "acme")
    assert code != 0
    assert out == ""
    assert "owner" in err
    assert hub.asked == []
