"""The README's code runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_main_job_runs_and_prints_a_leaderboard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert "/tmp/my-hub" in code
    exec(compile(code.replace("/tmp/my-hub", f"{tmp_path}/hub"), str(README), "exec"), {})
    assert "my-lab/mean-of-training-set" in capsys.readouterr().out


def test_it_stays_short_enough_to_be_read() -> None:
    assert len(README.read_text("utf-8").splitlines()) < 150
