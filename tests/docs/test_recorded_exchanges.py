"""The table of recorded exchanges is complete, and the tests that it names are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "released-hubs.md"
TESTS = ROOT / "tests" / "adapters" / "hub_http"

_ROW = re.compile(r"^\| `([\w.]+)` \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def rows() -> dict[str, str]:
    text = PAGE.read_text("utf-8").partition("## Recorded exchanges")[2]
    return {found[1]: found[2] for found in _ROW.finditer(text)}


def test_every_recording_is_in_the_table(vectors: Path) -> None:
    assert set(rows()) == {path.stem for path in (vectors / "transcripts").glob("*.json")}


def test_every_recording_has_a_test_or_a_reason() -> None:
    assert rows()
    for name, cell in rows().items():
        assert _TEST.search(cell) or cell.startswith("does not concern it: "), name


def test_the_tests_that_are_named_play_the_recording() -> None:
    for name, cell in rows().items():
        for file, test in _TEST.findall(cell):
            path = TESTS / file
            found = [
                node
                for node in ast.parse(path.read_text("utf-8")).body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == test
            ]
            assert found, f"{file} has no {test}"
            # In its body, or among its parameters.
            assert name in ast.unparse(found[0]), f"{test} does not play {name}"
