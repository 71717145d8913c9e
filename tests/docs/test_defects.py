"""Every known defect of polaris-lib names tests that are there, or a decision."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "defects.md"
ROWS: list[tuple[str, str, str]] = re.findall(
    r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
)
REGRESSIONS = ROOT / "tests" / "regressions"


@cache
def _tests(path: Path) -> dict[str, str | None]:
    """Return the tests of a module with their docstrings, also by the class that they are in.

    A test of a suite, which every implementation of a port runs, is named without its class.
    """
    found: dict[str, str | None] = {}
    body = ast.parse(path.read_text("utf-8")).body
    is_suite = "suites" in path.parts
    bodies = [("", body)]
    bodies += [(f"{n.name}::", n.body) for n in body if isinstance(n, ast.ClassDef)]
    for owner, nodes in bodies:
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                name = node.name if is_suite else owner + node.name
                found[name] = ast.get_docstring(node)
    return {name: doc for name, doc in found.items() if "test_" in name}


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / file if file.startswith("polaris/testing/suites/") else ROOT / "tests" / file
    return path.is_file() and name in _tests(path)


def test_defects_are_numbered() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) > 60
    assert len({text for _, text, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("number", "text", "tests"), ROWS, ids=[row[0] for row in ROWS])
def test_a_defect_has_a_test_or_a_reason_why_it_cannot_occur(
    number: str, text: str, tests: str
) -> None:
    named = re.findall(r"`([^`]+::[^`]+)`", tests)
    assert named or "](../decisions/" in tests
    assert [test for test in named if not _is_there(test)] == []


def test_every_test_of_a_known_defect_is_listed() -> None:
    told = {
        f"regressions/{path.name}::{name}"
        for path in REGRESSIONS.glob("test_*.py")
        for name, docstring in _tests(path).items()
        if docstring
    }
    assert len(told) > 20
    assert sorted(told - set(re.findall(r"`([^`]+)`", PAGE.read_text("utf-8")))) == []


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    assert _is_there("docs/test_defects.py::test_defects_are_numbered")
    assert not _is_there("docs/test_defects.py::test_something_else")
    assert not _is_there("docs/test_nothing.py::test_defects_are_numbered")
    assert not _is_there("docs/test_defects.py::ROWS")
