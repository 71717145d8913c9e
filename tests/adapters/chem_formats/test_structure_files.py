"""Structure files read with biotite: the suite, and what is particular to biotite."""

from __future__ import annotations

import sys

import pytest

from polaris.errors import MissingExtraError
from polaris.ports.molecular_files import StructureFiles
from polaris.testing.suites.molecular_files import StructureFilesSuite
from polaris_adapters.chem_formats import BiotiteStructureFiles

pytest.importorskip("biotite")


class TestBiotiteStructureFiles(StructureFilesSuite):
    """With biotite."""

    @pytest.fixture
    def files(self) -> StructureFiles:
        return BiotiteStructureFiles()


def test_a_missing_package_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "biotite.structure.io.pdb", None)
    with pytest.raises(MissingExtraError) as caught:
        BiotiteStructureFiles().read_pdb(b"", source="a.pdb")
    assert caught.value.extra == "structures"
