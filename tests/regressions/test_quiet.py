"""A library says nothing unless it is asked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import polaris

WORK = """
import logging, sys
import polaris
import pandas as pd
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset

table = pd.DataFrame({"x": [1, 2, 3, 4], "y": [0.5, 1.5, 2.5, 3.5]})
dataset = Dataset(name="old_dataset", owner="acme", table=table, polaris_version="0.0.1")
benchmark = SingleTaskBenchmarkSpecification(
    name="old_benchmark", dataset=dataset, input_cols="x", target_cols="y",
    split=([], [0, 1, 2, 3]), metrics="mean_absolute_error", polaris_version="0.0.1",
)
polaris.load_benchmark(benchmark.to_json(sys.argv[1])).evaluate([0.0] * 4)
names = [name for name in logging.root.manager.loggerDict if name.startswith("polaris")]
assert not logging.root.handlers
assert not any(logging.getLogger(name).handlers for name in names)
assert logging.root.level == logging.WARNING
"""  # fmt: skip


@pytest.mark.slow
def test_nothing_is_written_and_logging_is_left_alone(tmp_path: Path) -> None:
    """Importing polaris-lib set up a log handler at level INFO.

    Notes about versions and checksums then stood in notebooks and in the output of scripts.
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WORK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


PACKAGE = Path(polaris.__file__).parent
CORE = [path for path in sorted(PACKAGE.rglob("*.py")) if "testing" not in path.parts]
COLOUR = re.compile(r"\\x1b|\\033|\\u001b|\x1b|\[/?(?:bold|dim|red|green|yellow|blue)\b")


def test_the_words_of_the_library_have_no_colours() -> None:
    """The codes of a terminal's colours were part of what an exception said.

    They made logs and web pages unreadable. Colours are for the command line, which is outside.
    """
    assert len(CORE) > 100
    assert [path.name for path in CORE if COLOUR.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("coloured", ["\\033[1m", "\\x1b[0m", "\x1b[33m", "[bold red]", "[/dim]"])
def test_colours_would_be_noticed(coloured: str) -> None:
    assert COLOUR.search(f'raise ValueError("{coloured}no")')
