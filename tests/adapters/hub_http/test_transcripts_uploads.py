"""Datasets that released clients published, ours publishes too: recorded exchanges, replayed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polaris.dataset import Dataset, DatasetV2

OpenHub = Callable[..., Any]

# Every body says which program wrote it.
ALWAYS = {"polarisVersion"}
# Other versions of the libraries write the same table, or list of files, as other bytes.
TABLE = {"tableContent.size", "tableContent.md5Sum"}


@pytest.mark.network
def test_a_table(open_hub: OpenHub, smiles: Dataset) -> None:
    """0.12.1_upload_v1_dataset_no_zarr."""
    opened = open_hub("0.12.1_upload_v1_dataset_no_zarr", signed_in=True, loopback=True)
    record = opened.client.upload_dataset(smiles, access="public")
    line = "PUT /api/v1/dataset/acme/data-v1"
    opened.hub.check_sent(line, differing=ALWAYS | TABLE)
    opened.hub.check_token_and_puts()
    assert record.page == f"{opened.hub.url}/datasets/acme/x"


@pytest.mark.network
def test_a_table_with_an_archive(open_hub: OpenHub, images: Callable[[str], Dataset]) -> None:
    """0.12.1_upload_v1_dataset_zarr."""
    opened = open_hub("0.12.1_upload_v1_dataset_zarr", signed_in=True, loopback=True)
    opened.client.upload_dataset(images("data-zarr"))
    opened.hub.check_sent("PUT /api/v1/dataset/acme/data-zarr", differing=ALWAYS | TABLE)
    opened.hub.check_token_and_puts()


@pytest.mark.network
def test_an_archive(open_hub: OpenHub, archive: DatasetV2) -> None:
    """0.12.1_upload_v2_dataset."""
    opened = open_hub("0.12.1_upload_v2_dataset", signed_in=True, loopback=True)
    opened.client.upload_dataset(archive)
    # The released client tells the path on the user's machine.
    differing = {"zarrRootPath", "zarrManifestMd5Sum", "zarrManifestFileContent.md5Sum"}
    line = "PUT /api/v2/dataset/acme/data-v2"
    opened.hub.check_sent(line, differing=ALWAYS | differing)
    body = opened.hub.sent(line).json
    assert body["zarrManifestMd5Sum"] == body["zarrManifestFileContent"]["md5Sum"]
    sent = opened.hub.sent("PUT /bkt/datasets/3/manifest.parquet")
    assert sent.headers["x-amz-meta-md5sum"] == body["zarrManifestMd5Sum"]
    opened.hub.check_token_and_puts()


@pytest.mark.network
def test_the_slug_of_the_reply_is_adopted(open_hub: OpenHub, smiles: Dataset) -> None:
    opened = open_hub("0.12.1_upload_v1_dataset_no_zarr", signed_in=True, loopback=True)
    opened.hub.exchanges[0]["response"]["body"]["slug"] = "data-v1-2"
    opened.hub.exchanges[1]["request"]["body"] = opened.hub.exchanges[1]["request"]["body"].replace(
        "data-v1", "data-v1-2"
    )
    record = opened.client.upload_dataset(smiles)
    assert record.ref.artifact_id == "acme/data-v1-2"
    form = opened.hub.sent("POST /api/auth/token").form
    assert form["resource"] == "urn:polaris:dataset:acme:data-v1-2"


@pytest.mark.network
def test_an_upload_that_is_repeated_sends_what_is_missing(
    open_hub: OpenHub, images: Callable[[str], Dataset], vectors: Path
) -> None:
    opened = open_hub("0.12.1_upload_v1_dataset_zarr", signed_in=True, loopback=True)
    data = (vectors / "zarr" / "chunks4.zarr" / "img" / "0.0.0").read_bytes()
    there = "/bkt/datasets/2/data.zarr/img/0.0.0"
    body = {"bytes": len(data), "md5": "0433485768dd45c2958bbbd9b25ffc37"}
    opened.hub.exchanges.append(
        {
            "request": {"method": "GET", "path": there, "body": None},
            "response": {"status": 200, "headers": {}, "body": body},
        }
    )
    opened.client.upload_dataset(images("data-zarr"))
    assert f"PUT {there}" not in opened.hub.lines
    assert "PUT /bkt/datasets/2/data.zarr/img/1.0.0" in opened.hub.lines


def test_a_dataset_by_signed_addresses(open_hub: OpenHub, images: Callable[[str], Dataset]) -> None:
    """0.6.0_upload."""
    opened = open_hub("0.6.0_upload", signed_in=True, generation="g1")
    opened.client.upload_dataset(images("data_zarr"))
    differing = ALWAYS | {"tableContent.size", "tableContent.md5sum"}
    opened.hub.check_sent("PUT /api/v1/dataset/acme/data-zarr", differing=differing)
    signed = [asked for asked in opened.hub.asked if asked.path.startswith("/signed/")]
    theirs = {e["request"]["path"] for e in opened.hub.exchanges}
    assert {asked.path for asked in signed} <= theirs
    assert len(signed) == 8
    for asked in signed:
        assert asked.method == "PUT"
        assert "authorization" not in asked.headers
        assert (asked.headers["x-amz-extra"], asked.query) == ("1", {"sig": "1"})
    assert signed[0].headers["content-type"] == "application/vnd.apache.parquet"
    assert signed[1].path.endswith("/.zmetadata")
    asking = [a for a in opened.hub.asked if a.path.startswith("/api/v1/storage/")]
    assert all(asked.body == b"" for asked in asking)
    assert all(asked.headers["authorization"] == "Bearer hub.jwt.1" for asked in asking)
