"""Roads by which a test target could leave the hub, each of them closed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.application.loop_thread import run_blocking
from polaris.application.object_tree import below
from polaris.bootstrap.worker import build_worker
from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.domain.identity import ArtifactKind
from polaris.errors import (
    ArtifactNotFoundError,
    DamagedFileError,
    InvalidCompetitionError,
    InvalidInputError,
)
from polaris.hub.client import PolarisHubClient
from polaris.hub.worker import run_worker
from polaris.ports.jobs import Job, JobState
from polaris.prediction import CompetitionPredictions

ROWS = 20
TRUTH = 1000.5 + np.arange(ROWS) * 7.25
TEST = [15, 12, 16, 19]

Make = Callable[..., CompetitionSpecification]


def _scored(client: PolarisHubClient) -> Job:
    submission = CompetitionPredictions(
        name="forest",
        owner="me-myself",
        predictions=[1.0, 2.0, 3.0, 4.0],
        target_labels=["y"],
        test_set_labels=["test"],
        test_set_sizes={"test": 4},
        paper_url="https://example.org/report",
    )
    record = client.submit_competition_predictions("acme/the-contest", submission)
    run_worker(container=client._twin._container, once=True)
    job = client.submission_status(record)
    assert job is not None
    return job


def test_a_competition_is_no_dataset_and_no_benchmark_of_the_hub(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    assert client.get_competition("acme/the-contest").dataset_artifact_id == "acme/the-contest"
    for call in (
        lambda: client.get_dataset("acme", "the-contest"),
        lambda: client.get_benchmark("acme", "the-contest"),
        lambda: client.open_zarr_file("acme", "the-contest", "data.zarr", mode="r"),
        lambda: client.leaderboard("acme", "the-contest"),
    ):
        with pytest.raises(ArtifactNotFoundError):
            call()
    assert client.list_datasets() == []


def test_a_competition_cannot_be_published_as_something_else(
    client: PolarisHubClient, make: Make, archive: str
) -> None:
    with pytest.raises(InvalidInputError, match="cannot be published as a dataset"):
        client.upload_dataset(make())  # It is one, with all its targets.
    plain: Any = DatasetV2(name="plain", owner="acme", license="MIT", zarr_root_path=archive)
    with pytest.raises(InvalidInputError, match="cannot be published as a competition"):
        client.upload_competition(plain)
    for kind in (ArtifactKind.DATASET, ArtifactKind.COMPETITION):
        assert client.list_records(kind) == []


@pytest.mark.parametrize("archive", ["v2", "v3"], indirect=True)
@pytest.mark.parametrize(
    "stray", ["truth.csv", "y/1.bak", "y/c/99", "x/.0.swp", "old/y/0", "y/12", ".zarr/copy"]
)
def test_files_that_are_no_part_of_the_archive_are_refused(
    client: PolarisHubClient, make: Make, archive: str, stray: str
) -> None:
    competition = make()
    path = Path(archive, stray)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(TRUTH.tobytes())
    with pytest.raises(InvalidCompetitionError, match="no part of the archive"):
        client.upload_competition(competition)
    assert client.list_competitions() == []


@pytest.mark.filterwarnings("ignore:Both zarr.json")
def test_an_archive_that_is_there_in_both_formats_is_refused(
    client: PolarisHubClient, make: Make, archive: str
) -> None:
    """The chunks of format 2 would go out as they are, while those of format 3 are masked."""
    root = zarr.open_group(archive, mode="a", zarr_format=3)
    for name in ("x", "y"):
        root.create_array(name, shape=(ROWS,), chunks=(3,), dtype="f8")[:] = TRUTH
    shutil.rmtree(Path(archive, "kind"))
    shutil.rmtree(Path(archive, "label"))
    with pytest.raises(InvalidCompetitionError):
        client.upload_competition(make())
    assert client.list_competitions() == []


@pytest.mark.parametrize("changed", [{"name": "the_contest"}, {"name": "the_second_contest"}])
def test_a_new_version_does_not_test_on_rows_that_were_shown(
    client: PolarisHubClient, make: Make, changed: dict[str, Any]
) -> None:
    client.upload_competition(make())
    parent = "acme/the-contest"
    again = make(split=([0, 1, 2], [8, 9, 12]), **changed)
    with pytest.raises(InvalidCompetitionError, match=r"2 test rows .* rows \[8, 9\]"):
        client.upload_competition(again, parent_artifact_id=parent)
    # Fewer test rows than before are fine, and so is another split of them.
    fewer = make(split=([0, 1, 2], {"a": [12, 15], "b": [19]}), **changed)
    client.upload_competition(fewer, parent_artifact_id=parent)


def test_rows_that_only_stand_where_shown_ones_stood_can_be_tested_on(
    client: PolarisHubClient, make: Make, archive: str
) -> None:
    client.upload_competition(make())
    root: Any = zarr.open_group(archive, mode="r+")
    root["y"][:] = TRUTH[::-1].copy()
    client.upload_competition(make(split=([0, 1, 2], [8, 9, 12])))


def test_what_a_participant_saves_has_no_test_target(
    client: PolarisHubClient, make: Make, tmp_path: Path
) -> None:
    ours = make()
    sums = _sums_of_test_chunks(Path(ours.zarr_root_path or ""))
    client.upload_competition(ours)
    theirs = client.get_competition("acme/the-contest")
    saved = Path(theirs.to_json(tmp_path / "saved"))
    theirs.cache(tmp_path / "cached")
    again = CompetitionSpecification.from_json(saved)
    assert np.isnan(again.read_column("y", np.array(TEST))).all()
    files = [*(tmp_path / "saved").rglob("*"), *(tmp_path / "cached").rglob("*")]
    text = b"".join(path.read_bytes() for path in files if path.is_file())
    assert len(files) > 20
    assert [found for found in sums if found in text] == []


def _sums_of_test_chunks(archive: Path) -> list[bytes]:
    """Return the chunks of true targets that hold test rows, and their checksums."""
    found: list[bytes] = []
    for chunk in sorted({row // 3 for row in TEST}):
        data = (archive / "y" / str(chunk)).read_bytes()
        hashes = (hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest())
        found += [data, *(text.encode() for text in hashes)]
    assert len(found) == 9
    return found


def test_nothing_in_the_folder_of_a_hub_but_its_hidden_area_tells_of_targets(
    client: PolarisHubClient, make: Make, tmp_path: Path
) -> None:
    if not client.settings.hub_url.startswith("file:"):
        pytest.skip("a hub in memory has no folder")
    ours = make()
    secrets = _sums_of_test_chunks(Path(ours.zarr_root_path or ""))
    # What the organiser's copy is called by its content is a secret too: guesses can be tried.
    secrets += [text.encode() for text in (ours.zarr_digest, *ours.zarr_digest.split("-")[:1])]
    secrets.append(hashlib.md5(Path(ours.zarr_manifest_path).read_bytes()).hexdigest().encode())
    client.upload_competition(ours)
    _scored(client)
    hub = tmp_path / "hub"
    shown = [p for p in hub.rglob("*") if p.is_file() and hub / "hidden" not in p.parents]
    assert any(path.name == "catalogue.sqlite" for path in shown)
    text = b"".join(path.read_bytes() for path in shown)
    assert [secret for secret in secrets if secret in text] == []
    assert any(secrets[0] == p.read_bytes() for p in (hub / "hidden").rglob("*") if p.is_file())


def test_results_are_scores_of_whole_test_sets_and_nothing_else(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    job = _scored(client)
    assert job.results is not None, job.reason
    record = client.get_record(job.results.kind, job.results.owner, job.results.slug)
    [row] = record.document["results"]
    assert set(row) == {"testSet", "targetLabel", "scores"}
    assert set(row["scores"]) == {"mean_absolute_error", "r2"}
    store = run_blocking(client._twin._use_cases.transport.storage.open(record.location))
    assert run_blocking(below(store, "")) == []
    results = client.get_competition_results(job.results.artifact_id)
    assert not hasattr(results, "examples")
    assert list(results.results.columns) == ["Test set", "Target label", "Metric", "Score"]
    document = json.dumps(record.document)
    assert not [value for value in TRUTH[TEST] if str(value) in document]


def test_what_takes_targets_in_has_nothing_to_read_them_by(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    deposit = client._twin._container.deposit()
    shown = [name for name in dir(deposit) if not name.startswith("_")]
    assert shown == ["deposit"]
    transport = client._twin._use_cases.transport
    for port in (transport.artifacts, transport.storage, transport.auth):
        assert not hasattr(port, "reveal")


@pytest.mark.parametrize("damage", ["altered", "missing", "manifest", "metadata", "gone"])
def test_damaged_targets_are_told_of_without_their_checksums(
    client: PolarisHubClient, make: Make, tmp_path: Path, damage: str
) -> None:
    if not client.settings.hub_url.startswith("file:"):
        pytest.skip("only a hub in a folder can lose files")
    client.upload_competition(make())
    area = tmp_path / "hub" / "hidden"
    for path in [*area.rglob("y/5"), *area.rglob("y/4"), *area.rglob("y/6")]:
        if damage == "altered":
            path.write_bytes(path.read_bytes()[::-1])
        elif damage == "missing":
            path.unlink()
    for name in {"manifest": "sha256sums.txt", "metadata": ".zarray"}.get(damage, "-").split():
        for path in area.rglob(name):
            path.write_bytes(b"{}")
    if damage == "gone":
        shutil.rmtree(area)
        area.mkdir(mode=0o700)
    job = _scored(client)
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    worker = build_worker(client._twin._container)
    with pytest.raises(DamagedFileError) as caught:
        run_blocking(worker.evaluate(job))
    assert caught.value.message == (
        "The hub has lost the test targets of the competition, or they are damaged"
    )
    # Once a backup is put in place, or the competition published again, it is scored.
    client.upload_competition(make())
    assert run_blocking(worker.evaluate(job)).kind is ArtifactKind.COMPETITION_RESULT


def test_what_is_shown_of_a_competition_has_no_test_target(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    theirs = client.get_competition("acme/the-contest")
    assert np.isnan(theirs[TEST[0]]["y"])
    described = str(theirs.describe_columns())
    shown = theirs._repr_html_() + repr(theirs) + described + str(theirs.model_dump())
    assert not [value for value in TRUTH[TEST] if str(value) in shown]


def test_a_competition_whose_archive_is_lost_can_be_published_again(
    client: PolarisHubClient, make: Make, tmp_path: Path
) -> None:
    if not client.settings.hub_url.startswith("file:"):
        pytest.skip("only a hub in a folder can lose files")
    client.upload_competition(make())
    for lost in ("y/0", ".zarray", "data.zarr"):
        for path in [*(tmp_path / "hub" / "objects").rglob(lost)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        client.upload_competition(make())
        assert client.get_competition("acme/the-contest").n_rows == ROWS
