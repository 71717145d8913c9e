"""Replies that are not what they should be never raise anything but our errors."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.dataset import Dataset
from polaris.errors import HubReplyError, PolarisError
from polaris.evaluate import BenchmarkResultsV1
from polaris.model import Model
from polaris.prediction import CompetitionPredictions

OpenHub = Callable[..., Any]
Calls = Callable[[Any], object]


def refusal(call: Callable[[], object]) -> PolarisError | None:
    """Return our error that a call raised; None where it raised none. All others come through."""
    try:
        call()
    except PolarisError as error:
        return error
    return None


# What may stand where something else belongs.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**30), 2**63, float("nan"), float("inf"), 1e308]),
    st.text(max_size=8),
    st.sampled_from(
        ["", " ", "\x00", "\ud800", "../..", "http://[", "https://u:p@hub.example/x",
         "file:///etc", "//elsewhere.example/x", "polarisfs://b", "polarisfs:///k", "x" * 5000,
         "2026-13-99", "nan"]
    ),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip

NO_JSON = st.one_of(
    st.sampled_from(
        ["", "null", "[]", "3", '"text"', "<html><body>Sign in</body></html>", "{", "NaN",
         '{"data": [', "\ufeff{}", "[" * 3000, '{"a":' * 3000, "{}{}", "\x00"]
    ),
    st.text(max_size=20),
)  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, document: Any) -> Any:
    """A document of which some values are missing, of another type, or something new."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        place = found
        for _ in range(6):
            if isinstance(place, dict) and place:
                keys: Any = sorted(place)
            elif isinstance(place, list) and place:
                keys = range(len(place))
            else:
                break
            key = draw(st.sampled_from(keys))
            inner = place[key]
            if isinstance(inner, dict | list) and inner and draw(st.booleans()):
                place = inner
                continue
            what = draw(st.sampled_from(["replace", "remove", "add"]))
            if what == "replace":
                place[key] = draw(ODD)
            elif what == "remove":
                del place[key]
            elif isinstance(place, dict):
                place[draw(st.text(max_size=6))] = draw(ODD)
            else:
                place.append(draw(ODD))
            break
    return found


def _dataset(name: str) -> Calls:
    def call(client: Any) -> object:
        dataset = client.get_dataset("acme", name, verify_checksum="verify_unless_zarr")
        return repr(dataset), dataset.artifact_id, dataset[0]

    return call


def _benchmark(name: str) -> Calls:
    def call(client: Any) -> object:
        return repr(client.get_benchmark("acme", name, verify_checksum=False))

    return call


def _competition(client: Any) -> object:
    return repr(client.get_competition("acme/comp-a"))


def _upload_model(client: Any) -> object:
    return client.upload_model(Model(name="My_Model", owner="acme"))


def _upload_table(client: Any) -> object:
    table = pd.DataFrame({"x": ["a", "b"], "y": [1.0, 2.0]})
    return client.upload_dataset(
        Dataset(table=table, name="data_zarr", owner="acme", license="MIT")
    )


def _upload_results(client: Any) -> object:
    columns = ["Test set", "Target label", "Metric", "Score"]
    scores = pd.DataFrame([("test", "y", "mean_absolute_error", 1.0)], columns=columns)
    results = BenchmarkResultsV1(benchmark_artifact_id="acme/bench-v1", results=scores)
    return client.upload_results(results, owner="alice-u")


def _submit(client: Any) -> object:
    predictions = CompetitionPredictions(
        name="pred_one", owner="alice-u", paper_url="https://x.org/rep",
        predictions={"test": {"B": [1.0, 2.0, 3.0]}}, target_labels=["B"],
        test_set_labels=["test"], test_set_sizes={"test": 3},
    )  # fmt: skip
    return client.submit_competition_predictions("acme/comp-a", predictions)


# Transcripts, which of their replies is odd, what is called, and how the client is opened.
CASES: dict[str, tuple[tuple[str, ...], int, Calls, dict[str, Any]]] = {
    "list": (("0.13.0_lists",), 0, lambda c: c.list_datasets(), {}),
    "older list": (("0.13.0_lists",), 1, lambda c: c.list_datasets(), {}),
    "table": (("0.13.0_get_v1",), 0, _dataset("data-v1"), {}),
    "table and archive": (("0.13.0_get_v1_zarr",), 0, _dataset("data-v1z"), {}),
    "archive": (("0.13.0_get_v2",), 1, _dataset("data-v2"), {}),
    "metadata": (("0.13.0_get_v2",), 2, _dataset("data-v2"), {}),
    "benchmark": (("0.13.0_bench_v1",), 0, _benchmark("bench-v1"), {}),
    "index sets": (("0.13.0_bench_v2",), 1, _benchmark("bench-v2"), {}),
    "named index sets": (("head_get_benchmark_v2",), 1, _benchmark("bench-v2h"), {}),
    "competition": (("0.13.0_get_competition",), 0, _competition, {}),
    "model written": (("0.13.0_password_upload_model",), 1, _upload_model, {"signed_in": True}),
    "results written": (
        ("0.13.0_upload_results_v1", "0.13.0_bench_v1"), 0, _upload_results, {"signed_in": True},
    ),
    "submitted": (
        ("0.13.0_submit_competition", "0.13.0_get_competition"), 0, _submit, {"signed_in": True},
    ),
    "submitted to": (
        ("0.13.0_submit_competition", "0.13.0_get_competition"), 1, _submit, {"signed_in": True},
    ),
    "G1 announced": (
        ("0.6.0_upload",), 0, _upload_table, {"signed_in": True, "generation": "g1"},
    ),
    "G1 signed to write": (
        ("0.6.0_upload",), 1, _upload_table, {"signed_in": True, "generation": "g1"},
    ),
    "storage token": (("0.12.1_get_bench_v2",), 4, _dataset("data-v2"), {"signed_in": True}),
    "G1 list": (
        ("0.6.0_lists",), 0, lambda c: c.list_datasets(), {"signed_in": True, "generation": "g1"},
    ),
    "G1 benchmarks": (
        ("0.6.0_lists",), 1, lambda c: c.list_benchmarks(), {"signed_in": True, "generation": "g1"},
    ),
    "G1 dataset": (
        ("0.6.0_get",), 0, _dataset("data_zarr"), {"signed_in": True, "generation": "g1"},
    ),
    "G1 signed": (
        ("0.6.0_get",), 1, _dataset("data_zarr"), {"signed_in": True, "generation": "g1"},
    ),
    "G1 folder": (
        ("0.6.0_get", "0.6.0_ls"), 3,
        lambda c: c.open_zarr_file("acme", "data_zarr", "data.zarr", "r", as_consolidated=False),
        {"signed_in": True, "generation": "g1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_odd_replies_are_read_or_refused(open_hub: OpenHub, case: str, data: st.DataObject) -> None:
    transcripts, odd, call, options = CASES[case]
    opened = open_hub(*transcripts, **options)
    exchange = opened.hub.exchanges[odd]
    body = exchange["response"]["body"]
    document = json.loads(body) if isinstance(body, str) else body
    exchange["response"]["headers"].pop("content-length", None)
    if data.draw(st.integers(0, 4)) == 0:
        exchange["response"]["body"] = data.draw(NO_JSON)
    else:
        text = json.dumps(data.draw(changed(document)))
        exchange["response"]["body"] = text.replace("{HUB}", opened.hub.url)
    error = refusal(lambda: call(opened.client))
    assert error is None or error.message


@pytest.mark.parametrize("status", [200, 201, 204, 302, 307, 400, 404, 409, 418, 500, 503])
@pytest.mark.parametrize("case", CASES)
def test_odd_statuses_are_read_or_refused(open_hub: OpenHub, case: str, status: int) -> None:
    transcripts, odd, call, options = CASES[case]
    opened = open_hub(*transcripts, **options)
    response = opened.hub.exchanges[odd]["response"]
    for body in ("", "<html>Bad gateway</html>"):
        response |= {"status": status, "body": body, "headers": {"content-type": "text/html"}}
        error = refusal(lambda: call(opened.client))
        assert error is None or error.message


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json; charset=utf-16", '{"data": []}'.encode("utf-16")),
        ("application/json; charset=utf-16", b'{"data": []}'),
        ("application/json; charset=bogus", b'{"data": []}'),
        ("application/json", '{"data": [{"artifactId": "ac\u00e9/x"}]}'.encode("latin-1")),
        ("application/json", b"\xff\xfe\x00"),
        ("text/html; charset=utf-8", b"<html>\xff</html>"),
    ],
)
def test_odd_encodings_are_read_or_refused(
    open_client: Callable[..., Any], content_type: str, body: bytes
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": content_type}, content=body)

    client = open_client(handler, generation="g2")
    error = refusal(client.list_datasets)
    assert error is None or (isinstance(error, HubReplyError) and error.hint)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_body_that_cannot_be_unpacked_is_refused(
    open_client: Callable[..., Any], encoding: str
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b'{"data": []}')
        return httpx.Response(200, headers={"content-encoding": encoding}, stream=stream)

    error = refusal(open_client(handler, generation="g2").list_datasets)
    assert isinstance(error, HubReplyError) or (encoding == "br" and error is None)
