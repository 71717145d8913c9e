"""``polaris doctor``: what is wrong between this machine and the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.output import printable, write_json

if TYPE_CHECKING:
    from polaris.application.doctor import Report
    from polaris.ports.diagnosis import Finding

__all__ = ["doctor"]

_MARKS = {
    "good": ("ok", "green"),
    "note": ("note", "cyan"),
    "warning": ("WARN", "yellow"),
    "failed": ("FAIL", "bold red"),
    "skipped": ("skip", "dim"),
}
_WIDTH = 80


@click.command("doctor", cls=PolarisCommand)
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at settings, network, certificate, clock, sign-in and hub; nothing is changed.

    Ends with 0 if nothing failed, with 7 if all that failed is the network, with 1 otherwise.
    """
    from polaris.hub.doctor import run_doctor

    options = context.ensure_object(GlobalOptions)
    if options.json:
        report = run_doctor(**options.settings)
        write_json(_plain(report))
    else:
        report = run_doctor(on_finding=_show, **options.settings)
        _show_settings(report)
        _show_end(report)
    context.exit(report.exit_code)


def _plain(report: Report) -> dict[str, Any]:
    return {
        "hub": report.hub_url,
        "outcome": report.outcome.value,
        "exitCode": report.exit_code,
        "settings": {
            name: {"value": value, "origin": origin}
            for name, (value, origin) in report.settings.items()
        },
        "findings": [
            {
                "check": finding.check,
                "outcome": finding.outcome.value,
                "message": finding.message,
                "hint": finding.hint,
                "code": finding.code or None,
                "details": dict(finding.details),
            }
            for finding in report.findings
        ],
    }


def _print(rows: Any) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, _WIDTH)
    with console.capture() as captured:
        console.print(rows)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _rows() -> Any:
    from rich.table import Table

    rows = Table.grid(padding=(0, 2))
    rows.add_column(width=4, no_wrap=True)
    rows.add_column(width=14)
    rows.add_column(ratio=1, overflow="fold")
    return rows


def _settings_rows() -> Any:
    from rich.table import Table

    rows = Table.grid(padding=(0, 2), pad_edge=True)
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1, overflow="fold")
    return rows


def _show(finding: Finding) -> None:
    """Show a finding, as soon as it is known."""
    from rich.text import Text

    rows = _rows()
    word, style = _MARKS[finding.outcome.value]
    rows.add_row(Text(word, style), finding.check, printable(finding.message))
    if finding.hint:
        rows.add_row("", "", Text(f"-> {printable(finding.hint)}", "italic"))
    _print(rows)


def _show_settings(report: Report) -> None:
    """Show the settings that somebody has set."""
    unset = ("default", "derived from hub_url")
    rows = _settings_rows()
    for name, (value, origin) in report.settings.items():
        if origin not in unset and value is not None:
            rows.add_row(name, f"{printable(str(value))}\n({printable(origin)})")
    if rows.row_count:
        click.echo("\nSettings that are not the defaults:")
        _print(rows)


def _show_end(report: Report) -> None:
    counts = dict.fromkeys(("failed", "warning"), 0)
    for finding in report.findings:
        if finding.outcome.value in counts:
            counts[finding.outcome.value] += 1
    said = f"{counts['failed']} failed, {counts['warning']} to look at"
    if not any(counts.values()):
        said = "All is well"
    click.echo(f"\n{said}: {printable(report.hub_url)}")
