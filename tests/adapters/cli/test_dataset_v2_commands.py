"""``polaris dataset`` with datasets that are archives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from polaris.dataset import DatasetV2

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

ID = "acme/all-arrays"


@pytest.fixture
def document(tmp_path: Path) -> str:
    """The document of a dataset in a folder."""
    made = DatasetV2.from_arrays(
        tmp_path / "a.zarr",
        {"x": np.arange(30.0).reshape(10, 3), "y": np.arange(10)},
        name="all_arrays",
        owner="acme",
        license="MIT",
    )
    return made.to_json(tmp_path / "saved")


def test_it_is_published_shown_loaded_and_verified(
    polaris: Polaris, document: str, tmp_path: Path
) -> None:
    put = polaris("dataset", "put", document)
    assert (put.code, put.out) == (0, f"{ID}\n")
    shown = polaris("dataset", "info", ID)
    assert shown.code == 0
    assert "manifest md5sum" in shown.out
    manifest = polaris("dataset", "info", ID, "--json").data["document"]["zarrManifestMd5Sum"]
    got = polaris("dataset", "get", ID, str(tmp_path / "out"), "--json").data
    assert got["zarrManifestMd5Sum"] == manifest
    for target in (ID, got["path"]):
        verified = polaris("dataset", "verify", target)
        assert verified.code == 0
        assert manifest in verified.out
        data = polaris("dataset", "verify", target, "--json").data
        assert data == {"target": target, "verified": True, "zarrManifestMd5Sum": manifest}


def test_verifying_an_altered_archive_fails(polaris: Polaris, document: str) -> None:
    chunk = Path(document).parent / "a.zarr" / "y" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
    ended = polaris("dataset", "verify", document)
    assert ended.code == 6
    assert "all-arrays.json" in ended.err
