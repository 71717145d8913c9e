"""``polaris competition``, ``submission`` and ``model``; versions on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.hub.settings import PolarisHubSettings
from polaris.model import Model

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

ID = "acme/the-contest"


@pytest.fixture
def competition_file(tmp_path: Path) -> str:
    """The document of a competition of eight rows, with its true targets, in a folder."""
    values = np.arange(8.0) + 100.5
    source = tmp_path / "data.zarr"
    DatasetV2.from_arrays(source, {"x": values, "y": values}, name="data", chunks=2)
    now = datetime.now(UTC)
    competition = CompetitionSpecification(
        name="the_contest",
        owner="acme",
        license="MIT",
        zarr_root_path=str(source),
        input_cols="x",
        target_cols="y",
        metrics=["mean_absolute_error"],
        split=([0, 1, 2, 3], [4, 5, 6, 7]),
        start_time=now - timedelta(days=1),
        end_time=now + timedelta(days=1),
    )
    return competition.to_json(tmp_path / "contest")


def _submit(hub_url: str, file: str, name: str, value: float) -> None:
    competition = CompetitionSpecification.from_json(file)
    competition.submit_predictions(
        [value] * 4, name, "me-myself", "https://example.org",
        settings=PolarisHubSettings(hub_url=hub_url),
    )  # fmt: skip


def test_a_competition_is_published_listed_shown_and_loaded(
    polaris: Polaris, competition_file: str, tmp_path: Path
) -> None:
    assert polaris("competition", "put", competition_file).out == f"{ID}\n"
    assert polaris("competition", "ls").out == f"{ID}\n"
    shown = polaris("competition", "info", ID).out
    assert "mean_absolute_error" in shown
    assert "ends" in shown
    ended = polaris("competition", "get", ID, str(tmp_path / "copy"))
    assert ended.out.strip().endswith("the-contest.json")
    loaded = CompetitionSpecification.from_json(ended.out.strip())
    assert np.isnan(loaded.read_column("y")).tolist() == [False] * 4 + [True] * 4
    data = polaris("competition", "get", ID, str(tmp_path / "again"), "--json").data
    assert data["artifactId"] == ID


def test_the_file_of_a_competition_is_not_published_as_a_dataset(
    polaris: Polaris, competition_file: str
) -> None:
    ended = polaris("dataset", "put", competition_file)
    assert ended.code == 2
    assert "competition" in ended.err
    assert polaris("dataset", "ls").out == ""


def test_the_states_of_submissions_are_seen(
    polaris: Polaris, hub_url: str, competition_file: str
) -> None:
    polaris("competition", "put", competition_file)
    _submit(hub_url, competition_file, "first-try", 104.5)
    listed = polaris("submission", "ls")
    assert listed.out == "me-myself/first-try\n", listed.err
    assert "waiting" in polaris("submission", "show", "me-myself/first-try").out
    assert polaris("hub", "work", "--once").code == 0
    _submit(hub_url, competition_file, "second-try", 100.0)
    table = polaris("submission", "ls", "--long", "--competition", ID).out.splitlines()
    assert [line.split()[1] for line in table] == ["STATE", "waiting", "scored"]
    [_, scored] = polaris("submission", "ls", "--json").data
    assert (scored["state"], scored["attempts"], scored["reason"]) == ("scored", 1, None)
    shown = polaris("submission", "show", "me-myself/first-try").out
    assert scored["results"] in shown
    assert polaris("submission", "show", "me-myself/first-try", "--json").data == scored
    assert polaris("submission", "ls", "--limit", "1").out == "me-myself/second-try\n"
    assert polaris("submission", "ls", "--offset", "1").out == "me-myself/first-try\n"
    assert polaris("submission", "ls", "--owner", "somebody").out == ""


def test_who_is_ahead_in_a_competition_is_seen(
    polaris: Polaris, competition_file: str, hub_url: str
) -> None:
    polaris("competition", "put", competition_file)
    for name, value in [("poor_guess", 0.0), ("good_guess", 106.0)]:
        _submit(hub_url, competition_file, name, value)
    polaris("hub", "work", "--once")
    heading, *lines = polaris("leaderboard", "show", ID, "--competition").out.splitlines()
    assert heading.split() == ["RANK", "mean_absolute_error", "SUBMISSION", "RESULT", "PUBLISHED"]
    assert [line.split()[:3:2] for line in lines] == [
        ["1", "me-myself/good-guess"], ["2", "me-myself/poor-guess"],
    ]  # fmt: skip
    data = polaris("leaderboard", "show", ID, "--competition", "--json").data
    assert data["competition"] == ID
    assert data["entries"][0]["submission"] == "me-myself/good-guess"
    refused = polaris("leaderboard", "show", ID, "--competition", "--statistics")
    assert (refused.code, "hidden" in refused.err) == (2, True)
    assert polaris("leaderboard", "show", ID).code == 4


def test_why_a_submission_failed_is_seen(
    polaris: Polaris, hub_url: str, competition_file: str
) -> None:
    polaris("competition", "put", competition_file)
    _submit(hub_url, competition_file, "first-try", 1.0)
    _submit(hub_url, competition_file, "first-try", 2.0)
    polaris("hub", "work", "--once")
    assert "scored" in polaris("submission", "show", "me-myself/first-try").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "me-myself/not-there"], 4),
        (["show", "nonsense"], 2),
        (["ls", "--competition", "acme/not-there"], 4),
        (["ls", "--competition", ID, "--benchmark", ID], 2),
        (["ls", "--benchmark", "nonsense"], 2),
    ],
)
def test_submissions_that_cannot_be_found(
    polaris: Polaris, arguments: list[str], code: int
) -> None:
    ended = polaris("submission", *arguments)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert ended.err


def test_models_are_published_with_versions(polaris: Polaris, tmp_path: Path) -> None:
    path = str(tmp_path / "model.json")
    Model(name="Mol_GPS", owner="acme", code_url="https://example.org/code").to_json(path)
    assert polaris("model", "put", path, "--access", "public").out == "acme/mol-gps\n"
    second = ("model", "put", path, "--parent", "acme/mol-gps", "--changelog", "Trained longer")
    assert polaris(*second).code == 0
    shown = polaris("model", "info", "acme/mol-gps").out
    fields = dict(line.split("  ", maxsplit=1) for line in shown.splitlines())
    assert fields["new in it"].strip() == "Trained longer"
    assert fields["follows on"].strip() == "acme/mol-gps"
    assert fields["version"].strip() == "2"
    assert (
        polaris("model", "info", "acme/mol-gps", "--json").data["document"]["artifactVersion"] == 2
    )
    assert polaris("model", "ls").out == "acme/mol-gps\n"
    assert polaris("model", "put", path, "--if-exists", "raise").code == 5
    assert polaris("model", "put", path, "--parent", "acme/not-there").code == 1
    copy = str(tmp_path / "copy.json")
    assert polaris("model", "get", "acme/mol-gps", copy).out == f"{copy}\n"
    assert polaris("model", "get", "acme/mol-gps", copy, "--json").data["path"] == copy
    assert Model.from_json(copy).artifact_changelog == "Trained longer"


def test_datasets_and_benchmarks_and_competitions_have_versions_too(
    polaris: Polaris,
    dataset_file: str,
    benchmark_file: str,
    competition_file: str,
    benchmark: SingleTaskBenchmarkSpecification,
) -> None:
    for noun, file, artifact_id in (
        ("dataset", dataset_file, "acme/hello-world"),
        ("benchmark", benchmark_file, benchmark.artifact_id),
        ("competition", competition_file, ID),
    ):
        assert polaris(noun, "put", file).code == 0
        again = polaris(noun, "put", file, "--parent", str(artifact_id), "--changelog", "Newer")
        assert again.code == 0, again.err
        document = polaris(noun, "info", str(artifact_id), "--json").data["document"]
        assert (document["artifactVersion"], document["artifactChangelog"]) == (2, "Newer")
