"""Comparing what clients were told with what a hub holds afterwards."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from polaris.errors import ArtifactNotFoundError
from polaris.hub.client import PolarisHubClient
from tests.e2e.killed_hub.contents import difference
from tests.e2e.killed_hub.journal import entries_of
from tests.e2e.killed_hub.killing import Outage, covered

__all__ = ["Deeds", "check_failures", "check_kept", "dropped_by_ends", "wait_for_jobs"]

Entry = Mapping[str, Any]
# Seconds for which a hub may still say that something was away.
_SLACK = 8.0


class Deeds:
    """All that the clients wrote down.

    Args:
        folder: Has a folder for each of them.
    """

    def __init__(self, folder: Path) -> None:
        self.by_client = {
            path.parent.name: list(entries_of(path)) for path in sorted(folder.glob("*/journal"))
        }
        self.all = [entry for entries in self.by_client.values() for entry in entries]

    def of(self, phase: str, *acts: str) -> list[Entry]:
        """Return the entries of a phase, and of some acts."""
        return [e for e in self.all if e["phase"] == phase and (not acts or e["act"] in acts)]

    @property
    def acknowledged(self) -> list[Entry]:
        """All writes that the hub has acknowledged."""
        return self.of("done", "publish", "delete", "restore")


def check_failures(deeds: Deeds, outages: Sequence[Outage]) -> None:
    """Refuse wrong data, failures while nothing was away, and replies cut by an end in order."""
    faults = deeds.of("fault")
    assert not faults, (
        "\n".join(str(f.get("why", f)) for f in faults[:3]) + f"\n{len(faults)} in all"
    )
    for entries in deeds.by_client.values():
        began: Entry = {"at": 0.0}
        for entry in entries:
            if entry["phase"] == "begin":
                began = entry
            elif entry["phase"] == "failed":
                is_told = covered(outages, began["at"], entry["at"], _SLACK)
                assert is_told, f"failed while nothing was away: {entry['why']}"
            elif entry["phase"] == "cut":
                killed = [outage for outage in outages if outage.what.startswith("kill")]
                assert covered(killed, entry["at"] - 1, entry["at"], _SLACK), f"cut: {entry}"


def dropped_by_ends(deeds: Deeds, outages: Sequence[Outage]) -> list[Entry]:
    """Return the requests that an end in order, and nothing else, left without a reply.

    Connections that are refused are none of them: there is no server then.
    """
    ends = [outage for outage in outages if outage.what == "end server"]
    kills = [outage for outage in outages if outage.what != "end server"]
    return [
        entry
        for entry in deeds.of("unanswered")
        if not entry["error"].startswith("Connect")
        and covered(ends, entry["at"], entry["at"], 0)
        and not covered(kills, entry["at"], entry["at"], _SLACK)
    ]


def check_kept(deeds: Deeds, client_of: Callable[[str], PolarisHubClient]) -> int:
    """Look for every acknowledged write on the hub; return how many revisions were looked at.

    Args:
        deeds: What was acknowledged.
        client_of: Returns the client of an owner.
    """
    by_artifact: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(deeds.all, key=lambda entry: entry["at"]):
        if entry.get("act") in ("publish", "delete", "restore") and entry["phase"] != "begin":
            by_artifact[entry["what"]].append(entry)
    kept = 0
    for what, told in sorted(by_artifact.items()):
        owner = what.partition(" ")[2].partition("/")[0]
        kept += _check_artifact(what, told, client_of(owner))
    return kept


def _check_artifact(what: str, told: Sequence[Entry], client: PolarisHubClient) -> int:
    kind, _, artifact = what.partition(" ")
    owner, slug = artifact.split("/")
    published = [e for e in told if e["act"] == "publish"]
    acknowledged = [e for e in published if e["phase"] == "done"]
    try:
        client.get_record(kind, owner, slug)
        is_there = True
    except ArtifactNotFoundError:
        is_there = False
    assert is_there in _may_be_there(told), f"{what} there: {is_there}, told: {told[-4:]}"
    if not is_there:
        if not acknowledged:
            return 0
        # What was deleted is kept as well.
        client.restore_artifact(kind, owner, slug)
    record = client.get_record(kind, owner, slug)
    versions = {v.revision: v for v in client.list_versions(kind, owner, slug, limit=1000)}
    for entry in acknowledged:
        revision = entry["revision"]
        assert revision in versions, f"LOST: {what} {revision} of {entry['text']}"
        kept = client.get_version(kind, owner, slug, revision)
        assert kept.document["description"] == entry["text"]
        assert kept.number >= entry["number"]
    newest = {e["text"] for e in _after_the_last(acknowledged, published)}
    assert record.document["description"] in newest, f"{what} is not the newest: {told[-4:]}"
    if kind == "dataset":
        # Every byte of an archive is compared with the revision by this.
        wrong = difference(client.get_dataset(owner, slug), arrays=False)
        assert wrong is None, wrong
    return len(acknowledged)


def _may_be_there(told: Sequence[Entry]) -> set[bool]:
    """Return whether an artifact may be there, after what its clients were told."""
    there = {False}
    for entry in told:
        becomes = entry["act"] != "delete"
        there = {becomes} if entry["phase"] == "done" else there | {becomes}
    return there


def _after_the_last(acknowledged: Sequence[Entry], published: Sequence[Entry]) -> Iterable[Entry]:
    """Return what may be the newest: what was acknowledged last, or was left open."""
    last = max(acknowledged, key=lambda e: e["number"], default=None)
    since = 0.0 if last is None else last["at"]
    return [e for e in published if e is last or (e["phase"] == "failed" and e["at"] > since)]


def wait_for_jobs(client: PolarisHubClient, subject: str, seconds: float) -> Counter[str]:
    """Return how many submissions came to which final state; refuse those that do not."""
    end = time.monotonic() + seconds
    while True:
        jobs = client.list_submissions(subject, limit=1000)
        if all(job.state.is_final for job in jobs):
            return Counter(job.state.value for job in jobs)
        assert time.monotonic() < end, [job for job in jobs if not job.state.is_final]
        time.sleep(0.3)
