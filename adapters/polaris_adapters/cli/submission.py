"""``polaris submission``: what was submitted, and what has come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polaris.errors import ArtifactNotFoundError
from polaris_adapters.cli.arguments import listing_options
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.output import (
    instant,
    write_fields,
    write_json,
    write_lines,
    write_table,
)

if TYPE_CHECKING:
    from polaris.ports.jobs import Job

__all__ = ["submission"]


@click.group("submission", cls=PolarisGroup)
def submission() -> None:
    """See what came of submissions."""


@submission.command("ls")
@listing_options()
@click.option("--competition", metavar="OWNER/SLUG", help="Only those to this competition.")
@click.option("--benchmark", metavar="OWNER/SLUG", help="Only those for this benchmark.")
@click.pass_obj
def ls(
    options: GlobalOptions,
    owner: str | None,
    limit: int,
    offset: int,
    is_long: bool,
    competition: str | None,
    benchmark: str | None,
) -> None:
    """List what was submitted, newest first."""
    from polaris.domain.identity import ArtifactKind, ArtifactRef

    if competition is not None and benchmark is not None:
        raise click.UsageError("--competition and --benchmark cannot be given together")
    subject = competition
    if benchmark is not None:
        subject = ArtifactRef.parse(ArtifactKind.BENCHMARK, benchmark).urn
    with open_hub(options) as client:
        jobs = client.list_submissions(subject, owner, limit, offset)
    if options.json:
        write_json([_summary(job) for job in jobs])
    elif is_long:
        rows = [
            (job.submission.artifact_id, str(job.state), job.attempts, instant(job.queued_at),
             job.results and job.results.artifact_id)
            for job in jobs
        ]  # fmt: skip
        write_table(("ID", "STATE", "ATTEMPTS", "SUBMITTED", "RESULTS"), rows)
    else:
        write_lines(job.submission.artifact_id for job in jobs)


@submission.command("show")
@click.argument("submission_id", metavar="OWNER/SLUG|URN")
@click.pass_obj
def show(options: GlobalOptions, submission_id: str) -> None:
    """Show what has come of a submission, and why it was not scored."""
    with open_hub(options) as client:
        job = client.submission_status(submission_id)
    if job is None:
        raise ArtifactNotFoundError(
            f"The hub has no submission {submission_id}",
            hint="polaris submission ls shows what there is.",
        )
    if options.json:
        write_json(_summary(job))
        return
    write_fields(
        {
            "id": job.submission.artifact_id,
            "kind": str(job.submission.kind),
            "state": str(job.state),
            "attempts": job.attempts,
            "submitted": instant(job.queued_at),
            "finished": None if job.finished_at is None else instant(job.finished_at),
            "results": None if job.results is None else job.results.artifact_id,
            "reason": job.reason,
        }
    )


def _summary(job: Job) -> dict[str, Any]:
    return {
        "artifactId": job.submission.artifact_id,
        "kind": str(job.submission.kind),
        "state": str(job.state),
        "attempts": job.attempts,
        "queuedAt": job.queued_at.isoformat(),
        "finishedAt": None if job.finished_at is None else job.finished_at.isoformat(),
        "results": None if job.results is None else job.results.artifact_id,
        "reason": job.reason,
    }
