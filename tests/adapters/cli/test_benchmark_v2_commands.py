"""``polaris benchmark`` on benchmarks with index sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import zarr

import polaris as po
from polaris.benchmark import BenchmarkV2Specification, SplitV2
from polaris.dataset import DatasetV2

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

ID = "acme/number-splits"


@pytest.fixture
def large(tmp_path: Path) -> BenchmarkV2Specification:
    """A benchmark of twenty rows with two splits."""
    root = zarr.open_group(str(tmp_path / "numbers.zarr"), mode="w", zarr_format=2)
    for name in ("x", "y"):
        root.create_array(name, data=np.arange(20.0), chunks=(5,))
    zarr.consolidate_metadata(root.store)
    dataset = DatasetV2(
        name="twenty_numbers",
        owner="acme",
        license="MIT",
        zarr_root_path=str(tmp_path / "numbers.zarr"),
    )
    return BenchmarkV2Specification(
        name="number_splits",
        owner="acme",
        dataset=dataset,
        input_cols="x",
        target_cols="y",
        splits={
            "random": SplitV2(training=range(15), test=range(15, 20)),
            "zero-shot": SplitV2(training=[], test=range(20)),
        },
    )


@pytest.fixture
def on_hub(polaris: Polaris, large: BenchmarkV2Specification, tmp_path: Path) -> Polaris:
    """Runs ``polaris`` on a hub that has the benchmark and its dataset."""
    benchmark = Path(large.to_json(tmp_path / "saved"))
    for noun, file in (
        ("dataset", benchmark.with_name("twenty-numbers.json")),
        ("benchmark", benchmark),
    ):
        ended = polaris(noun, "put", str(file), "--access", "public")
        assert ended.code == 0, ended.err
    return polaris


def test_it_is_listed_and_shown(on_hub: Polaris) -> None:
    assert on_hub("benchmark", "ls").out == f"{ID}\n"
    shown = on_hub("benchmark", "info", ID).out
    fields = dict(line.split("  ", maxsplit=1) for line in shown.splitlines())
    assert fields["splits"].split() == ["random,", "zero-shot"]
    assert "random" in fields["test rows"]
    assert "20" in fields["test rows"]
    assert "md5sum" not in fields
    document = on_hub("benchmark", "info", ID, "--json").data["document"]
    assert document["nTestDatapoints"] == {"random": 5, "zero-shot": 20}


def test_get_saves_what_was_published(
    on_hub: Polaris, large: BenchmarkV2Specification, tmp_path: Path
) -> None:
    ended = on_hub("benchmark", "get", ID, str(tmp_path / "copy"))
    assert ended.code == 0, ended.err
    assert po.load_benchmark(ended.out.strip()) == large
    data = on_hub("benchmark", "get", ID, str(tmp_path / "copy"), "--json").data
    assert data == {"artifactId": ID, "path": ended.out.strip()}
