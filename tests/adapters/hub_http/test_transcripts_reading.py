"""What released clients read of released hubs, ours reads too: recorded exchanges, replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest

from polaris.errors import AccessDeniedError, ArtifactNotFoundError, PolarisChecksumError

OpenHub = Callable[..., Any]


def _without_tokens(hub: Any) -> bool:
    return not any("authorization" in asked.headers for asked in hub.asked)


def test_lists_ask_for_the_newer_version_first(open_hub: OpenHub) -> None:
    """0.13.0_lists."""
    opened = open_hub("0.13.0_lists")
    assert opened.client.list_datasets(limit=10) == ["acme/data-v2", "acme/data-v1"]
    assert opened.client.list_benchmarks(limit=10, offset=3) == ["acme/bench-v2", "acme/bench-v1"]
    requests = [exchange["request"] for exchange in opened.hub.exchanges]
    assert [(a.path, urlencode(a.query)) for a in opened.hub.asked] == [
        (request["path"], request["query"]) for request in requests
    ]
    assert _without_tokens(opened.hub)


def test_a_table(open_hub: OpenHub) -> None:
    """0.13.0_get_v1."""
    opened = open_hub("0.13.0_get_v1")
    dataset = opened.client.get_dataset("acme", "data-v1")
    assert dataset.md5sum == "a2e25d02e5b265ca6311c7ae70ce8c98"
    assert dataset.table["smiles"].tolist() == ["CCO", "CCN", "CCC", "CCCl"]
    assert opened.hub.lines == ["GET /api/v1/dataset/acme/data-v1", "GET /pub/t.parquet"]
    assert _without_tokens(opened.hub)


def test_a_table_that_is_not_what_was_published(open_hub: OpenHub) -> None:
    opened = open_hub("0.13.0_get_v1")
    opened.hub.exchanges[0]["response"]["body"]["md5Sum"] = "f" * 32
    with pytest.raises(PolarisChecksumError):
        opened.client.get_dataset("acme", "data-v1")
    assert len(opened.client.get_dataset("acme", "data-v1", verify_checksum=False)) == 4


def test_a_table_with_an_archive(open_hub: OpenHub) -> None:
    """0.13.0_get_v1_zarr."""
    opened = open_hub("0.13.0_get_v1_zarr")
    dataset = opened.client.get_dataset("acme", "data-v1z", verify_checksum="verify_unless_zarr")
    assert dataset.get_data(dataset.rows[2], "img").shape == (2, 3)
    assert _without_tokens(opened.hub)


def test_an_archive(open_hub: OpenHub) -> None:
    """0.13.0_get_v2."""
    opened = open_hub("0.13.0_get_v2")
    dataset = opened.client.get_dataset("acme", "data-v2")
    assert sorted(dataset.columns) == ["A", "B"]
    assert dataset[0].keys() == {"A", "B"}
    assert opened.hub.lines[:2] == [
        "GET /api/v1/dataset/acme/data-v2",
        "GET /api/v2/dataset/acme/data-v2",
    ]
    assert {"GET /pub/d2.zarr/A/0", "GET /pub/d2.zarr/B/0"} <= set(opened.hub.lines)
    # Nothing says what the archive should be, so it is not read only to be digested.
    assert "HEAD /pub/d2.zarr/A/1" not in opened.hub.lines
    assert _without_tokens(opened.hub)


def test_a_benchmark_on_a_table(open_hub: OpenHub) -> None:
    """0.13.0_bench_v1."""
    opened = open_hub("0.13.0_bench_v1")
    # The released client compares nothing; this one has a wrong checksum.
    with pytest.raises(PolarisChecksumError):
        opened.client.get_benchmark("acme", "bench-v1")
    benchmark = opened.client.get_benchmark("acme", "bench-v1", verify_checksum=False)
    train, test = benchmark.get_train_test_split()
    assert (len(train), len(test)) == (2, 2)
    assert benchmark.dataset.artifact_id == "acme/data-v1"
    assert _without_tokens(opened.hub)


@pytest.mark.parametrize(
    ("transcript", "name", "label"),
    [("0.13.0_bench_v2", "bench-v2", "test"), ("head_get_benchmark_v2", "bench-v2h", "fold-a")],
)
def test_both_shapes_of_benchmarks_with_index_sets(
    open_hub: OpenHub, transcript: str, name: str, label: str
) -> None:
    opened = open_hub(transcript)
    benchmark = opened.client.get_benchmark("acme", name)
    assert benchmark.split_labels == [label]
    assert list(benchmark.splits[label].training) == [0, 1, 2]
    assert list(benchmark.splits[label].test) == [3, 4, 5]
    assert _without_tokens(opened.hub)


@pytest.mark.parametrize("transcript", ["0.13.0_get_competition", "head_get_competition"])
def test_a_competition_with_and_without_metrics(open_hub: OpenHub, transcript: str) -> None:
    opened = open_hub(transcript)
    competition = opened.client.get_competition("acme/comp-a")
    train, test = competition.get_train_test_split()
    assert (len(train), len(test)) == (3, 3)
    assert opened.hub.lines[0] == "GET /api/v1/competition/acme/comp-a"
    assert _without_tokens(opened.hub)


def _form_is_as_recorded(hub: Any, resource: str) -> None:
    forms = [asked.form for asked in hub.asked if asked.path == "/api/auth/token"]
    recorded = [
        dict(parse_qsl(e["request"]["body"]))
        for e in hub.exchanges
        if e["request"]["path"] == "/api/auth/token"
    ]
    [expected] = [form for form in recorded if form.get("resource") == resource][:1]
    # Released clients send the word "None": they have no id.
    assert {key: value for key, value in expected.items() if key != "client_id"} in forms
    assert not any(
        "authorization" in asked.headers for asked in hub.asked if asked.path == "/api/auth/token"
    )


@pytest.mark.network
def test_a_table_and_its_archive_by_storage_token(open_hub: OpenHub) -> None:
    """0.12.1_get_v1_zarr."""
    opened = open_hub("0.12.1_get_v1_zarr", signed_in=True, loopback=True)
    dataset = opened.client.get_dataset("acme", "data-zarr", verify_checksum="verify_unless_zarr")
    assert dataset.get_data(dataset.rows[2], "img").shape == (2, 3)
    _form_is_as_recorded(opened.hub, "urn:polaris:dataset:acme:data-zarr")
    read = opened.hub.sent("GET /bkt/datasets/2/data.zarr/img/2.0.0")
    assert read.headers["x-amz-security-token"] == "jwt/sto.jwt"
    assert "/auto/s3/aws4_request" in read.headers["authorization"]
    assert "Credential=AK/" in read.headers["authorization"]


@pytest.mark.network
def test_a_benchmark_with_index_sets_by_storage_token(open_hub: OpenHub) -> None:
    """0.12.1_get_bench_v2."""
    opened = open_hub("0.12.1_get_bench_v2", signed_in=True, loopback=True)
    benchmark = opened.client.get_benchmark("acme", "bench-v2")
    assert list(benchmark.splits["test"].test) == [3, 4, 5]
    for kind, name in (("dataset", "data-v2"), ("benchmark", "bench-v2")):
        _form_is_as_recorded(opened.hub, f"urn:polaris:{kind}:acme:{name}")
    assert "GET /bkt/benchmarks/9/training.roaring" in opened.hub.lines
    assert benchmark.dataset[0].keys() == {"A", "B"}


# -- the older generation -----------------------------------------------------------------------


def _all_signed(hub: Any) -> bool:
    return all(
        asked.headers.get("authorization") == "Bearer hub.jwt.1"
        for asked in hub.asked
        if asked.path.startswith("/api/")
    )


def test_lists_of_the_older_generation(open_hub: OpenHub) -> None:
    """0.6.0_lists."""
    opened = open_hub("0.6.0_lists", generation="g1", signed_in=True)
    assert opened.client.list_datasets() == ["acme/data-v1"]
    assert opened.client.list_benchmarks(limit=5, offset=2) == ["acme/bench-v1"]
    assert [(a.path, urlencode(a.query)) for a in opened.hub.asked] == [
        (e["request"]["path"], e["request"]["query"]) for e in opened.hub.exchanges
    ]
    assert _all_signed(opened.hub)


def test_a_table_behind_a_signed_address(open_hub: OpenHub) -> None:
    """0.6.0_get."""
    opened = open_hub("0.6.0_get", generation="g1", signed_in=True)
    dataset = opened.client.get_dataset("acme", "data_zarr", verify_checksum="verify_unless_zarr")
    assert dataset.md5sum == "e0fceb6e6dfd23fc35c33a4376f3719f"
    assert dataset.table["y"].tolist() == [0, 1, 0, 1]
    assert _all_signed(opened.hub)
    signed = opened.hub.sent("GET /signed/acme/data-zarr/table.parquet")
    assert signed.headers["x-h"] == "1"
    assert "authorization" not in signed.headers
    assert signed.query == {"sig": "1"}


def test_an_archive_behind_signed_addresses(open_hub: OpenHub) -> None:
    """0.6.0_get_zarr."""
    opened = open_hub("0.6.0_get", "0.6.0_get_zarr", generation="g1", signed_in=True)
    dataset = opened.client.get_dataset("acme", "data_zarr", verify_checksum="verify_unless_zarr")
    assert dataset.get_data(dataset.rows[1], "img").shape == (2, 3)
    assert "GET /signed/acme/data-zarr/data.zarr/img/1.0.0" in opened.hub.lines
    signed = [asked for asked in opened.hub.asked if asked.path.startswith("/signed/")]
    assert not any("authorization" in asked.headers for asked in signed)


def test_listing_a_folder_of_the_older_generation(open_hub: OpenHub) -> None:
    """0.6.0_ls."""
    opened = open_hub("0.6.0_get", "0.6.0_ls", generation="g1", signed_in=True)
    root = opened.client.open_zarr_file(
        "acme", "data_zarr", "data.zarr", "r", as_consolidated=False
    )
    assert list(root.array_keys()) == ["img"]
    assert np.asarray(root["img"][2]).shape == (2, 3)
    assert "GET /api/v1/storage/dataset/acme/data-zarr/ls/data.zarr" in opened.hub.lines


# -- what is not there --------------------------------------------------------------------------


def test_what_neither_version_has_is_not_there(open_hub: OpenHub) -> None:
    opened = open_hub("0.13.0_get_v1")
    with pytest.raises(ArtifactNotFoundError) as caught:
        opened.client.get_dataset("acme", "nothing")
    assert opened.hub.lines == [
        "GET /api/v1/dataset/acme/nothing",
        "GET /api/v2/dataset/acme/nothing",
    ]
    assert "acme/nothing" in caught.value.message


def test_another_failure_than_not_found_is_not_followed_by_the_other_version(
    open_hub: OpenHub,
) -> None:
    opened = open_hub("0.13.0_get_v1")
    opened.hub.exchanges[0]["response"] |= {"status": 403, "body": {"message": "no"}}
    with pytest.raises(AccessDeniedError):
        opened.client.get_dataset("acme", "data-v1")
    assert opened.hub.lines == ["GET /api/v1/dataset/acme/data-v1"]


def test_names_become_slugs_in_paths(open_hub: OpenHub) -> None:
    opened = open_hub("0.13.0_get_v1")
    assert opened.client.get_dataset("acme", "Data_V1").artifact_id == "acme/data-v1"
