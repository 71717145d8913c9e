"""Modules stay short and have names that say something."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 400
FORBIDDEN = {"utils", "helpers", "common", "misc", "base", "manager"}
# Import paths of the released client library, which users' code still has; each only re-exports.
INHERITED = {"polaris/evaluate/utils.py", "polaris/utils", "polaris/utils/misc.py"}


def _modules() -> list[Path]:
    return [
        path
        for folder in ("polaris", "adapters", "tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def test_no_module_is_long() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in _modules()
    }
    assert len(lengths) > 50
    assert {path: n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_no_name_says_nothing() -> None:
    named = {
        part.relative_to(ROOT).as_posix()
        for path in _modules()
        for part in (path, *path.parents)
        if ROOT in part.parents and part.stem in FORBIDDEN
    }
    assert named <= INHERITED


def test_inherited_modules_hold_nothing_of_their_own() -> None:
    for path in sorted((ROOT / "polaris" / "utils").glob("*.py")):
        assert len(path.read_text("utf-8").splitlines()) <= 60, path.name
