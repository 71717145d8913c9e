"""Molecule files read with RDKit: the suite, and what is particular to RDKit."""

from __future__ import annotations

import sys

import pytest

from polaris.errors import MissingExtraError
from polaris.ports.molecular_files import MoleculeFiles
from polaris.testing.suites.molecular_files import MoleculeFilesSuite
from polaris_adapters.chem_formats import RDKitMoleculeFiles

pytest.importorskip("rdkit")


class TestRDKitMoleculeFiles(MoleculeFilesSuite):
    """With RDKit."""

    @pytest.fixture
    def files(self) -> MoleculeFiles:
        return RDKitMoleculeFiles()


def test_nothing_is_logged_of_what_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    [record] = RDKitMoleculeFiles().read_sdf(
        b"nonsense", source="a.sdf", keep_properties=True, smiles=True, isomeric=True
    )
    assert record is None
    assert capfd.readouterr() == ("", "")


def test_a_missing_package_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdkit", None)
    with pytest.raises(MissingExtraError, match=r"a\.sdf") as caught:
        RDKitMoleculeFiles().read_sdf(
            b"", source="a.sdf", keep_properties=True, smiles=True, isomeric=True
        )
    assert caught.value.extra == "chem"
