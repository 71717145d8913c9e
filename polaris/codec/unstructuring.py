"""Domain values as plain JSON values, in the camelCase of the wire or the snake_case of files."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache, partial
from typing import Any

import attrs
import cattrs
import numpy as np

from polaris.domain.artifact import Artifact
from polaris.domain.column_adapters import Adapter
from polaris.domain.column_names import ColumnNames
from polaris.domain.columns import ColumnAnnotation, Modality
from polaris.domain.fields import to_camel
from polaris.domain.identity import HubOwner
from polaris.domain.metrics.grouped import GroupedMetricConfig
from polaris.domain.metrics.metric import Metric
from polaris.domain.results import ResultRecords
from polaris.domain.splits import SplitV1

__all__ = [
    "Spelling",
    "camel",
    "fields_of",
    "finite",
    "known_annotations",
    "known_only",
    "plain",
    "snake",
    "without_nulls",
]

Spelling = Callable[[str], str]


def camel(name: str) -> str:
    """Spell a field as the wire does."""
    return to_camel(name)


def snake(name: str) -> str:
    """Spell a field as files do."""
    return name


def without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping without the keys whose value is None."""
    return {key: item for key, item in value.items() if item is not None}


def _metric(metric: Metric) -> dict[str, Any]:
    # The configuration is snake_case on the wire as well.
    config = None if metric.config is None else without_nulls(attrs.asdict(metric.config))
    parts = {
        "label": metric.label, "config": config, "kind": metric.kind, "name": metric.name,
    }  # fmt: skip
    return without_nulls(parts)


def _dtype_name(dtype: Any) -> str | None:
    """Return what numpy knows a type by; None for one of pandas', which the table tells anyway.

    Released clients hand the name to numpy when they load a document, and fail if it is unknown.
    """
    name = str(getattr(dtype, "name", dtype))
    with contextlib.suppress(TypeError, ValueError):
        np.dtype(name)
        return name
    # Texts of fixed width have names that numpy does not take back.
    return dtype.str if isinstance(dtype, np.dtype) else None


def finite(score: float) -> float | None:
    """Return a score as JSON has it: null where it does not exist (NaN) or is not finite."""
    return score if math.isfinite(score) else None


@cache
def _converter(spell: Spelling) -> cattrs.Converter:
    converter = cattrs.Converter()

    def annotation(value: ColumnAnnotation) -> dict[str, Any]:
        parts = {
            spell("is_pointer"): value.is_pointer,
            spell("modality"): value.modality.name,
            spell("description"): value.description,
            spell("user_attributes"): value.user_attributes,
            spell("dtype"): None if value.dtype is None else _dtype_name(value.dtype),
            spell("content_type"): value.content_type,
        }
        return without_nulls(parts)

    def record(value: ResultRecords) -> dict[str, Any]:
        return {
            spell("test_set"): value.test_set,
            spell("target_label"): value.target_label,
            "scores": {name: finite(score) for name, score in value.scores.items()},
        }

    hooks: list[tuple[type, Callable[[Any], Any]]] = [
        (HubOwner, str),
        (datetime, datetime.isoformat),
        (Enum, lambda member: member.value),
        (Modality, lambda member: member.name),
        (Adapter, lambda member: member.name),
        (ColumnAnnotation, annotation),
        (ColumnNames, list),
        (GroupedMetricConfig, lambda config: without_nulls(attrs.asdict(config))),
        (Metric, _metric),
        (ResultRecords, record),
        (SplitV1, SplitV1.as_lists),
    ]
    for kind, hook in hooks:
        # By predicate: by type, cattrs would resolve annotations that are for type checkers only.
        converter.register_unstructure_hook_func(partial(_is_a, kind), hook)
    # By type, for cattrs takes every kind of text for plain before it asks a predicate.
    converter.register_unstructure_hook(StrEnum, lambda member: member.value)
    return converter


def _is_a(kind: type, candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, kind)


def plain(value: Any, spell: Spelling) -> Any:
    """Return a domain value as a plain JSON value."""
    return _converter(spell).unstructure(value)


def fields_of(
    artifact: Artifact, spell: Spelling, *, without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an artifact's fields as plain values, in the order of declaration, nulls left out."""
    names = [
        field.name
        for field in attrs.fields(type(artifact))
        if field.init and not field.name.startswith("_") and field.name not in without
    ]
    return without_nulls({spell(name): plain(getattr(artifact, name), spell) for name in names})


def known_only(document: Mapping[str, Any], cls: type) -> dict[str, Any]:
    """Return what of a document a class understands; nulls count as absent.

    Documents of newer hubs have keys that are not known yet; they must not get in the way.
    """
    names: set[str] = set()
    for field in attrs.fields(cls):
        if field.init:
            alias = field.alias or field.name
            names |= {alias, to_camel(alias), *field.metadata.get("spellings", ())}
    return {
        key: _known_part(value, _PARTS[key]) if key in _PARTS else value
        for key, value in document.items()
        if key in names and value is not None
    }


def known_annotations(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the annotations of a document without keys that are not known yet."""
    annotations = document.get("annotations")
    if not isinstance(annotations, Mapping):
        return {} if annotations is None else {"annotations": annotations}
    return {
        "annotations": {
            column: known_only(value, ColumnAnnotation) if isinstance(value, Mapping) else value
            for column, value in annotations.items()
        }
    }


# What stands below some keys of a document, alone or in a list.
_PARTS: dict[str, type] = {
    "owner": HubOwner, "benchmark_owner": HubOwner, "benchmarkOwner": HubOwner,
    "competition_owner": HubOwner, "competitionOwner": HubOwner,
    "metrics": Metric, "main_metric": Metric, "mainMetric": Metric,
    "config": GroupedMetricConfig, "results": ResultRecords,
}  # fmt: skip


def _known_part(value: Any, cls: type) -> Any:
    if isinstance(value, Mapping):
        return known_only(value, cls)
    return [_known_part(item, cls) for item in value] if isinstance(value, list) else value
