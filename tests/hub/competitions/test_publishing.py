"""Competitions are published with masked targets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.application.loop_thread import run_blocking
from polaris.application.object_tree import below
from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.domain.identity import ArtifactKind
from polaris.errors import (
    ArtifactExistsError,
    InvalidCompetitionError,
)
from polaris.hub.client import PolarisHubClient
from polaris.ports.storage import Read

ROWS = 20
# Values that would be recognised wherever they turned up.
TRUTH = 1000.5 + np.arange(ROWS) * 7.25
CLASSES = np.arange(ROWS, dtype=np.int64) * 3 + 41
LABELS = np.array([f"secret-{i}" for i in range(ROWS)], dtype=object)
TEST = [15, 12, 16, 19]


Make = Callable[..., CompetitionSpecification]
every_layout = pytest.mark.parametrize("archive", ["v2", "v3", "v3 sharded"], indirect=True)


@every_layout
def test_a_competition_comes_back_with_its_test_targets_masked(
    client: PolarisHubClient, make: Make
) -> None:
    ours = make(description="Guess", n_classes={"y": None}, target_types={"y": "regression"})
    record = client.upload_competition(ours, access="public")
    assert record.ref.urn == "urn:polaris:competition:acme:the-contest"
    assert client.list_competitions() == ["acme/the-contest"]
    theirs = client.get_competition("acme/the-contest")
    assert isinstance(theirs, CompetitionSpecification)
    assert theirs.version == 2
    assert theirs.split == ours.split
    assert (theirs.start_time, theirs.end_time) == (ours.start_time, ours.end_time)
    assert theirs.metrics == ours.metrics
    assert theirs.target_types == ours.target_types
    values = theirs.read_column("y")
    assert np.isnan(values[TEST]).all()
    others = [i for i in range(ROWS) if i not in TEST]
    assert values[others].tolist() == TRUTH[others].tolist()
    assert theirs.read_column("x").tolist() == list(range(ROWS))
    # The organiser's own archive was not touched.
    assert ours.read_column("y").tolist() == TRUTH.tolist()


@every_layout
def test_no_port_of_the_client_gives_out_a_test_target(
    client: PolarisHubClient, make: Make, tmp_path: Path
) -> None:
    client.upload_competition(make(target_cols=["y", "kind", "label"]))
    theirs = client.get_competition("acme/the-contest")
    assert set(theirs.read_column("kind", np.array(TEST)).tolist()) == {0}
    assert set(theirs.read_column("label", np.array(TEST)).tolist()) == {""}
    twin = client._twin
    transport = twin._use_cases.transport
    record = client.get_record(ArtifactKind.COMPETITION, "acme", "the-contest")
    store = run_blocking(transport.storage.open(record.location, write=True))
    keys = [stat.key for stat in run_blocking(below(store, ""))]
    assert not [key for key in keys if "targets" in key]
    objects = run_blocking(store.get([Read(key) for key in keys]))
    # Nothing that is computed from the true chunks is there either: neither they nor their sums.
    hidden = _hidden_objects(client)
    assert any(key.endswith((".zarray", "zarr.json")) for key in hidden)
    chunks = _with_test_rows(hidden)
    leaked = [k for k, d in zip(keys, objects, strict=True) if d in chunks]
    assert leaked == []
    texts = b"".join(data for data in objects if data is not None)
    for data in chunks:
        assert _sha256(data).encode() not in texts
        assert _md5(data).encode() not in texts
    assert not hasattr(transport.deposit, "reveal")


def _hidden_objects(client: PolarisHubClient) -> dict[str, bytes]:
    """Look into the hidden area by the side door of the hub's own worker."""
    from polaris.bootstrap.worker import open_worker_ports
    from polaris.ports.transport import TransportRequest

    container = client._twin._container
    request = TransportRequest(client.settings.hub_url, {}, container.clock(), container.progress())
    ports = open_worker_ports(request)
    record = client.get_record(ArtifactKind.COMPETITION, "acme", "the-contest")
    store = run_blocking(ports.hidden.reveal(record.location))
    keys = [stat.key for stat in run_blocking(below(store, ""))]
    found = run_blocking(store.get([Read(key) for key in keys]))
    run_blocking(_closed(ports))
    return {key: data for key, data in zip(keys, found, strict=True) if data is not None}


async def _closed(ports: Any) -> None:
    await ports.aclose()


def _with_test_rows(hidden: dict[str, bytes]) -> set[bytes]:
    """Return the chunks, of three or six rows, that hold test rows."""
    chunks = {key: data for key, data in hidden.items() if key.rpartition("/")[2].isdigit()}
    rows = {7: 3, 4: 6}[len(chunks) // 3]
    found = {
        data
        for key, data in chunks.items()
        if int(key.rpartition("/")[2]) in {row // rows for row in TEST}
    }
    assert len(found) >= 6
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def test_a_competition_that_nobody_could_enter_is_refused(
    client: PolarisHubClient, make: Make
) -> None:
    with pytest.raises(InvalidCompetitionError, match="cannot be submitted to a competition"):
        client.upload_competition(
            make(metrics=["rmsd_coverage"], target_types={"y": "docking"}, main_metric=None)
        )
    assert client.list_competitions() == []


def test_what_is_shown_of_a_publication_is_short(client: PolarisHubClient, make: Make) -> None:
    shown = repr(client.upload_competition(make(), access="public"))
    assert shown == "ArtifactRecord('urn:polaris:competition:acme:the-contest', revision 1, public)"


def test_what_is_missing_to_publish_is_reported_together(
    client: PolarisHubClient, make: Make
) -> None:
    with pytest.raises(InvalidCompetitionError) as caught:
        client.upload_competition(make(name=None, license=None, metrics=[]))
    assert [p.path for p in caught.value.problems] == ["name", "license", "metrics"]
    client.upload_competition(make())
    with pytest.raises(ArtifactExistsError):
        client.upload_competition(make(readme="new"), if_exists="raise")


def test_the_masked_copy_cannot_be_published_over_the_true_one(
    client: PolarisHubClient, make: Make
) -> None:
    client.upload_competition(make())
    theirs = client.get_competition("acme/the-contest")
    with pytest.raises(InvalidCompetitionError, match="masked already"):
        client.upload_competition(theirs)


def test_competitions_have_versions(client: PolarisHubClient, make: Make) -> None:
    client.upload_competition(make())
    client.upload_competition(
        make(artifact_changelog="Longer", description="x"), parent_artifact_id="acme/the-contest"
    )
    theirs = client.get_competition("acme/the-contest")
    assert (theirs.artifact_version, theirs.artifact_changelog) == (2, "Longer")


TYPES = {
    "float32": np.arange(8, dtype=np.float32),
    "zeros": np.zeros(8),
    "vectors": np.arange(24.0).reshape(8, 3),
    "complex": np.arange(8) + 1j,
    "bool": np.ones(8, dtype=bool),
    "int8": np.arange(8, dtype=np.int8),
    "moments": np.arange(8).astype("M8[s]"),
    "texts": np.array([f"text-{i}" for i in range(8)]),
    "bytes": np.array([b"byte-%d" % i for i in range(8)]),
}
NOTHING = {"b": False, "i": 0, "S": b""}


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("values", TYPES.values(), ids=TYPES)
@pytest.mark.filterwarnings("ignore:The data type")
def test_targets_of_every_type_are_masked(
    client: PolarisHubClient, tmp_path: Path, values: Any, zarr_format: Any
) -> None:
    columns = {"x": np.arange(8.0), "y": values}
    path = tmp_path / "typed.zarr"
    DatasetV2.from_arrays(path, columns, name="data", chunks=3, zarr_format=zarr_format)
    now = datetime.now(UTC)
    competition = CompetitionSpecification(
        name="typed",
        owner="acme",
        license="MIT",
        zarr_root_path=str(path),
        input_cols="x",
        target_cols="y",
        metrics="accuracy",
        split=([0, 1, 2, 3], [7, 4, 5]),
        start_time=now,
        end_time=now + timedelta(days=1),
    )
    client.upload_competition(competition)
    theirs = client.get_competition("acme/typed").read_column("y")
    masked = theirs[[4, 5, 7]]
    if theirs.dtype.kind in "fcmM":
        assert np.isnan(masked).all()
    else:
        assert set(masked.tolist()) == {NOTHING.get(theirs.dtype.kind, "")}
    rest = [0, 1, 2, 3, 6]
    assert theirs[rest].tolist() == competition.read_column("y")[rest].tolist()


def test_a_target_without_a_positive_test_row_is_no_masked_one(
    client: PolarisHubClient, make: Make, archive: str
) -> None:
    root: Any = zarr.open_group(archive, mode="r+")
    root["kind"][:] = np.arange(ROWS) % 2 * (np.arange(ROWS) < 10)
    client.upload_competition(make(target_cols=["y", "kind"]))
    with pytest.raises(InvalidCompetitionError, match="masked already"):
        client.upload_competition(make(name="another", target_cols=["kind"]))
