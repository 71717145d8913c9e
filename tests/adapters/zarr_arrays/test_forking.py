"""A source that was used before a fork works in the child."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import zarr

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

# What every script begins with; the folder is its argument.
START = """
    import os, sys, threading
    import numpy as np
    from polaris_adapters.object_store import FolderStorage
    from polaris_adapters.zarr_arrays import ZarrSource

    ROWS = np.array([19, 0, 7])

    def reads(source):
        taken = source.take("x", ROWS).tolist() == [19, 0, 7]
        loaded = source.load().take("x", ROWS).tolist() == [19, 0, 7]
        return taken and loaded and source.group["x"][7] == 7 and source.digest().count > 0

    def in_child(source):
        child = os.fork()
        if child == 0:
            os._exit(0 if reads(source) else 3)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    array = root.create_array(
        "x",
        shape=(20,),
        chunks=(2,),
        dtype="int64",
        compressors=[{"id": "blosc"}],
    )
    array[:] = np.arange(20)
    return tmp_path


def run(script: str, folder: Path) -> None:
    text = textwrap.dedent(START) + textwrap.dedent(script)
    ended = subprocess.run(
        [sys.executable, "-c", text, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""


def test_a_source_that_was_read_works_in_a_child_and_still_in_the_parent(folder: Path) -> None:
    run(
        """
        source = ZarrSource(FolderStorage(sys.argv[1]), "a.zarr")
        assert reads(source)
        assert in_child(source) == 0
        assert reads(source)
        """,
        folder,
    )


def test_a_child_does_not_wait_for_a_thread_that_was_opening_the_archive(folder: Path) -> None:
    run(
        """
        opening, go_on, parent = threading.Event(), threading.Event(), os.getpid()

        class Slow(FolderStorage):
            async def get(self, reads):
                if os.getpid() == parent:
                    opening.set()
                    go_on.wait(30)
                return await super().get(reads)

        source = ZarrSource(Slow(sys.argv[1]), "a.zarr")
        thread = threading.Thread(target=source.info, args=("x",))
        thread.start()
        assert opening.wait(30)
        assert in_child(source) == 0
        go_on.set()
        thread.join(30)
        assert reads(source)
        """,
        folder,
    )


def test_workers_of_a_pool_share_a_source(folder: Path) -> None:
    run(
        """
        import multiprocessing
        source = ZarrSource(FolderStorage(sys.argv[1]), "a.zarr")
        assert reads(source)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(reads, [source] * 4) == [True] * 4
        """,
        folder,
    )
