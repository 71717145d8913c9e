"""What all artifacts have in common."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pandas as pd
import pytest

from polaris.domain.artifact import library_version
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.fields import UnknownFieldWarning
from polaris.domain.identity import HubOwner
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import InvalidDatasetError, InvalidInputError


def _dataset(**fields: Any) -> DatasetV1:
    return DatasetV1(table=pd.DataFrame({"x": [1, 2]}), **fields)


@pytest.mark.parametrize("name", ["", "abc", "a" * 65, "inv@lid", "invalid!"])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset(name=name)
    [problem] = caught.value.problems
    assert problem.path == "name"
    assert problem.hint


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Valid", "valid"), ("valid_", "valid"), ("My-Data_1", "my-data-1"), ("_a_b", "a-b")],
)
def test_the_slug_is_derived_from_the_name(name: str, slug: str) -> None:
    assert _dataset(name=name).slug == slug


def test_a_given_slug_takes_precedence_and_is_checked() -> None:
    assert _dataset(name="some_name", slug="other-slug").slug == "other-slug"
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset(name="some_name", slug="Other")
    assert caught.value.problems[0].path == "slug"


def test_a_derived_slug_follows_a_new_name_and_a_given_one_stays() -> None:
    derived, given = _dataset(name="first"), _dataset(name="first", slug="fixed")
    derived.name = given.name = "Second_One"
    assert (derived.slug, given.slug) == ("second-one", "fixed")


def test_a_refused_name_leaves_name_and_slug_as_they_were() -> None:
    dataset = _dataset(name="first")
    with pytest.raises(InvalidInputError):
        dataset.name = "no"
    assert (dataset.name, dataset.slug) == ("first", "first")


@pytest.mark.parametrize("owner", ["acme", HubOwner("acme"), {"slug": "acme", "userId": "u"}])
def test_an_owner_may_be_given_as_text_value_or_mapping(owner: Any) -> None:
    dataset = _dataset(name="data_v1", owner=owner)
    assert dataset.owner == HubOwner("acme")
    assert dataset.artifact_id == "acme/data-v1"
    assert dataset.urn == "urn:polaris:dataset:acme:data-v1"


@pytest.mark.parametrize("fields", [{}, {"name": "data_v1"}, {"owner": "acme"}])
def test_there_is_no_id_without_both_owner_and_name(fields: dict[str, Any]) -> None:
    dataset = _dataset(**fields)
    assert (dataset.artifact_id, dataset.urn) == (None, None)


def test_a_reference_needs_owner_and_name_and_says_so_at_once() -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset().ref()
    assert [problem.path for problem in caught.value.problems] == ["owner", "name"]
    assert _dataset(name="data_v1", owner="acme").ref("other").owner == "other"


def test_urns_name_the_kind_of_artifact() -> None:
    kinds = (DatasetV1, BenchmarkV1Specification, BenchmarkResultsV1)
    assert [cls.urn_for("acme", "name") for cls in kinds] == [
        "urn:polaris:dataset:acme:name",
        "urn:polaris:benchmark:acme:name",
        "urn:polaris:result:acme:name",
    ]


def test_the_version_of_the_library_is_the_default() -> None:
    assert _dataset().polaris_version == library_version()


@pytest.mark.parametrize("version", ["0.0.1", "1!2.0rc1", "dev"])
def test_any_valid_version_of_the_library_is_accepted(version: str) -> None:
    assert _dataset(polaris_version=version).polaris_version == version


@pytest.mark.parametrize("version", ["invalid", "", "1..2", 1])
def test_an_invalid_version_of_the_library_is_refused(version: Any) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset(polaris_version=version)
    assert caught.value.problems[0].path == "polaris_version"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("description", None, "description"),
        ("description", 7, "description"),
        ("tags", None, "tags"),
        ("tags", "one", "tags"),
        ("tags", ["one", 2], "tags"),
        ("user_attributes", {"a": 1}, "user_attributes.a"),
        ("user_attributes", ["a"], "user_attributes"),
        ("readme", None, "readme"),
        ("owner", "Acme Inc", "owner.slug"),
        ("artifact_version", 0, "artifact_version"),
        ("artifact_version", True, "artifact_version"),
        ("artifact_changelog", 5, "artifact_changelog"),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_with_its_path(
    field: str, value: Any, path: str
) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset(**{field: value})
    assert [problem.path for problem in caught.value.problems] == [path]


def test_camel_case_spellings_are_accepted_like_the_names_of_fields() -> None:
    dataset = _dataset(userAttributes={"a": "b"}, polarisVersion="0.1", artifactChangelog="new")
    assert dataset.user_attributes == {"a": "b"}
    assert dataset.polaris_version == "0.1"
    assert dataset.artifact_changelog == "new"


def test_a_misspelt_keyword_is_warned_of() -> None:  # W11
    with pytest.warns(UnknownFieldWarning, match="DatasetV1 has no field 'desription'"):
        _dataset(desription="typo")


def test_derived_keys_of_documents_are_ignored_in_silence() -> None:
    assert _dataset(artifactId="x/y", urn="u", version=1, nRows=7, n_columns=8).n_rows == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "no!"), ("tags", "one"), ("owner", "X"), ("source", "ftp://x"), ("slug", "A")],
)
def test_a_refused_assignment_changes_nothing(field: str, value: Any) -> None:  # W11
    dataset = _dataset(name="data_v1", owner="acme", source="https://a.org", tags=["t"])
    before = getattr(dataset, field)
    with pytest.raises(InvalidDatasetError) as caught:
        setattr(dataset, field, value)
    assert caught.value.problems[0].path.split(".")[0] == field
    assert getattr(dataset, field) == before


def test_the_number_of_the_published_version_cannot_be_assigned() -> None:
    dataset = _dataset(artifact_version=3)
    with pytest.raises(InvalidDatasetError, match="cannot be changed"):
        dataset.artifact_version = 4
    assert dataset.artifact_version == 3


def test_an_artifact_survives_pickling_and_copying() -> None:
    dataset = _dataset(name="data_v1", owner="acme", tags=["t"])
    for twin in (pickle.loads(pickle.dumps(dataset)), copy.copy(dataset), copy.deepcopy(dataset)):
        assert twin == dataset
        assert (twin.artifact_id, twin.tags) == (dataset.artifact_id, dataset.tags)


def test_the_repr_names_the_artifact_and_its_size_in_one_line() -> None:
    assert (
        repr(_dataset(name="data_v1", owner="acme"))
        == "DatasetV1('acme/data-v1', 2 rows x 1 columns)"
    )
    assert repr(_dataset()) == "DatasetV1('unnamed', 2 rows x 1 columns)"


def test_errors_survive_pickling_with_all_their_problems() -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        _dataset(name="no", tags=None)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert twin.problems == caught.value.problems
    assert str(twin) == str(caught.value)
