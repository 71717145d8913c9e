"""The table of standards names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# What the page has to show.
STANDARDS = (
    "RFC 6749", "RFC 6750", "RFC 7009", "RFC 7636", "RFC 8252", "RFC 8414", "RFC 8628", "RFC 8693",
    "RFC 9207", "RFC 9700",
)  # fmt: skip


def _rows(docs: Path) -> list[list[str]]:
    text = (docs / "how-to" / "sign-in.md").read_text()
    table = text.partition("| way | standard | tests |")[2].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line]


def test_every_way_has_a_standard_and_tests(docs: Path) -> None:
    rows = _rows(docs)
    assert len(rows) > 10
    assert [way for way, standard, tests in rows if not standard or not _TEST.search(tests)] == []


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_standard_is_shown(docs: Path, standard: str) -> None:
    assert any(standard in named for _, named, _ in _rows(docs))


def test_the_tests_that_are_named_exist(docs: Path) -> None:
    named = [found for row in _rows(docs) for found in _TEST.findall(row[2])]
    missing: list[str] = []
    for path, name in named:
        file = docs.parent / path
        tree = ast.parse(file.read_text("utf-8")) if file.is_file() else ast.Module([], [])
        functions = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        if name not in functions:
            missing.append(f"{path}::{name}")
    assert missing == []
