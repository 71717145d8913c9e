"""The pages of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)


@pytest.fixture
def docs() -> Path:
    """The folder of the documentation."""
    return DOCS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        ids = [page.relative_to(DOCS).as_posix() for page in PAGES]
        metafunc.parametrize("page", PAGES, ids=ids)
