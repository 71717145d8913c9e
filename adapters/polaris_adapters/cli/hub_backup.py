"""``polaris hub backup`` and ``polaris hub restore``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.hub_operations import of_a_hub, opened, settings_of
from polaris_adapters.cli.output import note, write_fields, write_json, write_lines, write_table

if TYPE_CHECKING:
    from polaris.bootstrap.server.settings import ServerSettings

__all__ = ["backup", "restore"]


@click.command("backup", cls=PolarisCommand)
@click.argument("where", metavar="FOLDER|s3://BUCKET/PREFIX")
@click.option("--list", "listed", is_flag=True, help="List the backups that are there.")
@click.option("--verify", is_flag=True, help="Read a backup to its last byte instead.")
@click.option("--snapshot", metavar="NAME", help="Which one to verify; the newest without.")
@of_a_hub
@click.pass_obj
def backup(
    options: GlobalOptions,
    /,
    where: str,
    listed: bool,
    verify: bool,
    snapshot: str | None,
    **given: Any,
) -> int:
    """Copy a hub, while it is served.

    What an earlier backup in the same place has is not copied again. A backup holds hashes of
    passwords, the keys that the hub signs with, and test targets: keep it where only you can read
    it. A new folder is made so.
    """
    from polaris.application.loop_thread import run_blocking
    from polaris.bootstrap.operators import open_backups

    settings = settings_of(options, given)
    if listed:
        return _list_backups(options, settings, where)
    if verify:
        return _verify_backup(options, settings, where, snapshot)
    with opened(options, settings) as operations:
        store = open_backups(settings, where, make=True)
        report = run_blocking(operations.back_up(store))
    manifest = report.manifest
    fields = {
        "backup": manifest.id,
        "artifact_revisions": sum(part.rows for part in manifest.revisions),
        "objects": manifest.objects,
        "bytes": manifest.size,
        "copied_objects": report.copied,
        "copied_bytes": report.copied_bytes,
        "damaged": list(manifest.damaged),
    }
    if options.json:
        write_json(fields)
    else:
        write_fields({**fields, "damaged": len(manifest.damaged)})
        for text in manifest.damaged[:20]:
            note(f"Not copied: {text}", options)
    return 1 if manifest.damaged else 0


def _list_backups(options: GlobalOptions, settings: ServerSettings, where: str) -> int:
    from polaris.application.loop_thread import run_blocking
    from polaris.application.upkeep.backup_format import check_place, snapshots
    from polaris.bootstrap.operators import open_backups

    store = open_backups(settings, where, make=False)

    async def found() -> list[tuple[str, bool]]:
        await check_place(store, make=False)
        return [one async for one in snapshots(store)]

    rows = run_blocking(found())
    if options.json:
        write_json([{"backup": name, "complete": complete} for name, complete in rows])
    else:
        write_table(["backup", "complete"], rows)
    return 0


def _verify_backup(
    options: GlobalOptions, settings: ServerSettings, where: str, snapshot: str | None
) -> int:
    from polaris.application.loop_thread import run_blocking
    from polaris.bootstrap.operators import open_backups, verify_backup

    store = open_backups(settings, where, make=False)
    verify = verify_backup(progress=options.shows_progress)
    manifest, wrong = run_blocking(verify(store, snapshot))
    if options.json:
        write_json({"backup": manifest.id, "whole": not wrong, "problems": wrong})
    else:
        write_lines(wrong)
        note(f"{manifest.id}: {f'{len(wrong)} problems' if wrong else 'whole'}", options)
    return 1 if wrong else 0


@click.command("restore", cls=PolarisCommand)
@click.argument("where", metavar="FOLDER|s3://BUCKET/PREFIX")
@click.option("--snapshot", metavar="NAME", help="Which backup; the newest without.")
@of_a_hub
@click.pass_obj
def restore(options: GlobalOptions, /, where: str, snapshot: str | None, **given: Any) -> None:
    """Restore a backup into a hub that is empty.

    Nothing is ever overwritten: give a new folder, or an empty database and an empty bucket. An
    interrupted restore goes on where it ended when it is run again; until it has ended, the hub
    cannot be served. The kind of database need not be that of the hub that was copied.
    """
    from polaris.application.loop_thread import run_blocking
    from polaris.bootstrap.operators import open_backups

    settings = settings_of(options, given)
    store = open_backups(settings, where, make=False)
    with opened(options, settings, new=True) as operations:
        report = run_blocking(operations.restore(store, snapshot))
    fields = {
        "backup": report.manifest.id,
        "objects": report.manifest.objects,
        "bytes": report.manifest.size,
        "sent_objects": report.sent,
        "rows": sum(report.rows.values()),
    }
    write_json(fields) if options.json else write_fields(fields)
