"""The scores of one method on one benchmark or in one competition."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np

from polaris.domain.artifact import Artifact
from polaris.domain.dataset import http_url
from polaris.domain.evaluation import RESULTS_COLUMNS
from polaris.domain.examples import Examples
from polaris.domain.fields import Validated, check_assignment, frozen, keywords, rule, to_camel
from polaris.domain.html import card
from polaris.domain.identity import ArtifactKind, HubOwner, check_name, slugify
from polaris.errors import InvalidInputError, InvalidResultError, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BenchmarkResultsV1",
    "BenchmarkResultsV2",
    "CompetitionResults",
    "EvaluationResult",
    "ResultRecords",
    "id_of",
    "parse_contributors",
    "records_of",
    "spelt",
    "table_of",
]


def _scores(value: Any) -> dict[str, float]:
    """Return scores by metric; None, which JSON has for NaN, is a score that does not exist."""
    if not isinstance(value, Mapping) or not value:
        raise InvalidInputError("must map metrics to scores", hint="Give at least one score.")
    problems = [
        Problem(str(name), f"{score!r} is not a number")
        for name, score in value.items()
        if score is not None
        and (isinstance(score, bool) or not hasattr(score, "__float__") or np.ndim(score))
    ]
    if problems:
        raise InvalidInputError(problems=problems)
    return {str(k): math.nan if v is None else float(v) for k, v in value.items()}


@attrs.frozen(kw_only=True)
class ResultRecords(Validated):
    """The scores for one target of one test set.

    Attributes:
        test_set: The test set.
        target_label: The target column.
        scores: Metric name to score.
    """

    error_type: ClassVar[type[InvalidResultError]] = InvalidResultError

    test_set: str = attrs.field(converter=str)
    target_label: str = attrs.field(converter=str)
    scores: dict[str, float] = attrs.field(converter=_scores)


def records_of(table: pd.DataFrame) -> list[ResultRecords]:
    """Return a results table as records, in the table's order of first appearance."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for test, target, metric, score in table[RESULTS_COLUMNS].itertuples(index=False):
        found.setdefault((str(test), str(target)), {})[str(metric)] = float(score)
    return [
        ResultRecords(test_set=test, target_label=target, scores=scores)
        for (test, target), scores in found.items()
    ]


def table_of(records: Sequence[ResultRecords]) -> pd.DataFrame:
    """Return records as a results table, a row a score."""
    import pandas as pd

    rows = [
        (record.test_set, record.target_label, metric, score)
        for record in records
        for metric, score in record.scores.items()
    ]
    return pd.DataFrame(rows, columns=RESULTS_COLUMNS)


def _results(value: Any) -> pd.DataFrame:
    """Return a results table from a table or from records."""
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return _checked_table(value)
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidResultError(
            f"must be a table or a list of records, not {type(value).__name__}",
            hint="benchmark.evaluate() returns results that are well formed.",
        )
    records: list[ResultRecords] = []
    problems: list[Problem] = []
    for position, item in enumerate(value):
        try:
            records.append(_record(item))
        except InvalidInputError as error:
            problems += [
                p._replace(path=f"{position}.{p.path}".rstrip(".")) for p in error.problems
            ]
    if not problems and not records:
        problems.append(Problem("", "is empty", "Give at least one record."))
    if problems:
        raise InvalidResultError(problems=problems)
    return table_of(records)


def _record(item: Any) -> ResultRecords:
    if isinstance(item, ResultRecords):
        return item
    if isinstance(item, Mapping):
        return ResultRecords(**{str(key): value for key, value in item.items()})
    raise InvalidResultError(f"{item!r} is not a record")


def _checked_table(table: pd.DataFrame) -> pd.DataFrame:
    if set(table.columns) != set(RESULTS_COLUMNS) or len(table.columns) != len(RESULTS_COLUMNS):
        raise InvalidResultError(
            f"has the columns {list(map(str, table.columns))}",
            hint=f"A results table has the columns {RESULTS_COLUMNS}.",
        )
    if table.empty:
        raise InvalidResultError("is empty", hint="Give at least one row.")
    ordered = table[RESULTS_COLUMNS].reset_index(drop=True)
    try:
        # Cells may hold metrics; results carry their names. The caller's table stays as it is.
        return ordered.assign(
            Metric=[getattr(cell, "name", cell) for cell in ordered["Metric"]],
            Score=ordered["Score"].astype(float),
        )
    except (TypeError, ValueError) as cause:
        raise InvalidResultError(
            "has scores that are not numbers", hint="Give each row a number as its score."
        ) from cause


def parse_contributors(value: Any) -> list[str]:
    """Return a list of user names; refuse anything else, naming every bad one."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidInputError(f"must be a list of user names, not {type(value).__name__}")
    problems: list[Problem] = []
    for position, name in enumerate(value):
        try:
            check_name(str(name))
        except InvalidInputError as error:
            problems.append(Problem(str(position), error.message, error.hint))
    if problems:
        raise InvalidInputError(problems=problems)
    return [str(name) for name in value]


def _owner(value: Any) -> HubOwner:
    if isinstance(value, Mapping):
        return HubOwner(**keywords(value))
    return HubOwner.normalize(value)


def id_of(value: Any) -> str | None:
    """Return the id of an artifact, given it or the artifact."""
    found = getattr(value, "artifact_id", value)
    if found is not None and not isinstance(found, str):
        raise InvalidInputError(
            f"must be an artifact or its id, not {type(found).__name__}", hint="Write owner/slug."
        )
    return found


def spelt(name: str, *others: str) -> dict[str, tuple[str, ...]]:
    """Return the metadata of a field that documents spell in other ways, too."""
    return {"spellings": (*others, *map(to_camel, others), to_camel(name))}


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class EvaluationResult(Artifact):
    """The scores of one method, and who made it.

    Attributes:
        results: A table with the columns ``Test set``, ``Target label``, ``Metric`` and ``Score``;
            it may be given as records.
        github_url: Web address of the code; also spelt ``code_url``.
        paper_url: Web address of the paper; also spelt ``report_url``.
        contributors: Users who share the credit.
        model: Id of the model that was judged; assigning the model itself will do.
    """

    version: ClassVar[int] = 1
    error_type: ClassVar[type[InvalidResultError]] = InvalidResultError
    RESULTS_COLUMNS: ClassVar[list[str]] = RESULTS_COLUMNS

    results: pd.DataFrame = attrs.field(converter=_results)
    github_url: str | None = attrs.field(
        default=None,
        converter=attrs.converters.optional(http_url),
        metadata=spelt("github_url", "code_url"),
    )
    paper_url: str | None = attrs.field(
        default=None,
        converter=attrs.converters.optional(http_url),
        metadata=spelt("paper_url", "report_url"),
    )
    contributors: list[str] = attrs.field(factory=list, converter=parse_contributors)
    model: Any = attrs.field(
        default=None, converter=id_of, metadata=spelt("model", "model_artifact_id")
    )

    @property
    def model_artifact_id(self) -> str | None:
        """Id of the model that was judged."""
        return None if self.model is None else str(self.model)

    def __len__(self) -> int:
        return len(self.results)

    def _facts(self) -> dict[str, object]:
        return super()._facts() | {"Code": self.github_url, "Paper": self.paper_url}

    def _repr_html_(self) -> str:
        return card(
            self._title(),
            self._facts(),
            heading=[str(column) for column in self.results.columns],
            rows=self.results.itertuples(index=False),
            total=len(self.results),
        )


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkResultsV1(EvaluationResult):
    """The scores of one method on one benchmark.

    What it shares with all scores is documented on `EvaluationResult`.

    Attributes:
        benchmark_artifact_id: The benchmark, ``owner/slug``.
        benchmark_name: Its name, for those who give name and owner instead.
        benchmark_owner: Its owner.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.RESULT

    benchmark_artifact_id: str | None = attrs.field(default=None)
    benchmark_name: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(check_name)
    )
    benchmark_owner: HubOwner | None = attrs.field(
        default=None, converter=attrs.converters.optional(_owner)
    )
    # No field of documents: it is kept in a file of its own.
    _examples: Examples | None = attrs.field(
        default=None, init=False, on_setattr=attrs.setters.NO_OP
    )

    @property
    def examples(self) -> Examples | None:
        """What the method said of each row, where it was kept; assign None to drop it."""
        return self._examples

    @examples.setter
    def examples(self, value: Examples | None) -> None:
        if value is not None and not isinstance(value, Examples):
            raise InvalidResultError(
                f"examples cannot be a {type(value).__name__}",
                hint="benchmark.evaluate(…, keep_examples=True) returns results that have them.",
            )
        self._examples = value

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.benchmark_artifact_id is None and self.benchmark_name and self.benchmark_owner:
            derived = f"{self.benchmark_owner.slug}/{slugify(self.benchmark_name)}"
            object.__setattr__(self, "benchmark_artifact_id", derived)

    @rule("benchmark_artifact_id")
    def _benchmark_is_named_well(self) -> Iterator[Problem]:
        yield from _not_an_id("benchmark_artifact_id", self.benchmark_artifact_id)

    def _summary(self) -> str:
        return f"{len(self.results)} scores on {self.benchmark_artifact_id}"


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkResultsV2(BenchmarkResultsV1):
    """The scores of one method on one benchmark of version 2; test sets are named by its splits."""

    version: ClassVar[int] = 2


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class CompetitionResults(EvaluationResult):
    """The scores of one submission to a competition, as the hub computed them.

    What it shares with all scores is documented on `EvaluationResult`.

    Attributes:
        competition_artifact_id: The competition, ``owner/slug``; cannot be assigned.
        competition_name: Its name, for those who give name and owner instead.
        competition_owner: Its owner.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.COMPETITION_RESULT

    competition_artifact_id: str | None = attrs.field(default=None, on_setattr=frozen)
    competition_name: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(check_name), on_setattr=frozen
    )
    competition_owner: HubOwner | None = attrs.field(
        default=None, converter=attrs.converters.optional(_owner), on_setattr=frozen
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        owner, name = self.competition_owner, self.competition_name
        if self.competition_artifact_id is None and owner and name:
            derived = f"{owner.slug}/{slugify(name)}"
            object.__setattr__(self, "competition_artifact_id", derived)

    @rule("competition_artifact_id")
    def _competition_is_named_well(self) -> Iterator[Problem]:
        yield from _not_an_id("competition_artifact_id", self.competition_artifact_id)

    def _summary(self) -> str:
        return f"{len(self.results)} scores in {self.competition_artifact_id}"


def _not_an_id(field: str, value: Any) -> Iterator[Problem]:
    if value is not None and (not isinstance(value, str) or len(value.split("/")) != 2):
        yield Problem(field, f"{value!r} is not owner/slug", "Write owner/slug.")
