"""``polaris demo``."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from polaris.domain.identity import ArtifactRef
from polaris.errors import InvalidInputError
from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.hub_session import open_hub
from polaris_adapters.cli.leaderboard import write_leaderboard
from polaris_adapters.cli.output import note

__all__ = ["demo"]


@click.command("demo", cls=PolarisCommand)
@click.option(
    "--keep",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the files of the artifacts there.",
)
@click.pass_obj
def demo(options: GlobalOptions, keep: Path | None) -> None:
    """See it all at work on measured data, in half a minute.

    Publishes 642 measured hydration free energies and a benchmark on them, loads both back
    verified, trains two baselines, publishes their results and shows the leaderboard. Without --hub
    it does so on a hub of its own, in a folder of your user data. May be run again.
    """
    hub = options.hub or _demo_hub()
    options.hub = hub
    note(f"The hub is {hub}", options)
    with _folder(keep) as folder, open_hub(options) as client:
        from polaris_adapters.cli.demo.steps import demonstrate

        benchmark = demonstrate(client, folder, lambda text: note(f"- {text}", options))
        note("", options)
        write_leaderboard(client, benchmark, options)
    note(_what_next(hub, benchmark, keep), options)


def _demo_hub() -> str:
    """Return the URL of the demonstration's own hub; it never touches one that is in real use."""
    from platformdirs import user_data_path

    return (user_data_path("polaris", appauthor=False) / "demo-hub").as_uri()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        _refuse_files_of_others(keep)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="polaris-demo-") as folder:
        yield Path(folder)


def _refuse_files_of_others(folder: Path) -> None:
    # What the demonstration writes, an archive among it, replaces what bears the same name.
    if any(folder.iterdir()) and not (folder / "freesolv.json").is_file():
        raise InvalidInputError(
            f"{folder} holds files that are not of the demonstration",
            hint="Give a folder that is empty, or not there.",
        )


def _what_next(hub: str, benchmark: ArtifactRef, keep: Path | None) -> str:
    polaris = f"polaris --hub {shlex.quote(hub)}"
    dataset = f"{benchmark.owner}/freesolv"
    lines = [
        "",
        "What to type next:",
        f"  {polaris} dataset ls --long",
        f"  {polaris} dataset info {dataset}",
        f"  {polaris} dataset verify {dataset}",
        f"  {polaris} dataset get {dataset} ./freesolv",
        f"  {polaris} leaderboard show {benchmark.artifact_id}",
    ]
    if keep is not None:
        lines.append(f"The files are in {keep}")
    return "\n".join(lines)
