"""Values whose problems are all found at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.fields import to_camel
from polaris.errors import InvalidBenchmarkError, InvalidDatasetError

Make = Callable[..., BenchmarkV1Specification]


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("name", "name"),
        ("polaris_version", "polarisVersion"),
        ("md5sum", "md5Sum"),
        ("zarr_md5sum_manifest", "zarrMd5SumManifest"),
        ("n_rows", "nRows"),
    ],
)
def test_fields_are_spelt_on_the_wire_as_by_the_released_clients(name: str, spelt: str) -> None:
    assert to_camel(name) == spelt


def test_all_problems_of_a_dataset_are_reported_together_each_with_a_path() -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        DatasetV1(
            name="no!",
            owner="Acme",
            tags="one",
            source="nowhere",
            license="GPL",
            default_adapters={"x": "NO_ADAPTER", "gone": "SMILES_TO_MOL"},
            annotations={"x": {"modality": "smell"}, "y": {"is_pointer": "yes"}, "z": 5},
            zarr_root_path="data.zarr",
            table=pd.DataFrame({"x": [1]}),
        )
    paths = [problem.path for problem in caught.value.problems]
    assert sorted(paths) == sorted(
        [
            "name",
            "owner.slug",
            "tags",
            "default_adapters.x",
            "annotations.x.modality",
            "annotations.y.is_pointer",
            "annotations.z",
            "source",
            "license",
        ]
    )
    hinted = {problem.path for problem in caught.value.problems if problem.hint}
    assert {"name", "owner.slug", "source", "license", "annotations.x.modality"} <= hinted


def test_rules_over_several_fields_run_even_if_other_fields_are_bad() -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        DatasetV1(
            name="no",
            table=pd.DataFrame({"x": [1]}),
            annotations={"gone": {}, "x": {"is_pointer": True}},
            default_adapters={"lost": "SMILES_TO_MOL"},
        )
    assert sorted(problem.path for problem in caught.value.problems) == [
        "annotations.gone",
        "default_adapters.lost",
        "name",
        "zarr_root_path",
    ]


def test_all_problems_of_a_benchmark_are_reported_together(make_benchmark: Make) -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        make_benchmark(
            name="no",
            input_cols=[],
            target_cols=["gone"],
            split=([0, 1, 7], {"a": [1], "b": []}),
            metrics=["r2", "r2", "nonsense"],
        )
    paths = [problem.path for problem in caught.value.problems]
    assert sorted(paths) == [
        "input_cols",
        "metrics",
        "metrics.2.label",
        "name",
        "split.test.a",
        "split.test.b",
        "target_cols",
    ]
    assert all(problem.message for problem in caught.value.problems)


def test_a_missing_field_is_one_problem_among_the_others() -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        BenchmarkV1Specification(name="no", target_cols="y", input_cols="x")  # type: ignore[call-arg]
    found = [(problem.path, problem.message) for problem in caught.value.problems]
    assert ("dataset", "is required") in found
    assert ("split", "is required") in found
    assert ("metrics", "is required") in found
    assert len(found) == 4


def test_the_message_is_one_line_and_the_hints_are_not_repeated(make_benchmark: Make) -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        make_benchmark(input_cols=["one", "two"])
    error = caught.value
    assert "\n" not in str(error)
    assert len(error.problems) == 2
    assert error.hint.count("Its columns are") == 1


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("split", ([0], [0]), "split.test.test"),
        ("split", ([0], [6]), "split.test.test"),
        ("split", "nonsense", "split"),
        ("metrics", ["r2", "nonsense"], "metrics.1.label"),
        ("metrics", ["accuracy"], "metrics"),
        ("target_cols", "gone", "target_cols"),
        ("target_cols", "smiles", "input_cols"),
        ("input_cols", [], "input_cols"),
        ("main_metric", "accuracy", "main_metric"),
        ("target_types", {"y": "colour"}, "target_types.y"),
        ("target_types", {"smiles": "regression"}, "target_types.smiles"),
        ("dataset", {"table": None}, "dataset"),
        ("name", "no", "name"),
    ],
)
def test_a_refused_assignment_leaves_a_benchmark_as_it_was(
    benchmark: BenchmarkV1Specification, field: str, value: Any, path: str
) -> None:  # W11
    before, md5sum = getattr(benchmark, field), benchmark.md5sum
    main = benchmark.main_metric
    with pytest.raises(InvalidBenchmarkError) as caught:
        setattr(benchmark, field, value)
    assert path in [problem.path for problem in caught.value.problems]
    assert getattr(benchmark, field) == before
    assert (benchmark.md5sum, benchmark.main_metric) == (md5sum, main)


def test_positional_arguments_beyond_the_fields_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="positional"):
        DatasetV1("table")  # type: ignore[call-arg]
