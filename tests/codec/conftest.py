"""Artifacts for the tests of the codec."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.results import BenchmarkResultsV1


@pytest.fixture
def table() -> pd.DataFrame:
    """Four molecules, labelled by texts."""
    return pd.DataFrame(
        {"smiles": list("CNOF"), "y": [0.5, 1.5, 2.5, 3.5], "active": [0, 1, 0, 1]},
        index=list("abcd"),
    )


@pytest.fixture
def dataset(table: pd.DataFrame) -> DatasetV1:
    """A dataset with everything that one can say of itself."""
    return DatasetV1(
        name="Four_Molecules",
        owner="acme",
        description="Four atoms, β and «quotes».",
        tags=["small"],
        user_attributes={"year": "2024"},
        readme="# Four\n",
        license="CC-BY-4.0",
        source="https://a.org/x",
        curation_reference="https://a.org/y",
        artifact_version=3,
        artifact_changelog="fixed",
        default_adapters={"smiles": "SMILES_TO_MOL"},
        annotations={
            "smiles": ColumnAnnotation(
                modality="molecule",
                content_type="chemical/x-smiles",
                description="a structure",
                user_attributes={"unit": "none"},
            )
        },
        table=table,
    )


@pytest.fixture
def benchmark(dataset: DatasetV1) -> BenchmarkV1Specification:
    """A benchmark with several targets, test sets and metrics."""
    return BenchmarkV1Specification(
        name="Four_Tasks",
        owner="acme",
        description="text",
        dataset=dataset,
        input_cols=["smiles"],
        target_cols=["y", "active"],
        split=(np.array([1, 0]), {"ood": [3], "iid": [2, 3]}),
        metrics=[
            "r2",
            {"label": "mean_absolute_error", "config": {"group_by": "active"}, "name": "mine"},
        ],
        main_metric="mine",
    )


@pytest.fixture
def results() -> BenchmarkResultsV1:
    """Results on that benchmark."""
    return BenchmarkResultsV1(
        name="my_results",
        owner="acme",
        benchmark_artifact_id="acme/four-tasks",
        github_url="https://a.org/code",
        paper_url="https://a.org/paper",
        contributors=["user_one"],
        model="acme/model-one",
        results=[
            {"test_set": "ood", "target_label": "y", "scores": {"r2": 0.5, "mine": 1.0}},
            {"test_set": "iid", "target_label": "y", "scores": {"r2": -0.5}},
        ],
    )
