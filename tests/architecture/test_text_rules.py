"""What is committed says nothing of the machine on which it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("polaris", "adapters", "tests", "benchmarks", "docs")
SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".cfg",
    ".ini",
    ".txt",
    ".yml",
    ".yaml",
    ".mako",
    ".typed",
}
# Not written by people, or not committed.
SKIPPED = {"__pycache__", "_build"}

# Where people and machines keep their work; `/tmp`, `/data` and `/home/me` are those of examples.
MACHINE_PATH = re.compile(
    r"(?<![\w.:$}/-])/(?:(?:work|root|mnt|workspace)/[\w.-]+|(?:home|Users)/(?!(?:me|you|user)\b)\w+)"
)
# The only places from which packages come.
PUBLIC_INDEXES = {"pypi.org", "files.pythonhosted.org", "test.pypi.org"}
INDEX = re.compile(r"https?://(?P<host>[\w.-]+)(?::\d+)?(?:/[\w.-]+)*/simple\b")
PRIVATE_HOST = re.compile(
    r"https?://(?:[\w-]+\.)*(?:[\w-]+\.(?:internal|local|lan|corp|intra)\b"
    r"|(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+)"
)
THIS = Path(__file__).resolve()


def _texts() -> Iterator[tuple[str, str]]:
    files = [path for path in ROOT.glob("*") if path.is_file() and path.name != "uv.lock"]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    for path in sorted(files):
        wanted = path.suffix in SUFFIXES or path.name in {"justfile", "LICENSE"}
        if wanted and path != THIS and path.is_file() and not SKIPPED & set(path.parts):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def _lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {match.group()}"
        for name, text in _texts()
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


def test_no_path_of_a_machine_is_named() -> None:
    assert _lines(MACHINE_PATH) == []


def test_packages_come_from_the_public_index_only() -> None:
    found = [(name, match["host"]) for name, text in _texts() for match in INDEX.finditer(text)]
    assert [pair for pair in found if pair[1] not in PUBLIC_INDEXES] == []


def test_no_private_host_is_named() -> None:
    assert _lines(PRIVATE_HOST) == []


def test_files_end_with_one_newline_and_have_no_tabs_or_carriage_returns() -> None:
    for name, text in _texts():
        if name.endswith((".py", ".md", ".toml")):
            assert text == "" or (text.endswith("\n") and not text.endswith("\n\n")), name
            assert "\r" not in text, name
            assert not name.endswith(".py") or "\t" not in text, name


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (MACHINE_PATH, "see /root/thing", True),
        (MACHINE_PATH, "'/home/jane/data'", True),
        (MACHINE_PATH, "tests/work/thing and https://a.org/home/page", False),
        (MACHINE_PATH, "/some/work/thing", False),
        (MACHINE_PATH, "/home/me/data and /home/melissa/data", True),
        (MACHINE_PATH, "/home/me/data", False),
        (INDEX, "index = https://proxy.example.net/api/pypi/simple", True),
        (INDEX, "https://example.org/simpler", False),
        (PRIVATE_HOST, "http://10.0.0.7/x", True),
        (PRIVATE_HOST, "https://registry.corp.internal/x", True),
        (PRIVATE_HOST, "https://polarishub.io/local", False),
    ],
)
def test_the_patterns_find_what_they_are_for(
    pattern: re.Pattern[str], text: str, found: bool
) -> None:
    assert bool(pattern.search(text)) is found
