"""Random objects go to polaris-lib 0.13.0 and come from it, as it is released, and stay the same.

The same code, which is in the folder ``polaris_lib``, runs with both libraries. It makes objects of
a seed and saves them; loads what the other has saved, and saves that again.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.polaris_lib.peer import OURS, PEER, differences, needs_peer, run_all

pytestmark = [pytest.mark.slow, needs_peer, pytest.mark.timeout(600)]

# Set it to repeat a failure.
SEED = int(os.environ.get("POLARIS_EXCHANGE_SEED") or random.SystemRandom().randrange(2**32))

KINDS = ["table", "pointers", "archive", "benchmark", "large benchmark", "index set", "competition",
         "results", "predictions", "submission", "model"]  # fmt: skip
# Where the files have a checksum of what they hold.
WITH_CHECKSUM = ["table", "pointers", "benchmark"]
# polaris-lib leaves the rows of their splits out of the files.
UNREADABLE = "large benchmark"

Report = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """What each side says of the objects that it made or loaded."""
    folder = tmp_path_factory.mktemp("exchange")

    def command(python: Path, *arguments: str) -> list[str]:
        return [str(python), "-W", "ignore", "-m", "polaris_lib.exchange", *arguments]

    for ours, theirs in (
        (["write", "ours", str(SEED)], ["write", "theirs", str(SEED)]),
        (["read", "theirs", "ours_again"], ["read", "ours", "theirs_again"]),
        (["read", "theirs_again", "ours_third"], ["read", "ours_again", "theirs_third"]),
    ):
        for name in (ours[1], theirs[1]):
            (folder / name).mkdir(exist_ok=True)
        run_all([command(OURS, *ours), command(PEER, *theirs)], folder)
    return {
        path.parent.name: json.loads(path.read_text("utf-8"))
        for path in folder.glob("*/report.json")
    }


def of_kind(report: Report, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    found = [(name, case) for name, case in report.items() if case["kind"] == kind]
    assert found, f"there is no {kind}"
    return iter(found)


def _content(case: dict[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    described = {key: part for key, part in case["described"].items() if key not in without}
    return {"described": described, "scores": case.get("scores")}


def assert_same(one: Report, other: Report, kind: str, *, without: tuple[str, ...] = ()) -> None:
    wrong: list[str] = []
    for name, case in of_kind(one, kind):
        counterpart = other[name]
        both = (case, counterpart)
        failed = [f"{name}: {each['error'][-1500:]}" for each in both if "error" in each]
        if not failed:
            found, expected = (_content(each, without) for each in both)
            failed = [f"{name}{text}" for text in differences(found, expected)]
        wrong += failed
    assert not wrong, f"seed {SEED}\n" + "\n".join(wrong[:20])


def test_all_kinds_are_exchanged(reports: dict[str, Report]) -> None:
    assert len(reports) == 6
    for report in reports.values():
        assert {case["kind"] for case in report.values()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_code_makes_the_same_objects(reports: dict[str, Report], kind: str) -> None:
    # The bytes of archives differ, because the two sides write them with different zarr.
    of_bytes = ("files", "manifest")
    without = (*of_bytes, "md5sum", "dumped md5sum") if kind == "pointers" else of_bytes
    assert_same(reports["ours"], reports["theirs"], kind, without=without)


@pytest.mark.parametrize("kind", KINDS)
def test_polaris_lib_loads_what_we_save(reports: dict[str, Report], kind: str) -> None:
    assert_same(reports["ours"], reports["theirs_again"], kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != UNREADABLE])
def test_we_load_what_polaris_lib_saves(reports: dict[str, Report], kind: str) -> None:
    assert_same(reports["theirs"], reports["ours_again"], kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != UNREADABLE])
def test_there_and_back_again_nothing_is_lost(reports: dict[str, Report], kind: str) -> None:
    assert_same(reports["ours"], reports["ours_third"], kind)
    assert_same(reports["theirs"], reports["theirs_third"], kind)


@pytest.mark.parametrize("kind", WITH_CHECKSUM)
def test_checksums_in_files_are_those_of_what_is_loaded(
    reports: dict[str, Report], kind: str
) -> None:
    for saved, loaded in (("ours", "theirs_again"), ("theirs", "ours_again")):
        for name, case in of_kind(reports[saved], kind):
            found = reports[loaded][name]["described"]["md5sum"]
            assert case["stored md5sum"] == found, f"{name} of {saved}, seed {SEED}"


def test_files_of_polaris_lib_without_rows_are_refused(reports: dict[str, Report]) -> None:
    for report in (reports["ours_again"], reports["ours_third"]):
        for name, case in of_kind(report, UNREADABLE):
            assert "DamagedFileError" in case["error"], name
            assert "holds no indices" in case["error"], name
