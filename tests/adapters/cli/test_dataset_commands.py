"""``polaris dataset``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polaris.dataset import Dataset

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

ID = "acme/hello-world"


def test_put_writes_the_id_and_ls_lists_it(polaris: Polaris, dataset_file: str) -> None:
    assert polaris("dataset", "ls").out == ""
    put = polaris("dataset", "put", dataset_file)
    assert (put.code, put.out) == (0, f"{ID}\n")
    assert "Published dataset acme/hello-world" in put.err
    listed = polaris("dataset", "ls")
    assert (listed.code, listed.out, listed.err) == (0, f"{ID}\n", "")


def test_quiet_leaves_the_data_alone(polaris: Polaris, dataset_file: str) -> None:
    for arguments in (["-q", "dataset", "put", dataset_file], ["dataset", "ls", "--quiet"]):
        ended = polaris(*arguments)
        assert (ended.code, ended.out, ended.err) == (0, f"{ID}\n", "")


def test_put_as_json_says_what_the_hub_holds(polaris: Polaris, dataset_file: str) -> None:
    data = polaris("dataset", "put", dataset_file, "--json", "--access", "public").data
    assert (data["artifactId"], data["access"], data["revision"]) == (ID, "public", 1)
    assert polaris("dataset", "put", dataset_file, "--json").data["access"] == "private"


def test_put_takes_another_owner(polaris: Polaris, dataset_file: str) -> None:
    assert polaris("dataset", "put", dataset_file, "--owner", "some-lab").code == 0
    assert polaris("dataset", "ls", "--owner", "some-lab").out == "some-lab/hello-world\n"
    assert polaris("dataset", "ls", "--owner", "acme").out == ""


def test_put_ends_with_5_where_it_must_not_replace(polaris: Polaris, dataset_file: str) -> None:
    arguments = ["dataset", "put", dataset_file, "--if-exists", "raise"]
    assert polaris(*arguments).code == 0
    again = polaris(*arguments)
    assert (again.code, again.out) == (5, "")
    assert "Code: artifact_exists" in again.err
    assert polaris("dataset", "put", dataset_file).code == 0


def test_put_of_a_missing_file_ends_with_4(polaris: Polaris, tmp_path: Path) -> None:
    ended = polaris("dataset", "put", str(tmp_path / "nothing.json"))
    assert ended.code == 4
    assert "nothing.json" in ended.err


def test_ls_pages(polaris: Polaris, dataset_file: str) -> None:
    for owner in ("lab-a", "lab-b", "lab-c"):
        assert polaris("dataset", "put", dataset_file, "--owner", owner).code == 0
    ids = polaris("dataset", "ls").out.split()
    assert ids == [f"lab-{letter}/hello-world" for letter in "cba"]
    assert polaris("dataset", "ls", "--limit", "1").out.split() == ids[:1]
    assert polaris("dataset", "ls", "--limit", "1", "--offset", "1").out.split() == ids[1:2]
    assert polaris("dataset", "ls", "--limit", "0").out == ""


def test_the_long_listing_is_an_aligned_table(published: Polaris) -> None:
    heading, line = published("dataset", "ls", "-l").out.splitlines()
    assert heading.split() == ["ID", "ACCESS", "REVISION", "UPDATED", "SUBJECT"]
    assert line.startswith(f"{ID}  public ")
    assert heading.index("ACCESS") == line.index("public")


def test_the_listing_as_json(published: Polaris) -> None:
    [entry] = published("dataset", "ls", "--json").data
    assert entry["artifactId"] == ID
    assert entry["kind"] == "dataset"
    assert entry["updatedAt"].endswith("+00:00")


def test_info_shows_the_fields(published: Polaris) -> None:
    lines = published("dataset", "info", ID).out.splitlines()
    fields = dict(line.split(maxsplit=1) for line in lines)
    assert fields["id"] == ID
    assert fields["license"] == "CC-BY-4.0"
    assert fields["rows"] == "10"
    assert fields["columns"] == "smiles, y"
    assert fields["description"] == "Ten alkanes."


def test_info_as_json_holds_the_document(published: Polaris, dataset: Dataset) -> None:
    data = published("dataset", "info", ID, "--json").data
    assert data["document"]["md5Sum"] == dataset.md5sum
    assert data["document"]["nRows"] == 10


def test_get_saves_what_was_published(published: Polaris, dataset: Dataset, tmp_path: Path) -> None:
    ended = published("dataset", "get", ID, str(tmp_path / "copy"))
    assert ended.code == 0
    path = ended.out.strip()
    assert path == str(tmp_path / "copy" / "hello-world.json")
    assert Dataset.from_json(path) == dataset
    data = published("dataset", "get", ID, str(tmp_path / "copy"), "--json").data
    assert data == {"artifactId": ID, "path": path, "md5sum": dataset.md5sum}
    refused = published("dataset", "get", ID, str(tmp_path / "copy"), "--if-exists", "raise")
    assert (refused.code, refused.out) == (5, "")


def test_get_of_nothing_ends_with_4(published: Polaris, tmp_path: Path) -> None:
    assert published("dataset", "get", "acme/nothing-here", str(tmp_path / "copy")).code == 4
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("what", ["id", "file"])
def test_verify_tells_that_all_is_well(
    published: Polaris, dataset: Dataset, dataset_file: str, what: str
) -> None:
    target = ID if what == "id" else dataset_file
    ended = published("dataset", "verify", target)
    assert (ended.code, ended.err) == (0, "")
    assert dataset.md5sum in ended.out
    data = published("dataset", "verify", target, "--json").data
    assert data == {"target": target, "verified": True, "md5sum": dataset.md5sum}


def test_verify_ends_with_6_for_an_altered_file(
    polaris: Polaris, dataset: Dataset, dataset_file: str
) -> None:
    dataset.table.assign(y=9.0).to_parquet(Path(dataset_file).parent / "table.parquet")
    ended = polaris("dataset", "verify", dataset_file)
    assert (ended.code, ended.out) == (6, "")
    assert "table.parquet" in ended.err
    assert "Code: checksum_mismatch" in ended.err
    assert polaris("dataset", "put", dataset_file).code == 6
    assert polaris("dataset", "ls").out == ""


def test_verify_ends_with_6_for_an_altered_hub(
    published: Polaris, dataset: Dataset, tmp_path: Path
) -> None:
    for table in (tmp_path / "hub").rglob("table.parquet"):
        dataset.table.assign(y=9.0).to_parquet(tmp_path / "other.parquet")
        shutil.copyfile(tmp_path / "other.parquet", table)
    assert published("dataset", "verify", ID).code == 6
    assert published("dataset", "get", ID, str(tmp_path / "copy")).code == 6


def test_verify_of_nothing_ends_with_4(polaris: Polaris, tmp_path: Path) -> None:
    assert polaris("dataset", "verify", ID).code == 4
    assert polaris("dataset", "verify", str(tmp_path / "nothing.json")).code == 4
