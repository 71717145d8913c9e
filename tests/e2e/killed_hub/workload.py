"""Eight clients that write to a hub, and one reader, each in a process of its own.

Run as a program, with the path of a plan: JSON with ``url``, ``tokens``, ``seed``, ``folder`` and
``stop``, the file whose coming ends it. What the hub acknowledged is in the folder's journals.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from polaris.domain.submissions import BenchmarkPredictionsV2
from polaris.errors import (
    ArtifactNotFoundError,
    DamagedFileError,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisError,
    StorageError,
)
from polaris.evaluate import BenchmarkResults
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from tests.e2e.killed_hub.contents import SHAPES, dataset_of, difference
from tests.e2e.killed_hub.journal import Journal
from tests.e2e.killed_hub.watching import Watched

__all__ = ["BENCHMARK", "CROWD", "FLEETING", "main"]

#: An organization of all clients.
CROWD = "crowd"
BENCHMARK = "crowd/guessing"
#: The only name under which datasets are deleted.
FLEETING = "fleeting"
_DAMAGE = (ObjectNotFoundError, ObjectExistsError, DamagedFileError)
_ACTS = {"publish": 44, "share": 10, "results": 10, "submit": 6, "fleeting": 12, "read": 18}


def _is_outage(error: BaseException | None) -> bool:
    """Say whether an error tells that something does not answer, and not that it is wrong."""
    while isinstance(error, StorageError) and not isinstance(error, _DAMAGE):
        if error.retryable:
            return True
        # The client tells failures of a hub whose objects it reads as those of a store.
        error = error.__cause__
    return isinstance(error, PolarisError) and error.retryable


class _Someone:
    """A client and its journal."""

    def __init__(self, plan: dict[str, Any], number: int, name: str) -> None:
        self.number, self.owner = number, f"writer-{number}"
        self.dice = random.Random(f"{plan['seed']} {name}")
        self.folder = Path(plan["folder"]) / name
        self.folder.mkdir()
        self.stop = Path(plan["stop"])
        self.journal = Journal(self.folder / "journal")
        settings = PolarisHubSettings(
            hub_url=plan["url"],
            token=plan["tokens"][number],
            cache_dir=self.folder / "cache",
            # Some give up while what was killed is still away; others do not.
            max_attempts=6 if number % 2 else 9,
        )
        self.client = PolarisHubClient(settings, transport=Watched(self.journal))

    def step(self, act: str, what: str, work: Callable[[], Any], **told: Any) -> Any:
        """Do something and write down what came of it; None where the hub did not answer."""
        told = {"act": act, "what": what, **told}
        self.journal.write("begin", **told)
        try:
            found = work()
        except PolarisError as error:
            phase = "failed" if _is_outage(error) else "fault"
            why = "".join(traceback.format_exception(error))[-6000:]
            self.journal.write(phase, **told, error=type(error).__name__, why=why)
            return None
        except Exception as error:
            self.journal.write(
                "fault", **told, error=type(error).__name__, why=traceback.format_exc()
            )
            return None
        number, location = getattr(found, "number", None), getattr(found, "location", None)
        revision = getattr(location, "revision", getattr(found, "revision", None))
        self.journal.write("done", **told, number=number, revision=revision)
        return found

    def read(self, owner: str, slug: str) -> None:
        """Open a dataset, all of it, and compare it with what its text says."""

        def work() -> None:
            try:
                wrong = difference(self.client.get_dataset(owner, slug, verify_checksum=True))
            except (ArtifactNotFoundError, ObjectNotFoundError):
                if slug == FLEETING:
                    return
                raise
            assert wrong is None, wrong

        self.step("read", f"dataset {owner}/{slug}", work)


class _Writer(_Someone):
    """Writes, and now and then reads what others wrote."""

    def __init__(self, plan: dict[str, Any], number: int) -> None:
        super().__init__(plan, number, f"writer-{number}")
        self._count = 0
        # Whether there is something that can be deleted, and whether it has been; None where the
        # answer was lost.
        self._is_begun = False
        self._is_deleted: bool | None = False

    def run(self) -> None:
        """Go on until told to stop."""
        acts = {
            "publish": lambda: self._publish(self.owner, f"set-{self.dice.randrange(3)}"),
            "share": lambda: self._publish(CROWD, "shared"),
            "results": self._results,
            "submit": self._submit,
            "fleeting": self._fleeting,
            "read": self._read_any,
        }
        while not self.stop.exists():
            [act] = self.dice.choices(list(_ACTS), list(_ACTS.values()))
            acts[act]()

    def _text(self, name: str, shape: str) -> str:
        self._count += 1
        return f"{self.number}:{name}:{self._count}:{shape}"

    def _publish(self, owner: str, name: str) -> bool:
        [shape] = self.dice.choices(list(SHAPES), list(SHAPES.values()))
        text = self._text(name, shape)
        dataset = dataset_of(text, owner, self.folder / "archive")
        found = self.step(
            "publish",
            f"dataset {owner}/{name}",
            lambda: self.client.upload_dataset(dataset, access="public"),
            text=text,
        )
        return found is not None

    def _results(self) -> None:
        name = f"score-{self.dice.randrange(2)}"
        text = self._text(name, "results")
        table = pd.DataFrame(
            [["test", "y", "mean_absolute_error", self.dice.random()]],
            columns=["Test set", "Target label", "Metric", "Score"],
        )
        results = BenchmarkResults(
            results=table, benchmark_artifact_id=BENCHMARK, name=name, description=text
        )
        self.step(
            "publish",
            f"result {self.owner}/{name}",
            lambda: self.client.upload_results(results, access="public"),
            text=text,
        )

    def _submit(self) -> None:
        name = f"guess-{self._count + 1}"
        predictions = BenchmarkPredictionsV2(
            name=name,
            owner=self.owner,
            description=self._text(name, "predictions"),
            benchmark_artifact_id=BENCHMARK,
            predictions=[self.dice.random(), self.dice.random()],
            target_labels=["y"],
            test_set_labels=["test"],
            test_set_sizes={"test": 2},
        )
        self.step(
            "publish",
            f"prediction {self.owner}/{name}",
            lambda: self.client.submit_benchmark_predictions(predictions, access="public"),
            text=predictions.description,
        )

    def _fleeting(self) -> None:
        what = f"dataset {self.owner}/{FLEETING}"
        address = ("dataset", self.owner, FLEETING)
        if not self._is_begun:
            self._is_begun = self._publish(self.owner, FLEETING)
        elif self._is_deleted is False and self.dice.random() < 0.4:
            self._publish(self.owner, FLEETING)
        elif self._is_deleted is False:
            found = self.step("delete", what, lambda: self.client.delete_artifact(*address))
            self._is_deleted = None if found is None else True
        else:
            found = self.step("restore", what, lambda: self.client.restore_artifact(*address))
            self._is_deleted = None if found is None else False

    def _read_any(self) -> None:
        listed = self.step("list", "datasets", lambda: self.client.list_datasets(limit=100))
        if listed:
            self.read(*self.dice.choice(listed).split("/"))


class _Reader(_Someone):
    """Opens whatever the hub lists, and sees to it that no version is older than one before."""

    def run(self) -> None:
        """Go on until told to stop."""
        newest: dict[str, int] = {}
        while not self.stop.exists():
            listed = self.step("list", "records", lambda: self.client.list_records("dataset"))
            for record in self.dice.sample(listed or [], len(listed or [])):
                if self.stop.exists():
                    return
                name = str(record.ref)
                if record.number < newest.get(name, 0):
                    self.journal.write("fault", what=name, why=f"{record.number} after {newest}")
                newest[name] = max(record.number, newest.get(name, 0))
                self.read(record.ref.owner, record.ref.slug)


def main() -> int:
    """Run all, and return 0 if each came to its end."""
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    writers = [(_Writer, (plan, number)) for number in range(len(plan["tokens"]))]
    forked = multiprocessing.get_context("fork")
    processes = [
        forked.Process(target=_run, args=given)
        for given in [*writers, (_Reader, (plan, 0, "reader"))]
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return int(any(process.exitcode for process in processes))


def _run(kind: type[_Writer | _Reader], given: tuple[Any, ...]) -> None:
    someone = kind(*given)
    try:
        someone.run()
    finally:
        someone.client.close()


if __name__ == "__main__":
    sys.exit(main())
