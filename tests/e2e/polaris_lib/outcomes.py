"""Random results, predictions and models, made, saved and loaded with either library."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .datasets import described_artifact, metadata
from .descriptions import of_cell, of_scores, plain
from .tables import random_text, random_words
from .tasks import predictions_for

__all__ = ["Models", "Predictions", "Results", "Submissions"]

Rng = np.random.Generator

evaluate: Any = importlib.import_module("polaris.evaluate")
model: Any = importlib.import_module("polaris.model")

_IS_OURS = importlib.util.find_spec("polaris_adapters") is not None
_CLASSES = ["BenchmarkResultsV1", "BenchmarkResultsV2", "CompetitionResults"]
_LINKS = {"github_url": "https://example.org/code?é=1", "paper_url": "http://example.org/paper"}


def _json_file(folder: Path, text: str) -> str:
    (folder / "saved.json").write_text(text, "utf-8")
    return "saved.json"


class Results:
    """Scores."""

    count = 9

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return new results."""
        tests, targets = random_words(rng, 2), random_words(rng, 2)
        rows = [
            (test, target, metric, float(rng.normal() * 10.0 ** rng.integers(-300, 300)))
            for test in tests
            for target in targets
            for metric in ["r2", "pearsonr", random_text(rng)]
        ]
        table = pd.DataFrame(rows, columns=["Test set", "Target label", "Metric", "Score"])
        if number == 0:
            table = table[:1]
        which = _CLASSES[number % 3]
        subject: dict[str, Any] = {"benchmark_artifact_id": "acme-org/some-benchmark"}
        if which == "CompetitionResults":
            owner = importlib.import_module("polaris.utils.types").HubOwner(slug="acme-org")
            subject = {"competition_name": "Some_competition", "competition_owner": owner}
        links = {} if which == "BenchmarkResultsV2" else _LINKS
        return getattr(evaluate, which)(
            results=table, contributors=["user_A", "user-b"], **subject, **links,
            **metadata(rng, number),
        )  # fmt: skip

    def save(self, results: Any, folder: Path) -> str:
        """Save them and return the name of their file."""
        name = f"{type(results).__name__}.json"
        if hasattr(results, "to_json"):
            results.to_json(str(folder / name))
        else:
            (folder / name).write_text(results.model_dump_json(), "utf-8")
        return name

    def load(self, document: str) -> Any:
        """Load them from the folder that is the working directory."""
        cls = getattr(evaluate, document.removesuffix(".json"))
        if hasattr(cls, "from_json"):
            return cls.from_json(document)
        return cls(**json.loads(Path(document).read_text("utf-8")))

    def described(self, results: Any) -> dict[str, Any]:
        """Return what they hold."""
        names = ["name", "slug", "description", "tags", "user_attributes", "artifact_id", "urn"]
        links = [] if type(results).__name__ == "BenchmarkResultsV2" else list(_LINKS)
        subject = getattr(results, "benchmark_artifact_id", None) or getattr(
            results, "competition_artifact_id", None
        )
        return described_artifact(results, [*names, "contributors", *links]) | {
            "class": type(results).__name__,
            "subject": subject,
            "scores": of_scores(results.results),
        }


class Predictions:
    """Predictions, as both libraries normalise and dump them."""

    count = 9

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return new predictions."""
        goal = ["regression", "binary", "classes"][number % 3]
        tests, targets = random_words(rng, 1 + number % 2), random_words(rng, 1 + number // 2 % 2)
        sizes = {test: int(rng.integers(1, 9)) for test in tests}
        values = list(predictions_for(rng, goal, sizes, targets).values())[-1]
        if number == 4:
            values = {
                test: {target: [random_text(rng) for _ in cells] for target, cells in each.items()}
                for test, each in values.items()
            }
        return evaluate.BenchmarkPredictions(
            predictions=values,
            target_labels=targets,
            test_set_labels=tests,
            test_set_sizes=sizes,
        )

    def save(self, predictions: Any, folder: Path) -> str:
        """Save them and return the name of their file."""
        return _json_file(folder, json.dumps(predictions.model_dump()))

    def load(self, document: str) -> Any:
        """Load them from the folder that is the working directory."""
        return evaluate.BenchmarkPredictions(**json.loads(Path(document).read_text("utf-8")))

    def described(self, predictions: Any) -> dict[str, Any]:
        """Return what they hold."""
        return {
            "predictions": {
                test: {target: of_cell(np.array(cells.tolist())) for target, cells in each.items()}
                for test, each in predictions.predictions.items()
            },
            "labels": [predictions.target_labels, predictions.test_set_labels],
            "sizes": predictions.test_set_sizes,
            "size": len(predictions),
        }


class Submissions(Predictions):
    """Submissions to competitions."""

    count = 3

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new submission."""
        known = super().make(rng, number, folder).model_dump()
        more = metadata(rng, number) | {"owner": "some-owner", "contributors": ["user_A"]}
        return evaluate.CompetitionPredictions(
            report_url=_LINKS["paper_url"], code_url=_LINKS["github_url"], **known, **more
        )

    def save(self, predictions: Any, folder: Path) -> str:
        """Save it as the document that a hub gets, and in the names that Python has."""
        (folder / "wire.json").write_text(predictions.model_dump_json(by_alias=True), "utf-8")
        return _json_file(folder, predictions.model_dump_json())

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory.

        polaris-lib does not know its own names of the wire, so it gets the others.
        """
        path = Path("wire.json" if _IS_OURS else document)
        return evaluate.CompetitionPredictions(**json.loads(path.read_text("utf-8")))

    def described(self, predictions: Any) -> dict[str, Any]:
        """Return what it holds."""
        names = ["name", "slug", "description", "tags", "user_attributes", "artifact_id", "urn",
                 "contributors", *_LINKS]  # fmt: skip
        return super().described(predictions) | described_artifact(predictions, names)


class Models:
    """Models."""

    count = 3

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new model."""
        return model.Model(
            readme=random_text(rng, 50),
            code_url=_LINKS["github_url"],
            report_url=_LINKS["paper_url"],
            artifact_changelog=random_text(rng),
            **metadata(rng, number),
        )

    def save(self, found: Any, folder: Path) -> str:
        """Save it and return the name of its file."""
        found.to_json(str(folder / "model.json"))
        return "model.json"

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory."""
        return model.Model.from_json(document)

    def described(self, found: Any) -> dict[str, Any]:
        """Return what it holds."""
        names = ["name", "slug", "description", "tags", "user_attributes", "artifact_id", "urn",
                 "readme", "code_url", "report_url", "artifact_version",
                 "artifact_changelog"]  # fmt: skip
        return {name: plain(getattr(found, name)) for name in names}
