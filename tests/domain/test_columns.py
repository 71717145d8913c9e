"""What a dataset says of its columns, and where it came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation, Modality
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.fields import UnknownFieldWarning
from polaris.errors import InvalidDatasetError


def _dataset(**fields: Any) -> DatasetV1:
    return DatasetV1(table=pd.DataFrame({"x": [1, 2], "s": ["C", "CC"]}), **fields)


def _paths(**fields: Any) -> list[str]:
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset(**fields)
    return [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize(
    "written", ["molecule_3D", "MOLECULE_3D", "molecule_3d", Modality.MOLECULE_3D]
)
def test_a_modality_is_known_by_its_name_in_any_case(written: Any) -> None:
    assert ColumnAnnotation(modality=written).modality is Modality.MOLECULE_3D


@pytest.mark.parametrize("written", ["smell", "", None, 3])
def test_an_unknown_modality_is_refused_with_the_choices(written: Any) -> None:  # W14
    with pytest.raises(InvalidDatasetError) as caught:
        ColumnAnnotation(modality=written)
    [problem] = caught.value.problems
    assert problem.path == "modality"
    assert "PROTEIN_3D" in problem.hint


def test_a_misspelt_key_of_an_annotation_is_warned_of() -> None:  # W11
    with pytest.warns(UnknownFieldWarning, match="'desription'"):
        ColumnAnnotation(desription="typo")  # type: ignore[call-arg]


def test_the_values_of_an_annotations_attributes_are_texts() -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        ColumnAnnotation(user_attributes={"unit": 5})
    assert caught.value.problems[0].path == "user_attributes.unit"


def test_a_refused_assignment_leaves_an_annotation_as_it_was() -> None:
    annotation = ColumnAnnotation(modality="image")
    with pytest.raises(InvalidDatasetError):
        annotation.modality = "smell"  # type: ignore[assignment]
    assert annotation.modality is Modality.IMAGE


@pytest.mark.parametrize(
    ("written", "known"),
    [("float64", np.dtype("float64")), ("str", "str"), ("category", "category")],
)
def test_a_dtype_is_one_of_numpy_or_the_name_of_another(written: str, known: Any) -> None:
    assert ColumnAnnotation(dtype=written).dtype == known


def test_every_column_has_an_annotation_with_its_real_dtype() -> None:
    dataset = _dataset(annotations={"x": {"description": "number", "dtype": "float32"}})
    assert list(dataset.annotations) == ["x", "s"]
    assert dataset.annotations["x"].description == "number"
    assert dataset.annotations["x"].dtype == np.dtype("int64")
    assert dataset.annotations["s"].dtype == dataset.table["s"].dtype


def test_annotations_keep_any_content_type() -> None:
    annotation = ColumnAnnotation(content_type="chemical/x-smiles")
    assert (
        _dataset(annotations={"s": annotation}).annotations["s"].content_type == "chemical/x-smiles"
    )
    assert ColumnAnnotation(content_type="text/markdown").content_type == "text/markdown"


def test_the_given_annotation_itself_is_not_changed() -> None:
    annotation = ColumnAnnotation(description="number")
    _dataset(annotations={"x": annotation})
    assert annotation.dtype is None


def test_annotations_and_adapters_of_unknown_columns_are_refused() -> None:
    assert _paths(annotations={"gone": {}}, default_adapters={"lost": Adapter.SMILES_TO_MOL}) == [
        "annotations.gone",
        "default_adapters.lost",
    ]


def test_an_adapter_is_given_by_member_or_by_name() -> None:
    dataset = _dataset(default_adapters={"s": "SMILES_TO_MOL"})
    assert dataset.default_adapters == {"s": Adapter.SMILES_TO_MOL}
    assert _paths(default_adapters={"s": "SMILES", "x": 5}) == [  # W14
        "default_adapters.s",
        "default_adapters.x",
    ]


@pytest.mark.parametrize("url", ["http://a.org", "https://a.org/b?c=d#e", "https://A.org"])
@pytest.mark.parametrize("field", ["source", "curation_reference"])
def test_web_addresses_are_kept_as_they_were_typed(field: str, url: str) -> None:
    value = getattr(_dataset(**{field: url}), field)
    assert type(value) is str
    assert value == url


@pytest.mark.parametrize("url", ["invalid", "ftp://a.org", "http://", "", 5, "http://[bad"])
@pytest.mark.parametrize("field", ["source", "curation_reference"])
def test_what_is_no_web_address_is_refused(field: str, url: Any) -> None:
    assert _paths(**{field: url}) == [field]


@pytest.mark.parametrize("license_", ["CC-BY-4.0", "CC0-1.0", "MIT", None])
def test_known_licenses_are_accepted(license_: str | None) -> None:
    assert _dataset(license=license_).license == license_


@pytest.mark.parametrize("license_", ["mit", "GPL-3.0", 1, ["MIT"]])
def test_other_licenses_are_refused(license_: Any) -> None:
    assert _paths(license=license_) == ["license"]


@pytest.mark.parametrize("value", ["text", 5, None])
@pytest.mark.parametrize("field", ["annotations", "default_adapters"])
def test_what_is_by_column_must_be_a_mapping(field: str, value: Any) -> None:
    assert _paths(**{field: value}) == [field]
