"""The page of who may do what is that of the table that the hub enforces.

``python -m tests.docs.test_access`` writes the tables into the page.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from polaris_adapters.hub_server.access import TABLE, Act, Rule, Standing
from tests.guarded_routes import guarded_routes


def the_table() -> str:
    """Return the table as the page has it."""
    names = [standing.value for standing in Standing]
    lines = [
        f"| act | {' | '.join(names)} | scope | who may not | what belongs to it |",
        f"| --- | {' | '.join('---' for _ in names)} | --- | --- | --- |",
    ]
    for act, rule in TABLE.items():
        cells = ["yes" if standing in rule.standings else "no" for standing in Standing]
        scope = "" if rule.scope is None else f"`{rule.scope}`"
        about = (act.value, *cells, scope, _refused(rule), rule.about)
        lines.append("| " + " | ".join(about) + " |")
    return "\n".join(lines)


def _refused(rule: Rule) -> str:
    if rule.hidden:
        return "finds nothing"
    return "" if rule.standings == frozenset(Standing) else "401, 403"


def the_calls() -> str:
    """Return the calls of each act as the page has them."""
    calls: dict[Act, list[str]] = defaultdict(list)
    for (method, path), acts in sorted(guarded_routes().items(), key=lambda route: route[0][::-1]):
        for act in acts:
            if method != "HEAD":
                calls[act].append(f"`{method} {path.removeprefix('/api/v3/')}`")
    lines = ["| act | calls |", "| --- | --- |"]
    return "\n".join(
        lines + [f"| {act} | {', '.join(calls[act])} |" for act in TABLE if calls[act]]
    )


def _section(page: str, heading: str) -> str:
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_table_is_that_of_the_code(docs: Path) -> None:
    page = (docs / "reference" / "access.md").read_text()
    assert the_table() in _section(page, "The table")


def test_the_calls_are_those_of_the_server(docs: Path) -> None:
    page = (docs / "reference" / "access.md").read_text()
    assert the_calls() in _section(page, "The calls")


def test_the_scopes_are_explained(docs: Path) -> None:
    section = _section((docs / "reference" / "access.md").read_text(), "Scopes")
    assert all(f"`{rule.scope}`" in section for rule in TABLE.values() if rule.scope is not None)


def _rewrite(page: Path) -> None:
    text = page.read_text()
    for made in (the_table(), the_calls()):
        heading = made.partition("\n")[0]
        before, _, rest = text.partition(heading)
        after = rest.partition("\n\n")[2]
        text = f"{before}{made}\n\n{after}" if after else f"{before}{made}\n"
    page.write_text(text)


if __name__ == "__main__":
    _rewrite(Path(__file__).parents[2] / "docs" / "reference" / "access.md")
