"""``polaris hub work``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from polaris.competition import CompetitionSpecification
from polaris.dataset import DatasetV2
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.jobs import JobState
from polaris_adapters.cli.running import run


def test_a_worker_scores_what_was_submitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub_url = (tmp_path / "hub").as_uri()
    settings = PolarisHubSettings(hub_url=hub_url)
    values = np.arange(6.0)
    DatasetV2.from_arrays(tmp_path / "data.zarr", {"x": values, "y": values + 1}, name="data")
    now = datetime.now(UTC)
    competition = CompetitionSpecification(
        name="contest",
        owner="acme",
        license="MIT",
        zarr_root_path=str(tmp_path / "data.zarr"),
        input_cols="x",
        target_cols="y",
        metrics="mean_absolute_error",
        split=([0, 1, 2], [3, 4, 5]),
        start_time=now - timedelta(days=1),
        end_time=now + timedelta(days=1),
    )
    competition.upload_to_hub(settings=settings)
    competition.submit_predictions(
        [3.0, 4.0, 5.0], "first-try", "me-myself", "https://example.org", settings=settings
    )
    assert run(["hub", "work", "--once", "--hub", hub_url]) == 0
    assert "Worked on 1 submissions" in capsys.readouterr().err
    with PolarisHubClient(settings) as client:
        job = client.submission_status("me-myself/first-try")
    assert job is not None
    assert job.state is JobState.SCORED


@pytest.mark.parametrize(
    "arguments",
    [["--poll", "0"], ["--lease", "-1"], ["--hub", "https://hub.example.org"]],
    ids=["poll", "lease", "hub with a server"],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    where = [] if "--hub" in arguments else ["--hub", (tmp_path / "hub").as_uri()]
    assert run(["hub", "work", "--once", *where, *arguments]) == 2
    assert capsys.readouterr().err


def test_a_file_of_settings_names_the_hub_of_a_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "server.toml"
    where = ["hub", "work", "--once", "--config-file", str(file)]
    file.write_text(f'[default]\ndata = "{tmp_path}/hub"\njob_lease = 60.0\n')
    assert run(where) == 0
    assert f"the hub of {tmp_path}/hub" in capsys.readouterr().err
    file.write_text(f'[default]\ndata = "{tmp_path}/hub"\njob_lease = -1.0\n')
    assert run(where) == 2
    assert "job_lease" in capsys.readouterr().err
    assert run([*where, "--lease", "60"]) == 0


def test_the_password_of_a_database_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://hub:s3cr3t@/hub?host=/nowhere"
    assert run(["hub", "work", "--once", "--database", url]) != 0
    told = capsys.readouterr()
    assert "/nowhere" in told.err
    assert "s3cr3t" not in told.out + told.err
