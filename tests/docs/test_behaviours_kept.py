"""Every behaviour that is kept from polaris-lib names tests, and those are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "behaviours.md"
ROWS: list[tuple[str, str, str]] = re.findall(
    r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE
)


@cache
def _definitions(path: Path) -> frozenset[str]:
    """Return functions, classes and methods of a module as pytest names them."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            methods = [
                n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            found |= {node.name, *(f"{node.name}::{method.name}" for method in methods)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
    return frozenset(found)


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / "tests" / file
    return path.is_file() and name in _definitions(path)


def test_behaviours_are_numbered() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) > 50
    assert len({text for _, text, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("number", "text", "tests"), ROWS, ids=[row[0] for row in ROWS])
def test_a_behaviour_is_tested_or_its_absence_is_explained(
    number: str, text: str, tests: str
) -> None:
    named = re.findall(r"`([^`]+)`", tests)
    assert named or "](../decisions/" in tests
    assert [test for test in named if not _is_there(test)] == []


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    here = "docs/test_behaviours_kept.py"
    assert _is_there(f"{here}::test_behaviours_are_numbered")
    assert not _is_there(f"{here}::test_something_else")
    assert not _is_there("docs/test_nothing.py::test_behaviours_are_numbered")
    assert not _is_there(here)
