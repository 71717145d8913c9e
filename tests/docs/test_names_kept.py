"""What is told of the names of polaris-lib is true: kept names are there, and others are not."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "names.md"


def _section(heading: str) -> list[tuple[str, list[str]]]:
    """Return module or class, and names, of each row of the table under a heading."""
    text = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \|([^|]*)\|", text, re.MULTILINE)
    return [(where, re.findall(r"`(\w+)`", names)) for where, names in rows]


KEPT, MEMBERS, GONE = (_section(name) for name in ("Import paths", "Members", "Gone"))


def _found(path: str) -> Any:
    """Return what a path leads to: a module, or a name in one; None where it leads nowhere."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("polaris"):
            raise
    parent, _, name = path.rpartition(".")
    return getattr(_found(parent), name, None) if parent else None


def test_the_tables_are_read() -> None:
    assert min(len(KEPT), len(MEMBERS), len(GONE)) > 10
    for table in (KEPT, MEMBERS):
        assert len({where for where, _ in table}) == len(table)
        assert all(names == sorted(names) and names for _, names in table)


@pytest.mark.parametrize(("where", "names"), KEPT, ids=[where for where, _ in KEPT])
def test_a_name_that_is_kept_can_be_imported(where: str, names: list[str]) -> None:
    assert [name for name in names if _found(f"{where}.{name}") is None] == []


@pytest.mark.parametrize(("where", "names"), MEMBERS, ids=[where for where, _ in MEMBERS])
def test_a_member_that_is_kept_is_there(where: str, names: list[str]) -> None:
    cls = _found(where)
    fields = {field.name for field in getattr(cls, "__attrs_attrs__", ())}
    assert [name for name in names if not hasattr(cls, name) and name not in fields] == []


@pytest.mark.parametrize(
    ("where", "names"), GONE, ids=[f"{where}-{number}" for number, (where, _) in enumerate(GONE)]
)
def test_what_is_gone_is_not_there(where: str, names: list[str]) -> None:
    assert (_found(where) is None) is (not names)
    assert [name for name in names if _found(f"{where}.{name}") is not None] == []
