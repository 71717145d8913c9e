from __future__ import annotations

import pytest

from polaris.ports.progress import ProgressPort
from polaris.testing.fakes.recording_progress import RecordingProgress
from polaris.testing.suites.progress import ProgressSuite

_check: type[ProgressPort] = RecordingProgress


class TestRecordingProgress(ProgressSuite):
    @pytest.fixture
    def progress(self) -> ProgressPort:
        return RecordingProgress()


def test_it_remembers_what_it_was_told() -> None:
    progress = RecordingProgress()
    with progress.task("copying", total=3, unit="files") as task:
        task.advance(1)
        task.advance(1)
        [recorded] = progress.tasks
        assert not recorded.ended
    assert (recorded.label, recorded.total, recorded.unit) == ("copying", 3, "files")
    assert (recorded.done, recorded.ended, recorded.failed) == (2, True, False)


def test_it_remembers_that_work_failed() -> None:
    progress = RecordingProgress()
    with pytest.raises(ValueError, match="no"), progress.task("x", total=None, unit="rows"):
        raise ValueError("no")
    [recorded] = progress.tasks
    assert recorded.ended
    assert recorded.failed
