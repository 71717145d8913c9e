"""The JSON documents of benchmarks with index sets: canonical, and as files on disk.

The canonical document says where the bitmaps lie; a file holds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from polaris.codec.index_sets import index_set_from_file, index_set_to_file
from polaris.codec.unstructuring import (
    Spelling,
    camel,
    fields_of,
    known_only,
    plain,
    snake,
    without_nulls,
)
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.index_set import IndexSet
from polaris.domain.split_v2 import UNNAMED_SPLIT, SplitV2
from polaris.errors import DamagedFileError

__all__ = [
    "announced_splits",
    "benchmark_v2_from_document",
    "benchmark_v2_from_file",
    "benchmark_v2_to_document",
    "benchmark_v2_to_file",
    "dataset_checksum_of",
    "is_benchmark_v2",
    "published_bitmaps",
]

BenchmarkV2T = TypeVar("BenchmarkV2T", bound=BenchmarkV2Specification)

# What is written in forms of its own.
_APART = ("dataset", "splits", "metrics", "n_classes")
_PARTS = ("training", "test")


def is_benchmark_v2(document: Mapping[str, Any]) -> bool:
    """Tell a document of a benchmark with index sets from one with lists of indices."""
    return document.get("version") == BenchmarkV2Specification.version


def _derived(benchmark: BenchmarkV2Specification, spell: Spelling) -> dict[str, Any]:
    main = benchmark.main_metric
    found = {
        "metrics": plain(benchmark.metrics, spell) if benchmark.metrics else None,
        "main_metric": None if main is None else main.name,
        "target_types": plain(benchmark.target_types, spell),
        "n_classes": dict(benchmark.n_classes),
        "dataset_artifact_id": benchmark.dataset_artifact_id,
        "task_type": benchmark.task_type.value,
        "n_splits": benchmark.n_splits,
        "split_labels": benchmark.split_labels,
        "max_index": benchmark.max_index,
        "n_train_datapoints": benchmark.n_train_datapoints,
        "n_test_datapoints": benchmark.n_test_datapoints,
    }
    return {spell(name): value for name, value in without_nulls(found).items()}


# -- canonical ------------------------------------------------------------------------------------


def published_bitmaps(benchmark: BenchmarkV2Specification) -> Iterator[tuple[str, IndexSet]]:
    """Yield the key of each bitmap among the objects of the benchmark, and its index set."""
    for position, split in enumerate(benchmark.splits.values()):
        for part in _PARTS:
            yield _key(position, part), getattr(split, part)


def _key(position: int, part: str) -> str:
    # By number, since a label can be any text.
    return f"splits/{position}/{part}.roaring"


def benchmark_v2_to_document(benchmark: BenchmarkV2Specification) -> dict[str, Any]:
    """Return the canonical document without what all artifacts derive."""
    splits = {
        label: {
            part: {
                "filePath": _key(position, part),
                "datapoints": indices.datapoints,
                "md5Checksum": indices.md5_checksum,
            }
            for part, indices in (("training", split.training), ("test", split.test))
        }
        for position, (label, split) in enumerate(benchmark.splits.items())
    }
    dataset = benchmark.dataset
    # Where it is not known, it would take reading the whole archive.
    known = dataset.zarr_manifest_md5sum if dataset.has_zarr_manifest_md5sum else None
    return (
        fields_of(benchmark, camel, without=_APART)
        | {"split": splits, "datasetZarrManifestMd5Sum": known}
        | _derived(benchmark, camel)
    )


def dataset_checksum_of(document: Mapping[str, Any]) -> str | None:
    """Return the manifest checksum that the dataset had when the benchmark was published."""
    return document.get("datasetZarrManifestMd5Sum")


def announced_splits(
    document: Mapping[str, Any], *, source: str
) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return what a canonical document says of its bitmaps, by label and part.

    Each has ``filePath``, the key of its object, and mostly ``datapoints`` and ``md5Checksum``.

    Raises:
        DamagedFileError: The document does not say where they lie.
    """
    splits = document.get("split")
    if isinstance(splits, Mapping) and splits:
        try:
            found = {
                label: {part: split[part] for part in _PARTS} for label, split in splits.items()
            }
        except (KeyError, TypeError):
            found = {}
        parts = [part for split in found.values() for part in split.values()]
        if parts and all(
            isinstance(part, Mapping) and isinstance(part.get("filePath"), str) for part in parts
        ):
            return found
    raise DamagedFileError(
        f"{source} does not say where the bitmaps of its splits lie",
        hint="Publish the benchmark again.",
    )


def benchmark_v2_from_document(
    document: Mapping[str, Any],
    *,
    splits: Mapping[str, SplitV2],
    dataset: DatasetV2,
    cls: type[BenchmarkV2T],
) -> BenchmarkV2T:
    """Return the benchmark that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        splits: Its splits, whatever the document says of them.
        dataset: Its dataset.
        cls: The class to construct.

    Raises:
        InvalidBenchmarkError: The document breaks a rule; all problems are reported.
    """
    known = known_only(document, cls)
    for name in ("dataset", "split", "splits"):
        known.pop(name, None)
    return cls(**known, splits=splits, dataset=dataset)


# -- files ----------------------------------------------------------------------------------------


def benchmark_v2_to_file(benchmark: BenchmarkV2Specification, *, dataset: str) -> dict[str, Any]:
    """Return the JSON document of a benchmark on disk.

    A benchmark with metrics and the one split ``test`` has the keys of polaris-lib 0.13.

    Args:
        benchmark: The benchmark.
        dataset: Path of its dataset's document, relative to the document.
    """
    splits = {
        label: {part: index_set_to_file(getattr(split, part)) for part in _PARTS}
        for label, split in benchmark.splits.items()
    }
    is_single = bool(benchmark.metrics) and benchmark.split_labels == [UNNAMED_SPLIT]
    return without_nulls(
        fields_of(benchmark, snake, without=_APART)
        | {"dataset": dataset}
        | ({"split": splits[UNNAMED_SPLIT]} if is_single else {"splits": splits})
        | _derived(benchmark, snake)
        | {
            "artifact_id": benchmark.artifact_id,
            "urn": benchmark.urn,
            "version": benchmark.version,
        }
    )


def benchmark_v2_from_file(
    document: Mapping[str, Any],
    *,
    dataset: DatasetV2,
    cls: type[BenchmarkV2T],
    source: str,
    verify: bool,
) -> BenchmarkV2T:
    """Return the benchmark that a JSON document on disk describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        dataset: Its dataset.
        cls: The class to construct.
        source: Where it came from, for errors.
        verify: Compare the bitmaps with the checksums that the document has.

    Raises:
        InvalidBenchmarkError: The document breaks a rule; all problems are reported.
        DamagedFileError: An index set is missing or cannot be decoded.
        PolarisChecksumError: One differs from its checksum.
    """
    given = document.get("splits")
    if given is None:
        given = {UNNAMED_SPLIT: document.get("split")}
    if not isinstance(given, Mapping):
        raise DamagedFileError(
            f"{source}: splits is a JSON {type(given).__name__}, not an object",
            hint="Save the benchmark again with to_json.",
        )
    splits: dict[str, Any] = {}
    for label, split in given.items():
        what = f"{source}: split {label!r}"
        if not isinstance(split, Mapping) or any(part not in split for part in _PARTS):
            raise DamagedFileError(
                f"{what} does not have a training set and a test set",
                hint="Save the benchmark again with to_json.",
            )
        splits[label] = {
            part: index_set_from_file(split[part], source=f"{what}, {part}", verify=verify)
            for part in _PARTS
        }
    return benchmark_v2_from_document(document, splits=splits, dataset=dataset, cls=cls)
