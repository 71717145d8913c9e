"""``polaris benchmark``, ``polaris result`` and ``polaris leaderboard``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

ID = "acme/hello-benchmark"

ResultsFile = Callable[[str, float], str]


@pytest.fixture
def ranked(published: Polaris, results_file: ResultsFile) -> Polaris:
    """Runs ``polaris`` on a hub that has a benchmark with three results."""
    for name, offset in (("poor_model", 2.0), ("good_model", 0.5), ("same_model", -0.5)):
        ended = published("result", "put", results_file(name, offset), "--owner", "some-lab")
        assert (ended.code, ended.out) == (0, f"some-lab/{name.replace('_', '-')}\n"), ended.err
    return published


def test_benchmarks_are_listed_and_shown(published: Polaris) -> None:
    assert published("benchmark", "ls").out == f"{ID}\n"
    [entry] = published("benchmark", "ls", "--json").data
    assert entry["subject"] == "acme/hello-world"
    assert "acme/hello-world" in published("benchmark", "ls", "--long").out
    shown = published("benchmark", "info", ID).out
    fields = dict(line.split("  ", maxsplit=1) for line in shown.splitlines())
    assert fields["dataset"].strip() == "acme/hello-world"
    assert fields["main metric"].strip() == "mean_absolute_error"
    assert fields["metrics"].strip().split(", ") == ["r2", "mean_absolute_error"]
    assert fields["training rows"].strip() == "8"
    document = published("benchmark", "info", ID, "--json").data["document"]
    assert document["datasetArtifactId"] == "acme/hello-world"


def test_get_saves_what_was_published(
    published: Polaris, benchmark: SingleTaskBenchmarkSpecification, tmp_path: Path
) -> None:
    ended = published("benchmark", "get", ID, str(tmp_path / "copy"))
    assert ended.code == 0
    loaded = po.load_benchmark(ended.out.strip())
    assert loaded == benchmark
    data = published("benchmark", "get", ID, str(tmp_path / "copy"), "--json").data
    assert (data["artifactId"], data["md5sum"]) == (ID, benchmark.md5sum)


def test_put_needs_the_dataset_on_the_hub(polaris: Polaris, benchmark_file: str) -> None:
    ended = polaris("benchmark", "put", benchmark_file)
    assert (ended.code, ended.out) == (1, "")
    assert "acme/hello-world" in ended.err
    assert "Code: create_artifact" in ended.err


def test_put_refuses_what_is_there_or_no_file(published: Polaris, benchmark_file: str) -> None:
    assert published("benchmark", "put", benchmark_file, "--if-exists", "raise").code == 5
    assert published("benchmark", "put", benchmark_file, "--json").data["artifactId"] == ID
    assert published("benchmark", "put", ID).code == 2
    assert published("benchmark", "put", "nothing.json").code == 4


@pytest.mark.parametrize(
    "command", ["benchmark info", "benchmark get", "leaderboard show", "benchmark verify"]
)
def test_a_missing_benchmark_or_command_is_refused(
    published: Polaris, command: str, tmp_path: Path
) -> None:
    extra = [str(tmp_path / "copy")] if command.endswith("get") else []
    ended = published(*command.split(), "acme/nothing-here", *extra)
    assert ended.code == (2 if command.endswith("verify") else 4)


def test_results_are_listed(ranked: Polaris) -> None:
    ids = ranked("result", "ls").out.split()
    assert sorted(ids) == ["some-lab/good-model", "some-lab/poor-model", "some-lab/same-model"]
    assert ranked("result", "ls", "--benchmark", ID).out.split() == ids
    assert ranked("result", "ls", "--benchmark", "acme/other-one").out == ""
    assert ranked("result", "ls", "--owner", "acme").out == ""
    [entry] = ranked("result", "ls", "--benchmark", ID, "--limit", "1", "--json").data
    assert (entry["kind"], entry["subject"]) == ("result", ID)
    assert ranked("result", "ls", "--owner", "acme", "--benchmark", ID).code == 2


def test_results_may_be_named_and_assigned_on_the_way(
    published: Polaris, results_file: ResultsFile, tmp_path: Path
) -> None:
    path = Path(results_file("first_name", 1.0))
    path.write_text(path.read_text().replace(f'"{ID}"', "null"))
    assert published("result", "put", str(path)).code == 2
    ended = published("result", "put", str(path), "--benchmark", ID, "--name", "other_name")
    assert ended.out.endswith("/other-name\n")
    assert published("result", "ls", "--benchmark", ID).out == ended.out


def test_results_on_a_benchmark_that_is_not_there_are_refused(
    published: Polaris, results_file: ResultsFile
) -> None:
    ended = published(
        "result", "put", results_file("first_name", 1.0), "--benchmark", "acme/other-one"
    )
    assert (ended.code, ended.out) == (1, "")
    assert published("result", "ls").out == ""


def test_the_leaderboard_is_a_ranked_table(ranked: Polaris) -> None:
    heading, *lines = ranked("leaderboard", "show", ID, "--no-statistics").out.splitlines()
    assert heading.split() == ["RANK", "mean_absolute_error", "r2", "RESULT", "PUBLISHED"]
    rows = [line.split() for line in lines]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("1", "0.5000", "some-lab/good-model"),
        ("1", "0.5000", "some-lab/same-model"),
        ("3", "2.0000", "some-lab/poor-model"),
    ]


def test_the_leaderboard_as_json(ranked: Polaris) -> None:
    data = ranked("leaderboard", "show", ID, "--json", "--no-statistics").data
    assert data["benchmark"] == ID
    assert data["mainMetric"] == {"name": "mean_absolute_error", "direction": "min"}
    assert [entry["rank"] for entry in data["entries"]] == [1, 1, 3]
    first = data["entries"][0]
    assert first["score"] == pytest.approx(0.5)
    assert first["results"][0]["targetLabel"] == "y"
    assert set(first["results"][0]["scores"]) == {"mean_absolute_error", "r2"}


@pytest.fixture
def noisy(polaris: Polaris, tmp_path: Path) -> Polaris:
    """Runs ``polaris`` on a hub with three results: two within noise, one far off."""
    random = np.random.default_rng(0)
    y = random.normal(size=100)
    table = pd.DataFrame({"smiles": [f"C{n}" for n in range(100)], "y": y})
    benchmark = SingleTaskBenchmarkSpecification(
        name="hello_benchmark",
        owner="acme",
        dataset=Dataset(name="hello_world", owner="acme", license="MIT", table=table),
        input_cols="smiles",
        target_cols="y",
        split=([], range(100)),
        metrics=["mean_absolute_error", "r2"],
    )
    document = Path(benchmark.to_json(tmp_path / "saved"))
    files = [("dataset", str(document.parent / "hello-world.json")), ("benchmark", str(document))]
    for name, error in (("first_model", 0.5), ("second_model", 0.5), ("third_model", 2.0)):
        results = benchmark.evaluate(y + error * random.normal(size=100))
        results.name = name
        results.to_json(tmp_path / f"{name}.json")
        files.append(("result", str(tmp_path / f"{name}.json")))
    for noun, file in files:
        assert polaris(noun, "put", file).code == 0
    return polaris


def test_ties_within_noise_share_a_rank_and_have_intervals(noisy: Polaris) -> None:
    ended = noisy("leaderboard", "show", ID)
    heading, *lines = ended.out.splitlines()
    assert "  95% interval  " in heading
    assert ended.err == "Ranks are shared where the difference may be noise.\n"
    assert noisy("leaderboard", "show", ID, "--quiet").err == ""
    assert noisy("leaderboard", "show", ID, "--no-statistics").err == ""
    rows = [line.split() for line in lines]
    assert [row[0] for row in rows] == ["1", "1", "3"]
    for row in rows:
        low, dots, high = row[2:5]
        assert dots == ".."
        assert float(low) < float(row[1]) < float(high)
    plain = noisy("leaderboard", "show", ID, "--no-statistics").out
    assert "interval" not in plain
    assert [line.split()[0] for line in plain.splitlines()[1:]] == ["1", "2", "3"]


def test_intervals_in_json(noisy: Polaris) -> None:
    for option in ([], ["--statistics"]):
        entries = noisy("leaderboard", "show", ID, "--json", *option).data["entries"]
        assert [entry["rank"] for entry in entries] == [1, 1, 3]
        for entry in entries:
            interval = entry["interval"]
            assert interval["low"] < entry["score"] < interval["high"]
            assert (interval["confidence"], interval["method"]) == (0.95, "BCa")
    plain = noisy("leaderboard", "show", ID, "--json", "--no-statistics").data["entries"]
    assert [entry["interval"] for entry in plain] == [None] * 3


def test_the_leaderboard_of_a_benchmark_without_results(published: Polaris) -> None:
    assert published("leaderboard", "show", ID).out.split()[:2] == ["RANK", "mean_absolute_error"]
    assert published("leaderboard", "show", ID, "--json").data["entries"] == []
