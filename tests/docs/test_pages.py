"""Numbers, order, tables and links of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from polaris import errors, testing
from polaris.bootstrap.settings import PolarisHubSettings

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


def _anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    fenced = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return {_anchor(heading) for heading in _HEADING.findall(fenced)}


def _broken_links(page: Path) -> list[str]:
    broken: list[str] = []
    for target in _LINK.findall(_CODE.sub("", page.read_text())):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.is_file() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    return broken


def test_links_between_pages_resolve(page: Path) -> None:
    assert not _broken_links(page)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "CONTRIBUTING.md", "README.md"])
def test_links_from_the_top_resolve(docs: Path, name: str) -> None:
    assert not _broken_links(docs.parent / name)


def test_a_page_begins_with_its_only_title(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert text.startswith("# ")
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


def test_decisions_are_numbered_without_gaps(docs: Path) -> None:
    names = sorted(p.name for p in (docs / "decisions").glob("[0-9]*.md"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(len(names))]
    assert len(names) > 1


def test_a_decision_has_all_its_parts(docs: Path) -> None:
    for page in (docs / "decisions").glob("[0-9]*.md"):
        text = page.read_text()
        assert text.startswith(f"# {page.name[:4]}: "), page.name
        assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE), page.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Options", "Decision", "Consequences"], page.name


def _terms(docs: Path) -> list[str]:
    return re.findall(r"^(\S.*)\n: ", (docs / "glossary.md").read_text(), re.MULTILINE)


def test_the_glossary_is_sorted_and_names_each_word_once(docs: Path) -> None:
    terms = _terms(docs)
    assert terms == sorted(set(terms), key=str.lower)


@pytest.mark.parametrize(
    "word",
    ["owner", "slug", "artifact", "artifact id", "URN", "revision", "manifest", "subset", "port"],
)
def test_the_glossary_has_the_words_of_the_domain(docs: Path, word: str) -> None:
    assert word in _terms(docs)


def _rows(page: Path, columns: int) -> list[list[str]]:
    """Return the cells of every table row with so many columns, without headings."""
    rows = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in page.read_text().splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]
    return [row for row in rows if len(row) == columns]


def _errors() -> dict[str, type[errors.PolarisError]]:
    members = {name: getattr(errors, name) for name in errors.__all__}
    return {
        name: member
        for name, member in members.items()
        if isinstance(member, type) and issubclass(member, errors.PolarisError)
    }


def _builtin(error: type[errors.PolarisError]) -> str:
    """Return the built-in error that an error also is, the most special one; or both."""
    plain = (Exception, BaseException, object)
    found = [c for c in error.__mro__ if c.__module__ == "builtins" and c not in plain]
    special = [c for c in found if not any(c in other.__mro__[1:] for other in found)]
    return "`, `".join(c.__name__ for c in special)


def test_the_table_of_errors_is_that_of_the_code(docs: Path) -> None:
    heading, *rows = _rows(docs / "reference" / "errors.md", 6)
    assert heading == ["error", "code", "exit code", "try again", "is also a", "when"]
    documented = {row[0]: row[1:5] for row in rows}
    assert len(documented) == len(rows)
    assert documented == {
        name: [
            error.code,
            str(error.exit_code),
            "yes" if error.retryable else "no",
            _builtin(error),
        ]
        for name, error in _errors().items()
    }


def test_every_exit_code_is_explained(docs: Path) -> None:
    explained = {row[0] for row in _rows(docs / "reference" / "errors.md", 2)} - {"exit code"}
    assert {str(error.exit_code) for error in _errors().values()} | {"0", "130"} == explained


def test_every_setting_is_documented_with_its_default(docs: Path) -> None:
    heading, *rows = _rows(docs / "how-to" / "settings.md", 3)
    assert heading == ["setting", "default", "meaning"]
    documented = {row[0]: row[1] for row in rows}
    fields = attrs.fields(PolarisHubSettings)
    assert list(documented) == [field.name for field in fields]
    plain = {f.name: f.default for f in fields if isinstance(f.default, (str, tuple))}
    assert {name: documented[name] for name in plain} == {n: str(d) for n, d in plain.items()}


def test_every_suite_is_named_where_adapters_are_explained(docs: Path) -> None:
    text = (docs / "how-to" / "write-an-adapter.md").read_text()
    named = set(re.findall(r"`(\w+Suite)`", text))
    assert named == {name for name in testing.__all__ if name.endswith("Suite")}
