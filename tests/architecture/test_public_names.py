"""Modules say which names are public, and public names are documented."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (ROOT / "polaris", ROOT / "adapters" / "polaris_adapters")


def _modules() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            # Scripts: run by their path, never imported.
            if "migrations" not in parts and parts[-1] != "__main__":
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = _modules()
every_module = pytest.mark.parametrize("name", MODULES)


def _tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _public_definitions(tree: ast.Module) -> list[Definition]:
    return [
        node for node in tree.body if isinstance(node, Definition) and not node.name.startswith("_")
    ]


def _listed(tree: ast.Module) -> list[str] | None:
    """Return the module's `__all__`; None where it has none."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        if isinstance(target, ast.Name) and target.id == "__all__":
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            names = ast.literal_eval(node.value)
            assert isinstance(names, list)
            return names
    return None


def _order(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Return the sort key of a name: constants, classes, then the rest; numbers by their value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    pieces = re.findall(r"\d+|\D+", name)
    return kind, [(int(p), "") if p.isdigit() else (10**9, p) for p in pieces]


@every_module
def test_a_module_lists_its_public_names_in_order(name: str) -> None:
    tree = _tree(name)
    listed = _listed(tree)
    if listed is None:
        # A package that only has a docstring has nothing to list.
        assert all(
            isinstance(node, ast.Expr) or ast.unparse(node).startswith("from __future__")
            for node in tree.body
        )
        return
    assert listed == sorted(set(listed), key=_order)


@every_module
def test_what_a_module_lists_is_there(name: str) -> None:
    module = importlib.import_module(name)
    assert [listed for listed in _listed(_tree(name)) or [] if not hasattr(module, listed)] == []


@every_module
def test_what_is_public_is_documented(name: str) -> None:
    tree = _tree(name)
    assert ast.get_docstring(tree)
    assert [node.name for node in _public_definitions(tree) if not ast.get_docstring(node)] == []
