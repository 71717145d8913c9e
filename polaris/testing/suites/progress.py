"""The conformance suite of `polaris.ports.progress`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from polaris.ports.progress import ProgressPort

__all__ = ["ProgressSuite"]

ODD_LABELS = (
    "",
    "[red]copying[/red]",
    "[/]",
    "two\nlines",
    "100% {x} %s",
    "\u00e9\u4e2d\U0001f9ea",
)


class ProgressSuite:
    """What every `ProgressPort` promises: above all, never to break the work that it shows.

    Derive a class whose name begins with ``Test`` and give it the fixture ``progress``.
    """

    @pytest.mark.parametrize("total", [None, 0, 1, 100, 2**50])
    def test_work_is_shown_whether_or_not_its_size_is_known(
        self, progress: ProgressPort, total: int | None
    ) -> None:
        finished = False
        with progress.task("copying", total=total, unit="bytes") as task:
            task.advance(0)
            task.advance(1)
            task.advance(2**40)
            finished = True
        assert finished

    @pytest.mark.parametrize("label", ODD_LABELS, ids=ascii)
    def test_any_label_will_do(self, progress: ProgressPort, label: str) -> None:
        finished = False
        with progress.task(label, total=3, unit="rows") as task:
            task.advance(3)
            finished = True
        assert finished

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_errors_of_the_work_pass_through(
        self, progress: ProgressPort, error: type[BaseException]
    ) -> None:
        def work() -> None:
            with progress.task("failing", total=2, unit="files") as task:
                task.advance(1)
                raise error("from the work")

        with pytest.raises(error, match="from the work"):
            work()
        with progress.task("the next one", total=1, unit="files") as task:
            task.advance(1)

    def test_work_can_be_shown_within_work_and_after_it(self, progress: ProgressPort) -> None:
        finished: list[str] = []
        for turn in range(2):
            with progress.task("outer", total=2, unit="files") as outer:
                for _ in range(2):
                    with progress.task("inner", total=None, unit="bytes") as inner:
                        inner.advance(5)
                        finished.append(f"inner {turn}")
                    outer.advance(1)
                finished.append(f"outer {turn}")
        assert finished == ["inner 0", "inner 0", "outer 0", "inner 1", "inner 1", "outer 1"]

    def test_work_can_be_advanced_from_any_thread(self, progress: ProgressPort) -> None:
        with (
            ThreadPoolExecutor(4) as pool,
            progress.task("copying", total=400, unit="files") as task,
        ):
            for future in [pool.submit(task.advance, 1) for _ in range(400)]:
                assert future.result(timeout=30) is None

    def test_several_can_be_shown_at_once(self, progress: ProgressPort) -> None:
        def work(number: int) -> int:
            with progress.task(f"part {number}", total=10, unit="rows") as task:
                for _ in range(10):
                    task.advance(1)
            return number

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(work, range(8))) == list(range(8))

    def test_advancing_after_the_end_does_no_harm(self, progress: ProgressPort) -> None:
        with progress.task("copying", total=1, unit="files") as task:
            pass
        task.advance(1)
        with progress.task("the next one", total=1, unit="files") as after:
            assert after is not task
