"""The metrics that a user or a document names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from polaris.domain.fields import keywords
from polaris.domain.metrics.metric import Metric
from polaris.errors import InvalidInputError, InvalidMetricError, Problem

__all__ = ["parse_metric", "parse_metrics"]


def parse_metric(value: Any) -> Metric:
    """Return the metric that a label, a mapping or a metric names.

    Raises:
        InvalidMetricError: There is no such metric, or its configuration breaks a rule.
    """
    if isinstance(value, Metric):
        return value
    if isinstance(value, Mapping):
        return Metric(**keywords(value))
    if isinstance(value, str):
        return Metric(value)
    raise InvalidMetricError(
        f"{value!r} is not a metric", hint="Give a label, a mapping or a Metric."
    )


def parse_metrics(value: Any) -> list[Metric]:
    """Return the metrics that one or several labels, mappings or metrics name, in their order.

    Raises:
        InvalidMetricError: There is none, one is unknown, two are the same, or two have the same
            name; all of it is reported at once.
    """
    single = isinstance(value, str | Mapping | Metric)
    if not single and not isinstance(value, Iterable):
        raise InvalidMetricError(f"must be metrics, not {type(value).__name__}")
    items = [value] if single else list(value)
    if isinstance(value, set | frozenset):
        items.sort(key=str)
    if not items:
        raise InvalidMetricError("is empty", hint="Name at least one metric.")
    metrics: list[Metric] = []
    problems: list[Problem] = []
    for position, item in enumerate(items):
        try:
            metrics.append(parse_metric(item))
        except InvalidInputError as error:
            problems += [
                p._replace(path=f"{position}.{p.path}".rstrip(".")) for p in error.problems
            ]
    problems += _repeats(metrics)
    if problems:
        raise InvalidMetricError(problems=problems)
    return metrics


def _repeats(metrics: list[Metric]) -> Iterable[Problem]:
    seen: set[str] = set()
    names: set[str] = set()
    for metric in metrics:
        if metric.checksum_text in seen:
            yield Problem("", f"there are duplicate metrics {metric.name!r}", "Name each once.")
        elif metric.name in names:
            yield Problem(
                "",
                f"metrics need to have unique names; there are several {metric.name!r}",
                "Give one of them another name with name=….",
            )
        seen.add(metric.checksum_text)
        names.add(metric.name)
