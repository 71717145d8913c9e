"""Owners, names, slugs, ids and URNs."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.fields import UnknownFieldWarning
from polaris.domain.identity import (
    ArtifactKind,
    ArtifactRef,
    HubOwner,
    check_name,
    check_slug,
    slugify,
)
from polaris.errors import InvalidNameError

slugs = st.text(string.ascii_lowercase + string.digits + "-", min_size=4, max_size=64)
names = st.text(string.ascii_letters + string.digits + "_-", min_size=4, max_size=64)
refs = st.builds(ArtifactRef, st.sampled_from(ArtifactKind), slugs, slugs)

NOT_SLUGS = ["", "abc", "a" * 65, "inv@lid", "invalid!", "Invalid", "in_valid", "ab cd", "ábcd"]


@pytest.mark.vector_cases("names.json", "slugify")
def test_slugs_are_derived_as_by_the_released_clients(case: tuple[str, str]) -> None:
    name, slug = case
    assert slugify(name) == slug


@pytest.mark.vector_cases("names.json", "urn")
def test_urns_are_written_and_read_as_by_the_released_clients(case: dict[str, str]) -> None:
    ref = ArtifactRef(ArtifactKind(case["type"]), case["owner"], case["slug"])
    assert ref.urn == case["urn"]
    assert ArtifactRef.parse(ref.kind, case["urn"]) == ref


@pytest.mark.parametrize("slug", NOT_SLUGS)
def test_an_owner_refuses_what_is_no_slug(slug: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        HubOwner(slug=slug)
    [problem] = caught.value.problems
    assert problem.path == "slug"
    assert "4 to 64 characters" in problem.hint


@pytest.mark.parametrize("slug", ["valid", "valid-owner-1", "abcd", "a" * 64, "-a-1"])
def test_an_owner_accepts_slugs_of_4_to_64_characters(slug: str) -> None:
    assert str(HubOwner(slug)) == slug


def test_an_owner_tolerates_the_keywords_of_older_documents() -> None:
    owner = HubOwner(slug="acme", organizationId="org_1", userId="user_1", externalId="e")  # type: ignore[call-arg]
    assert (owner.slug, owner.external_id, owner.type) == ("acme", "e", None)


def test_an_owner_warns_of_a_misspelt_keyword() -> None:
    with pytest.warns(UnknownFieldWarning, match="'slgu'"):
        HubOwner(slug="acme", slgu="x")  # type: ignore[call-arg]


def test_an_owner_is_normalized_from_its_slug_or_from_itself() -> None:
    owner = HubOwner("acme", type="organization")
    assert HubOwner.normalize(owner) is owner
    assert HubOwner.normalize("acme") == HubOwner("acme")


@pytest.mark.parametrize("name", ["", "abc", "a" * 65, "inv@lid", "invalid!", "a b cd", None, 1234])
def test_a_name_refuses_other_characters_and_lengths(name: Any) -> None:
    with pytest.raises(InvalidNameError, match="is not a valid name"):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["valid", "Valid", "Valid_1-x", "valid_", "valid-", "abcd", "A" * 64]
)
def test_a_name_accepts_mixed_case_underscores_and_hyphens(name: str) -> None:
    assert check_name(name) == name


def test_a_slug_must_match_as_a_whole() -> None:
    with pytest.raises(InvalidNameError):
        check_slug("valid\n")


@given(names)
def test_the_slug_of_a_name_has_no_upper_case_underscores_or_outer_hyphens(name: str) -> None:
    slug = slugify(name)
    assert set(slug) <= set(string.ascii_lowercase + string.digits + "-")
    assert slug == slug.strip("-")
    assert slugify(slug) == slug


@given(refs)
def test_references_round_trip_through_their_id_and_their_urn(ref: ArtifactRef) -> None:
    assert ArtifactRef.parse(ref.kind, ref.artifact_id) == ref
    assert ArtifactRef.parse(ref.kind, ref.urn) == ref


@given(names.filter(lambda name: len(slugify(name)) >= 4), slugs)
def test_a_reference_takes_a_name_as_users_type_it(name: str, owner: str) -> None:
    ref = ArtifactRef.of(ArtifactKind.DATASET, owner, name.upper() + "_")
    assert ref == ArtifactRef.of(ArtifactKind.DATASET, HubOwner(owner), slugify(name))


@given(names, slugs)
def test_an_artifact_and_its_reference_agree_on_the_id(name: str, slug: str) -> None:
    import pandas as pd

    dataset = DatasetV1(name=name, slug=slug, owner="acme", table=pd.DataFrame({"x": [1]}))
    assert dataset.ref().artifact_id == dataset.artifact_id
    assert dataset.ref().urn == dataset.urn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "data",
        "a/b/c",
        "acme/",
        "/data-v1",
        "urn:polaris:dataset:acme",
        "urn:polaris:dataset:a:b:c",
    ],
)
def test_what_is_no_id_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        ArtifactRef.parse(ArtifactKind.DATASET, text)
    assert caught.value.hint


def test_a_urn_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidNameError, match="is not the id of a dataset"):
        ArtifactRef.parse(ArtifactKind.DATASET, "urn:polaris:model:acme:data-v1")


def test_a_bad_owner_and_a_bad_name_are_reported_together() -> None:
    with pytest.raises(InvalidNameError) as caught:
        ArtifactRef.of(ArtifactKind.MODEL, "Acme!", "x")
    assert [problem.path for problem in caught.value.problems] == ["owner", "name"]
