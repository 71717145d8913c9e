"""Which module uses which can be read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DYNAMIC = {"import_module", "__import__", "spec_from_file_location", "run_module", "exec", "eval"}
# Where modules are imported by name, and why.
ALLOWED = {
    "polaris/__init__.py": "lazy names of the package",
    "polaris/testing/__init__.py": "lazy names of the package",
    "adapters/polaris_adapters/cli/groups.py": "commands are imported when they are called",
}


def _called(path: Path) -> set[str]:
    calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    return {ast.unparse(call.func).rpartition(".")[2] for call in calls} & DYNAMIC


def _modules() -> dict[str, Path]:
    return {
        path.relative_to(ROOT).as_posix(): path
        for folder in ("polaris", "adapters", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def test_modules_are_imported_by_name_in_few_places_only() -> None:
    found = {name for name, path in _modules().items() if _called(path)}
    assert {name for name in found if not name.startswith("polaris/bootstrap/")} <= ALLOWED.keys()


@pytest.mark.parametrize("name", ALLOWED)
def test_the_list_of_those_places_is_up_to_date(name: str) -> None:
    assert _called(_modules()[name]) == {"import_module"}
