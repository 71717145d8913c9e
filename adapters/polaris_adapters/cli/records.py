"""What is shown of an artifact in the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import UNKNOWN_TIME, ArtifactRecord
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.output import (
    instant,
    note,
    printable,
    write_fields,
    write_json,
    write_lines,
    write_table,
)

__all__ = ["summary_of", "write_listing", "write_published", "write_record"]

# Label of a line to the key of the canonical document, in the order in which they are shown.
_SHOWN = {
    ArtifactKind.DATASET: {
        "license": "license",
        "source": "source",
        "rows": "nRows",
        "columns": "annotations",
        "adapters": "defaultAdapters",
        "archive": "zarrRootPath",
        "md5sum": "md5Sum",
        "manifest md5sum": "zarrManifestMd5Sum",
    },
    ArtifactKind.BENCHMARK: {
        "task": "taskType",
        "inputs": "inputCols",
        "targets": "targetCols",
        "target types": "targetTypes",
        "main metric": "mainMetric",
        "metrics": "metrics",
        "splits": "splitLabels",
        "training rows": "nTrainDatapoints",
        "test rows": "nTestDatapoints",
        "md5sum": "md5Sum",
    },
    ArtifactKind.RESULT: {
        "contributors": "contributors",
        "model": "modelArtifactId",
        "code": "code_url",
        "report": "report_url",
    },
    ArtifactKind.MODEL: {
        "code": "codeUrl",
        "report": "reportUrl",
    },
    ArtifactKind.COMPETITION: {
        "license": "license",
        "starts": "startTime",
        "ends": "endTime",
        "inputs": "inputCols",
        "targets": "targetCols",
        "target types": "targetTypes",
        "main metric": "mainMetric",
        "metrics": "metrics",
        "training rows": "nTrainDatapoints",
        "test rows": "nTestDatapoints",
        "manifest md5sum": "zarrManifestMd5Sum",
    },
}
# What every kind has that comes in versions.
_OF_VERSIONS = {
    "version": "artifactVersion",
    "new in it": "artifactChangelog",
    "follows on": "parentArtifactId",
}


def summary_of(record: ArtifactRecord) -> dict[str, Any]:
    """Return what the catalogue says of an artifact, as plain values in camelCase."""
    return {
        "artifactId": record.ref.artifact_id,
        "kind": str(record.ref.kind),
        "access": record.access,
        "revision": record.number,
        "createdAt": _told(record.created_at),
        "updatedAt": _told(record.updated_at),
        "subject": None if record.subject is None else record.subject.artifact_id,
    }


def _told(moment: datetime) -> str | None:
    """Return a time; None for one that the hub does not tell."""
    return None if moment == UNKNOWN_TIME else moment.isoformat()


def write_listing(
    records: Sequence[ArtifactRecord], options: GlobalOptions, *, is_long: bool
) -> None:
    """Write a listing: ids, a table, or JSON."""
    if options.json:
        write_json([summary_of(record) for record in records])
    elif is_long:
        rows = [
            (r.ref.artifact_id, r.access, r.number, instant(r.updated_at), r.subject and
             r.subject.artifact_id)
            for r in records
        ]  # fmt: skip
        write_table(("ID", "ACCESS", "REVISION", "UPDATED", "SUBJECT"), rows)
    else:
        write_lines(record.ref.artifact_id for record in records)


def write_published(record: ArtifactRecord, options: GlobalOptions) -> None:
    """Write what has been published: its id, or JSON; and where people find it."""
    page = {} if record.page is None else {"page": record.page}
    if options.json:
        write_json(summary_of(record) | page)
        return
    write_lines([record.ref.artifact_id])
    if record.page is not None:
        note(f"See {printable(record.page)}", options)


def write_record(record: ArtifactRecord, options: GlobalOptions) -> None:
    """Write all that the catalogue says of an artifact; with JSON its whole document."""
    document = record.document
    if options.json:
        write_json({**summary_of(record), "document": document})
        return
    fields: dict[str, Any] = {
        "id": record.ref.artifact_id,
        "name": document.get("name"),
        "description": document.get("description"),
        "access": record.access,
    }
    if record.subject is not None:
        fields[str(record.subject.kind)] = record.subject.artifact_id
    for label, key in (_SHOWN.get(record.ref.kind, {}) | _OF_VERSIONS).items():
        if document.get(key):
            fields[label] = _brief(key, document[key])
    fields["tags"] = document.get("tags")
    fields["revision"] = record.number
    fields["published"] = instant(record.created_at)
    fields["updated"] = instant(record.updated_at)
    write_fields(fields)


def _brief(key: str, value: Any) -> Any:
    """Return what fits on a line: of annotations the columns, of metrics their names."""
    if key == "annotations":
        return list(value)
    if key == "metrics":
        return [m.get("name") or m.get("label") if isinstance(m, dict) else m for m in value]
    return value
