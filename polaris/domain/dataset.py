"""What every dataset says of itself, whatever holds its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args
from urllib.parse import urlsplit

import attrs

from polaris.domain.artifact import VersionedArtifact
from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.fields import check_assignment, keywords
from polaris.domain.html import card
from polaris.domain.identity import ArtifactKind
from polaris.domain.locations import location_text
from polaris.errors import InvalidDatasetError, InvalidInputError, Problem

__all__ = ["DatasetMetadata", "License", "http_url", "zarr_path"]

License = Literal["CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC0-1.0", "MIT"]


def http_url(value: Any) -> str:
    """Return a web address as it was typed; refuse anything else."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidInputError(
            f"{value!r} is not a web address", hint="It starts with http:// or https://."
        )
    return str(value)


def _license(value: Any) -> str:
    if not isinstance(value, str) or value not in get_args(License):
        raise InvalidInputError(
            f"{value!r} is not a license that a hub accepts",
            hint=f"Give one of {', '.join(get_args(License))}.",
        )
    return value


def _adapters(value: Any) -> dict[str, Adapter]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map columns to adapters, not {type(value).__name__}")
    found: dict[str, Adapter] = {}
    problems: list[Problem] = []
    for column, adapter in value.items():
        if isinstance(adapter, Adapter):
            found[str(column)] = adapter
        elif isinstance(adapter, str) and adapter in Adapter.__members__:
            found[str(column)] = Adapter[adapter]
        else:
            hint = f"Give one of {', '.join(Adapter.__members__)}."
            problems.append(Problem(str(column), f"{adapter!r} is not an adapter", hint))
    if problems:
        raise InvalidInputError(problems=problems)
    return found


def _annotations(value: Any) -> dict[str, ColumnAnnotation]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map columns to annotations, not {type(value).__name__}")
    found: dict[str, ColumnAnnotation] = {}
    problems: list[Problem] = []
    for column, annotation in value.items():
        try:
            found[str(column)] = _annotation(annotation)
        except InvalidInputError as error:
            problems += [p._replace(path=f"{column}.{p.path}".rstrip(".")) for p in error.problems]
    if problems:
        raise InvalidInputError(problems=problems)
    return found


def _annotation(value: Any) -> ColumnAnnotation:
    if isinstance(value, ColumnAnnotation):
        return value
    if isinstance(value, Mapping):
        return ColumnAnnotation(**keywords(value))
    raise InvalidInputError(f"must be a ColumnAnnotation, not {type(value).__name__}")


def _replace_annotations(
    dataset: DatasetMetadata, attribute: attrs.Attribute[Any], new: Any
) -> dict[str, ColumnAnnotation]:
    """Check new annotations; a column without one gets an empty one, as in the constructor."""
    return dataset._completed(check_assignment(dataset, attribute, new))


def zarr_path(value: Any) -> str:
    """Return the path of an archive as text; refuse what is no path."""
    return location_text(value)


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class DatasetMetadata(VersionedArtifact):
    """What every dataset says of itself.

    Attributes:
        default_adapters: Conversion of each column that has one; names are accepted.
        zarr_root_path: Where the dataset's Zarr archive lies.
        annotations: What each column means; columns without one get an empty one.
        source: Web address of where the data came from.
        license: One of the licenses that a hub accepts.
        curation_reference: Web address of how the data was curated.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.DATASET
    error_type: ClassVar[type[InvalidInputError]] = InvalidDatasetError
    computed: ClassVar[frozenset[str]] = VersionedArtifact.computed | {
        "n_rows", "nRows", "n_columns", "nColumns", "zarrMd5SumManifest", "zarr_md5sum_manifest",
        "cache_dir", "cacheDir",
    }  # fmt: skip

    default_adapters: dict[str, Adapter] = attrs.field(factory=dict, converter=_adapters)
    zarr_root_path: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(zarr_path)
    )
    annotations: dict[str, ColumnAnnotation] = attrs.field(
        factory=dict, converter=_annotations, on_setattr=_replace_annotations
    )
    source: str | None = attrs.field(default=None, converter=attrs.converters.optional(http_url))
    license: str | None = attrs.field(default=None, converter=attrs.converters.optional(_license))
    curation_reference: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(http_url)
    )

    def _completed(self, annotations: dict[str, ColumnAnnotation]) -> dict[str, ColumnAnnotation]:
        """Return annotations of all columns, where it is known which columns there are."""
        return annotations

    def _facts(self) -> dict[str, object]:
        return super()._facts() | {"License": self.license, "Source": self.source}

    def _repr_html_(self) -> str:
        rows = (
            (name, a.dtype, a.modality.value, "yes" if a.is_pointer else "", a.description or "")
            for name, a in self.annotations.items()
        )
        return card(
            self._title(),
            self._facts(),
            heading=["Column", "Type", "Modality", "Pointer", "Description"],
            rows=rows,
            total=len(self.annotations),
        )
