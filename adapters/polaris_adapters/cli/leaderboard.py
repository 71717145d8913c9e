"""``polaris leaderboard``: the results on a benchmark or in a competition, ranked."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris_adapters.cli.arguments import artifact_argument
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.output import instant, note, write_json, write_table

if TYPE_CHECKING:
    from polaris.domain.leaderboard import LeaderboardEntry, MainMetric, Ranking
    from polaris.hub.client import PolarisHubClient

__all__ = ["leaderboard", "write_leaderboard"]


@click.group("leaderboard", cls=PolarisGroup)
def leaderboard() -> None:
    """Rank the results on a benchmark or in a competition."""


@leaderboard.command("show")
@artifact_argument(ArtifactKind.BENCHMARK)
@click.option(
    "--statistics/--no-statistics",
    default=None,
    help="Show confidence intervals, and let ties within noise share a rank; by default where the "
    "predictions behind the scores are known.",
)
@click.option(
    "--competition", "is_competition", is_flag=True, help="Those in a competition of this id."
)
@click.pass_obj
def show(
    options: GlobalOptions, ref: ArtifactRef, statistics: bool | None, is_competition: bool
) -> None:
    """Show the results on a benchmark, best first by its main metric."""
    if is_competition and statistics:
        raise click.UsageError("The statistics of a competition take its targets, which are hidden")
    with open_hub(options) as client:
        if is_competition:
            _write("competition", ref, client.competition_leaderboard(ref.artifact_id), options)
        else:
            write_leaderboard(client, ref, options, statistics=statistics)


def write_leaderboard(
    client: PolarisHubClient,
    benchmark: ArtifactRef,
    options: GlobalOptions,
    *,
    statistics: bool | None = None,
) -> None:
    """Write the leaderboard of a benchmark: a ranked table, or JSON.

    Args:
        client: Client of the hub.
        benchmark: The benchmark.
        options: What was asked for with every command.
        statistics: As for `PolarisHubClient.leaderboard`.

    Raises:
        ArtifactNotFoundError: The hub has no such benchmark.
    """
    ranking = client.leaderboard(benchmark.owner, benchmark.slug, statistics=statistics)
    _write("benchmark", benchmark, ranking, options)


def _write(kind: str, ref: ArtifactRef, ranking: Ranking, options: GlobalOptions) -> None:
    metric, entries = ranking
    if options.json:
        write_json(
            {
                kind: ref.artifact_id,
                "mainMetric": {"name": metric.name, "direction": metric.direction},
                "entries": [_plain(entry) for entry in entries],
            }
        )
    else:
        _write_table(metric, entries)
        if _share_ranks_by_noise(entries):
            note("Ranks are shared where the difference may be noise.", options)


def _write_table(metric: MainMetric, entries: list[LeaderboardEntry]) -> None:
    from polaris.domain.leaderboard import mean_score

    names = {name: None for entry in entries for row in entry.rows for name in row.scores}
    others = [name for name in names if name != metric.name]
    known = [e.interval for e in entries if e.interval is not None and e.interval.is_known]
    noise = [f"{known[0].confidence:.0%} interval"] if known else []
    submitted = ["SUBMISSION"] if any(entry.submission_id for entry in entries) else []
    headings = ("RANK", metric.name, *noise, *others, *submitted, "RESULT", "PUBLISHED")
    rows = [
        (
            entry.rank,
            entry.score,
            *([_ends(entry)] if known else []),
            *(mean_score(entry.rows, name) for name in others),
            *([entry.submission_id] if submitted else []),
            entry.artifact_id,
            instant(entry.published_at),
        )
        for entry in entries
    ]
    write_table(headings, rows)


def _share_ranks_by_noise(entries: list[LeaderboardEntry]) -> bool:
    """Whether any share a rank though their scores differ."""
    return any(
        one.rank == other.rank and one.score != other.score for one, other in pairwise(entries)
    )


def _ends(entry: LeaderboardEntry) -> str | None:
    interval = entry.interval
    return None if interval is None or not interval.is_known else str(interval)


def _interval(entry: LeaderboardEntry) -> dict[str, Any] | None:
    interval = entry.interval
    if interval is None or not interval.is_known:
        return None
    return {
        "low": interval.low,
        "high": interval.high,
        "confidence": interval.confidence,
        "method": interval.method,
    }


def _plain(entry: LeaderboardEntry) -> dict[str, Any]:
    from polaris.codec.unstructuring import finite

    return {
        "rank": entry.rank,
        "artifactId": entry.artifact_id,
        "name": entry.name,
        "submission": entry.submission_id,
        # JSON has no NaN: a score that does not exist is null.
        "score": finite(entry.score),
        "interval": _interval(entry),
        "publishedAt": entry.published_at.isoformat(),
        "results": [
            {
                "testSet": r.test_set,
                "targetLabel": r.target_label,
                "scores": {k: finite(v) for k, v in r.scores.items()},
            }
            for r in entry.rows
        ],
    }
