"""``polaris hub migrate``, ``gc`` and ``fsck``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.hub_operations import of_a_hub, opened, require_current, settings_of
from polaris_adapters.cli.output import note, write_json, write_lines, write_table

__all__ = ["fsck", "gc", "migrate"]


@click.command("migrate", cls=PolarisCommand)
@click.option("--to", "target", metavar="REVISION", default="head", help="Revision, or head.")
@click.option("--dry-run", is_flag=True, help="Only show what would run.")
@click.option("--yes", is_flag=True, help="Go back to an older schema, and lose what it lacks.")
@of_a_hub
@click.pass_obj
def migrate(options: GlobalOptions, /, target: str, dry_run: bool, yes: bool, **given: Any) -> None:
    """Change the schema of a hub's database, up or down, while it is not served."""
    from polaris.application.loop_thread import run_blocking

    with opened(options, settings_of(options, given)) as operations:
        steps = run_blocking(operations.schema.plan(target))
        is_shown = dry_run or (steps.is_down and not yes)
        if not is_shown:
            steps = run_blocking(operations.migrate(target))
    verb = "downgrade" if steps.is_down else "upgrade"
    if options.json:
        told = [{"revision": revision, "does": text} for revision, text in steps.steps]
        write_json(
            {
                "from": steps.current,
                "to": steps.target,
                "direction": verb,
                "steps": told,
                "done": not is_shown,
            }
        )
        return
    write_lines(f"{verb} {revision}  {text}" for revision, text in steps.steps)
    if not steps.steps:
        note(f"The schema is at {steps.target} already", options)
    elif is_shown and not dry_run:
        note("Nothing was done: this loses data. Make a backup, then add --yes.", options)


@click.command("gc", cls=PolarisCommand)
@click.option("--yes", is_flag=True, help="Remove it; without, it is only shown.")
@click.option("--dry-run", is_flag=True, help="Only show it, whatever else is said.")
@click.option(
    "--grace-hours", type=click.FloatRange(min=1), default=24.0, show_default=True,
    help="Leave uploads alone whose last object came since.",
)  # fmt: skip
@click.option("--purge-deleted", is_flag=True, help="Also what was deleted, for good.")
@click.option(
    "--deleted-days", type=click.FloatRange(min=1), default=30.0, show_default=True,
    help="Leave alone what was deleted since.",
)  # fmt: skip
@click.option(
    "--ended-days", type=click.FloatRange(min=1), default=30.0, show_default=True,
    help="Leave tokens, replies and tries alone that ended since.",
)  # fmt: skip
@of_a_hub
@click.pass_obj
def gc(
    options: GlobalOptions,
    /,
    yes: bool,
    dry_run: bool,
    grace_hours: float,
    purge_deleted: bool,
    deleted_days: float,
    ended_days: float,
    **given: Any,
) -> None:
    """Remove what nobody will come back for; the hub may be served meanwhile.

    That is: uploads that were begun and never finished; tokens, replies and tries to sign in that
    have ended; and on request what was deleted. Without --yes it only shows what it would remove.
    """
    from polaris.application.loop_thread import run_blocking
    from polaris.application.upkeep.collect_garbage import Graces

    graces = Graces(
        uploads=timedelta(hours=grace_hours),
        deleted=timedelta(days=deleted_days) if purge_deleted else None,
        ended=timedelta(days=ended_days),
    )
    only_shown = dry_run or not yes
    with opened(options, settings_of(options, given)) as operations:
        require_current(operations)
        report = run_blocking(operations.collect(graces, dry_run=only_shown))
    if options.json:
        removed = [
            {"what": r.what, "where": r.where, "objects": r.objects, "bytes": r.size}
            for r in report.removed
        ]
        write_json(
            {
                "removed": removed,
                "objects": report.objects,
                "bytes": report.size,
                "ended": dict(report.purged),
                "dry_run": only_shown,
            }
        )
        return
    if report.removed:
        rows = [(r.what, r.where, r.objects, r.size) for r in report.removed]
        write_table(["what", "where", "objects", "bytes"], rows)
    verb = "Would free" if only_shown else "Freed"
    note(f"{verb} {report.size} bytes in {report.objects} objects", options)
    for name, count in report.purged.items():
        if count:
            note(f"Removed {count} {name} that had ended", options)
    if only_shown:
        note("Nothing was removed; add --yes to remove it", options)


@click.command("fsck", cls=PolarisCommand)
@click.option("--deep", is_flag=True, help="Read every object and compare its checksum.")
@click.option("--repair", is_flag=True, help="Do what can be done without losing what is whole.")
@of_a_hub
@click.pass_obj
def fsck(options: GlobalOptions, /, deep: bool, repair: bool, **given: Any) -> int:
    """Check a hub: find every object and row that does not belong, or is damaged.

    Exit codes: 0 if all is well or has been repaired, 1 if something is damaged, 2 for wrong usage.
    Warnings, such as of a benchmark whose dataset was deleted, are no damage.
    """
    from polaris.application.loop_thread import run_blocking

    with opened(options, settings_of(options, given)) as operations:
        require_current(operations)
        report = run_blocking(operations.check(deep=deep, repair=repair))
    if options.json:
        write_json(report.as_json())
    else:
        for finding in report.findings:
            state = "repaired" if finding.is_repaired else finding.severity
            write_lines([f"{state}: {finding.code}: {finding.where}: {finding.message}"])
            if finding.remedy is not None and not finding.is_repaired:
                note(f"  with --repair, {finding.remedy}", options)
        how = "read" if deep else "looked up"
        note(f"{report.revisions} revisions, {report.objects} objects {how}", options)
        note("The hub is whole" if report.is_clean else "The hub is damaged", options)
    return 0 if report.is_clean else 1
