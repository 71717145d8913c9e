"""What is shown of versions, and of what was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.output import instant, write_json, write_lines, write_table

if TYPE_CHECKING:
    from polaris.ports.artifact_history import ArtifactVersion, Tombstone

__all__ = ["write_tombstones", "write_versions"]


def write_versions(versions: Sequence[ArtifactVersion], options: GlobalOptions) -> None:
    """Write versions as a table, or as JSON."""
    if options.json:
        write_json(
            [
                {
                    "number": version.number,
                    "revision": version.revision,
                    "access": version.access,
                    "publishedAt": version.published_at.isoformat(),
                }
                for version in versions
            ]
        )
        return
    rows = [(v.number, v.revision[:12], v.access, instant(v.published_at)) for v in versions]
    write_table(("VERSION", "REVISION", "ACCESS", "PUBLISHED"), rows)


def write_tombstones(
    tombstones: Sequence[Tombstone], options: GlobalOptions, *, is_one: bool = False
) -> None:
    """Write what was deleted: a table, of one thing its id, or JSON."""
    if options.json:
        told = [_told(tombstone) for tombstone in tombstones]
        write_json(told[0] if is_one else told)
    elif is_one:
        write_lines(tombstone.ref.artifact_id for tombstone in tombstones)
    else:
        rows = [
            (t.ref.artifact_id, t.access, t.number, instant(t.deleted_at), t.deleted_by)
            for t in tombstones
        ]
        write_table(("ID", "ACCESS", "VERSION", "DELETED", "BY"), rows)


def _told(tombstone: Tombstone) -> dict[str, Any]:
    return {
        "artifactId": tombstone.ref.artifact_id,
        "kind": str(tombstone.ref.kind),
        "access": tombstone.access,
        "version": tombstone.number,
        "revision": tombstone.revision,
        "deletedAt": tombstone.deleted_at.isoformat(),
        "deletedBy": tombstone.deleted_by,
    }
