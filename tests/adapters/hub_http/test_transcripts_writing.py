"""What released clients wrote to released hubs, ours writes too: recorded exchanges, replayed.

The bodies are compared key by key; what differs is listed in each test, and explained in
``docs/reference/released-hubs.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.errors import InvalidInputError
from polaris.evaluate import BenchmarkResultsV1, BenchmarkResultsV2
from polaris.model import Model
from polaris.prediction import BenchmarkPredictionsV2, CompetitionPredictions

OpenHub = Callable[..., Any]

# Every body says which program wrote it.
ALWAYS = {"polarisVersion"}
# Left out since 0.13, for hubs that do not know it any more; earlier clients sent it.
ACCESS = {"access"}


def scores(**by_metric: float) -> pd.DataFrame:
    rows = [("test", "y", metric, score) for metric, score in by_metric.items()]
    return pd.DataFrame(rows, columns=["Test set", "Target label", "Metric", "Score"])


# -- benchmarks ---------------------------------------------------------------------------------


def test_a_benchmark_on_a_table(open_hub: OpenHub, smiles: Dataset) -> None:
    """0.12.1_upload_v1_bench."""
    opened = open_hub("0.12.1_upload_v1_bench", "0.13.0_get_v1", signed_in=True)
    grouped = {"label": "mean_squared_error", "config": {"group_by": "smiles"}}
    benchmark = SingleTaskBenchmarkSpecification(
        name="bench-v1", owner="acme", dataset=smiles, target_cols=["y"], input_cols=["smiles"],
        split=([0, 1], [2, 3]), target_types={"y": "regression"},
        metrics=["mean_absolute_error", grouped], main_metric="mean_absolute_error",
    )  # fmt: skip
    record = opened.client.upload_benchmark(benchmark)
    line = "PUT /api/v1/benchmark/acme/bench-v1"
    # Recorded was roc_auc on a regression target, which ours refuses.
    opened.hub.check_sent(line, differing=ALWAYS | {"metrics", "md5Sum"})
    sent, recorded = opened.hub.sent(line).json, opened.hub.recorded(line)
    assert sent["metrics"][1].keys() == recorded["metrics"][1].keys()
    assert sent["metrics"][1]["config"] == recorded["metrics"][1]["config"]
    assert opened.hub.lines == ["GET /api/v1/dataset/acme/data-v1", line]
    assert record.page == "https://hub.example/benchmarks/acme/x"


def _with_index_sets(archive: DatasetV2, **changes: Any) -> BenchmarkV2Specification:
    given: dict[str, Any] = {
        "name": "bench-v2", "owner": "acme", "dataset": archive, "target_cols": ["B"],
        "input_cols": ["A"], "metrics": ["mean_absolute_error"],
        "main_metric": "mean_absolute_error",
        "split": {"training": [0, 1, 2], "test": [3, 4, 5]},
    }  # fmt: skip
    return BenchmarkV2Specification(**(given | changes))


@pytest.mark.network
def test_a_benchmark_with_index_sets(open_hub: OpenHub, archive: DatasetV2) -> None:
    """0.12.1_upload_v2_bench."""
    opened = open_hub("0.12.1_upload_v2_bench", "0.13.0_get_v2", signed_in=True, loopback=True)
    opened.client.upload_benchmark(_with_index_sets(archive))
    line = "PUT /api/v2/benchmark/acme/bench-v2"
    opened.hub.check_sent(line, differing=ALWAYS)
    del opened.hub.exchanges[4:]
    opened.hub.check_token_and_puts()


def test_splits_that_have_names_are_refused_before_anything_is_sent(
    open_hub: OpenHub, archive: DatasetV2
) -> None:
    opened = open_hub("0.12.1_upload_v2_bench", "0.13.0_get_v2", signed_in=True)
    split = {"training": [0, 1], "test": [2]}
    for splits in ({"a": split, "b": split}, {"fold-a": split}):
        named = _with_index_sets(archive, split=None, splits=splits)
        with pytest.raises(InvalidInputError) as caught:
            opened.client.upload_benchmark(named)
        assert "one split" in caught.value.message
        assert caught.value.hint
    assert not any(line.startswith(("PUT", "POST")) for line in opened.hub.lines)


# -- results, models, predictions ---------------------------------------------------------------


def test_results(open_hub: OpenHub) -> None:
    """0.13.0_upload_results_v1."""
    opened = open_hub("0.13.0_upload_results_v1", "0.13.0_bench_v1", signed_in=True)
    results = BenchmarkResultsV1(
        name="res_one", owner="alice-u", benchmark_artifact_id="acme/bench-v1",
        github_url="https://github.com/a/b", paper_url="https://x.org/p", contributors=["bobby"],
        results=scores(mean_absolute_error=0.25),
    )  # fmt: skip
    record = opened.client.upload_results(results)
    opened.hub.check_sent("POST /api/v2/result", differing=ALWAYS | ACCESS)
    assert record.page == "https://hub.example/benchmarks/acme/bench-v1/results/77"


def test_results_on_index_sets(open_hub: OpenHub) -> None:
    """0.13.0_upload_results_v2."""
    opened = open_hub("0.13.0_upload_results_v2", "0.13.0_bench_v2", signed_in=True)
    results = BenchmarkResultsV2(
        name="res_two", owner="alice-u", benchmark_artifact_id="acme/bench-v2",
        model="acme/my-model", results=scores(mean_absolute_error=0.5, r2=-1.0),
    )  # fmt: skip
    opened.client.upload_results(results)
    opened.hub.check_sent("POST /api/v2/result", differing=ALWAYS | ACCESS)


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_predictions_that_results_kept_stay_here(
    open_hub: OpenHub, smiles: Dataset, generation: str
) -> None:
    names = {"g1": "0.6.0_upload_result", "g2": "0.13.0_upload_results_v1"}
    opened = open_hub(names[generation], "0.13.0_bench_v1", signed_in=True, generation=generation)
    benchmark = SingleTaskBenchmarkSpecification(
        name="bench-v1", owner="acme", dataset=smiles, target_cols=["y"], input_cols=["smiles"],
        split=([0, 1], [2, 3]), metrics=["mean_absolute_error"], main_metric="mean_absolute_error",
    )  # fmt: skip
    results = benchmark.evaluate([0.3, 0.5])
    assert results.examples is not None
    results.name = "res_one"
    opened.client.upload_results(results, owner="alice-u")
    assert [line for line in opened.hub.lines if not line.startswith("GET")] == [
        {"g1": "POST /api/v1/result", "g2": "POST /api/v2/result"}[generation]
    ]


def test_a_model(open_hub: OpenHub) -> None:
    """The upload of 0.13.0_password_upload_model."""
    opened = open_hub("0.13.0_password_upload_model", signed_in=True)
    model = Model(name="My_Model", description="d", owner="acme", code_url="https://x.org/c")
    record = opened.client.upload_model(model)
    opened.hub.check_sent("PUT /api/v2/model/acme/my-model", differing=ALWAYS | ACCESS)
    assert record.page == "https://hub.example/models/acme/my-model"


def test_a_model_that_follows_another(open_hub: OpenHub) -> None:
    """The upload of 0.13.0_exchange_upload_model."""
    opened = open_hub("0.13.0_exchange_upload_model", signed_in=True)
    opened.hub.exchanges.append(
        {
            "request": {"method": "GET", "path": "/api/v2/model/acme/old-model", "body": None},
            "response": {"status": 200, "headers": {}, "body": {"name": "old-model"}},
        }
    )
    model = Model(name="My_Model", description="d", owner="acme", code_url="https://x.org/c")
    opened.client.upload_model(model, parent_artifact_id="acme/old-model")
    # The released client lets the user number the versions.
    differing = ALWAYS | ACCESS | {"artifactVersion"}
    opened.hub.check_sent("PUT /api/v2/model/acme/my-model", differing=differing)


def test_predictions_for_a_competition(open_hub: OpenHub) -> None:
    """0.13.0_submit_competition."""
    opened = open_hub("0.13.0_submit_competition", "0.13.0_get_competition", signed_in=True)
    opened.hub.exchanges[1]["response"]["body"]["endTime"] = "2100-01-01T00:00:00Z"
    predictions = CompetitionPredictions(
        name="pred_one", owner="alice-u", paper_url="https://x.org/rep", contributors=["bobby"],
        predictions={"test": {"B": [1.0, 2.0, 3.0]}}, target_labels=["B"],
        test_set_labels=["test"], test_set_sizes={"test": 3},
    )  # fmt: skip
    opened.client.submit_competition_predictions("acme/comp-a", predictions)
    opened.hub.check_sent("POST /api/v1/competition-prediction", differing=ALWAYS)


@pytest.mark.network
def test_predictions_for_a_benchmark(open_hub: OpenHub, vectors: Path) -> None:
    """head_submit_benchmark_predictions."""
    names = ("head_submit_benchmark_predictions", "0.13.0_bench_v2")
    opened = open_hub(*names, signed_in=True, loopback=True)
    root = zarr.open_group(str(vectors / "zarr" / "two_columns.zarr"), mode="r")
    predictions = BenchmarkPredictionsV2(
        name="Pred_Two", owner="alice-u", benchmark_artifact_id="acme/bench-v2",
        model="acme/my-model", predictions={"fold-a": {"B": [1.0, 2.0, 3.0]}}, target_labels=["B"],
        test_set_labels=["fold-a"], test_set_sizes={"fold-a": 3}, dataset_zarr_root=root,
    )  # fmt: skip
    record = opened.client.submit_benchmark_predictions(predictions)
    line = "PUT /api/v2/prediction/alice-u/pred-two"
    opened.hub.check_sent(line, differing=ALWAYS | {"zarrManifestFileContent.md5Sum"})
    assert record.ref.slug == "pred-two-1"
    puts = [line for line in opened.hub.lines if line.startswith("PUT /hub-bkt/")]
    recorded = [e["request"] for e in opened.hub.exchanges if e["request"]["method"] == "PUT"]
    assert sorted(puts) == sorted(f"PUT {r['path']}" for r in recorded if "/hub-bkt" in r["path"])


# -- the older generation -----------------------------------------------------------------------


def test_a_benchmark_of_the_older_generation(open_hub: OpenHub, smiles: Dataset) -> None:
    """0.6.0_upload_bench."""
    opened = open_hub("0.6.0_upload_bench", "0.6.0_get", signed_in=True, generation="g1")
    dataset = opened.hub.exchanges[1]
    dataset["request"]["path"] = "/api/v1/dataset/acme/data-v1"
    dataset["response"]["body"] |= {"name": "data-v1", "md5Sum": smiles.md5sum}
    benchmark = SingleTaskBenchmarkSpecification(
        name="bench_v1", owner="acme", dataset=smiles, target_cols=["y"], input_cols=["smiles"],
        split=([0, 1], [2, 3]), target_types={"y": "regression"},
        metrics=["mean_absolute_error", "r2"], main_metric="mean_absolute_error",
    )  # fmt: skip
    opened.client.upload_benchmark(benchmark)
    # Test sets have names in ours, and the slug is in the path, as for datasets.
    opened.hub.check_sent(
        "PUT /api/v1/benchmark/acme/bench-v1", differing=ALWAYS | {"split"},
        recorded="PUT /api/v1/benchmark/acme/bench_v1",
    )  # fmt: skip
    sent = opened.hub.sent("PUT /api/v1/benchmark/acme/bench-v1").json
    assert sent["split"] == [[0, 1], {"test": [2, 3]}]


def test_results_of_the_older_generation(open_hub: OpenHub) -> None:
    """0.6.0_upload_result."""
    opened = open_hub("0.6.0_upload_result", "0.13.0_bench_v1", signed_in=True, generation="g1")
    results = BenchmarkResultsV1(
        name="res_one", owner="alice-u", benchmark_artifact_id="acme/bench-v1",
        github_url="https://x.org/c", contributors=["bobby"],
        results=scores(mean_absolute_error=0.04999999999999999, r2=-0.999999999999998),
    )  # fmt: skip
    opened.client.upload_results(results)
    # Ours knows the benchmark by its slug.
    opened.hub.check_sent("POST /api/v1/result", differing=ALWAYS | {"benchmarkName"})
