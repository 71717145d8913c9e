from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.application.accounts.secrets import (
    SECRET_PREFIXES,
    digest_of_secret,
    kind_of_secret,
    new_password,
    new_secret,
)
from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind


@pytest.mark.parametrize("kind", CredentialKind)
def test_a_secret_says_what_it_is_of(kind: CredentialKind) -> None:
    secret = new_secret(kind)
    assert re.fullmatch(SECRET_PREFIXES[kind] + "[0-9A-Za-z]{49}", secret.reveal())
    assert kind_of_secret(secret) is kind


def test_prefixes_are_as_documented_and_no_two_are_the_same() -> None:
    assert SECRET_PREFIXES[CredentialKind.PERSONAL] == "polaris_pat_"
    assert SECRET_PREFIXES[CredentialKind.ACCESS] == "polaris_at_"
    assert SECRET_PREFIXES[CredentialKind.REFRESH] == "polaris_rt_"
    assert len(set(SECRET_PREFIXES.values())) == len(CredentialKind)


def test_no_two_secrets_are_the_same_and_every_digit_varies() -> None:
    bodies = [new_secret(CredentialKind.CODE).reveal()[-49:-6] for _ in range(500)]
    assert len(set(bodies)) == 500
    # The first of 43 digits holds less than five bits of the 256.
    assert all(len(set(digits)) > 40 for digits in list(zip(*bodies, strict=True))[1:])


@pytest.mark.parametrize("position", [0, 11, 12, 30, -7, -1])
def test_a_mistyped_secret_is_none(position: int) -> None:
    text = new_secret(CredentialKind.PERSONAL).reveal()
    at = position % len(text)
    for other in ("0", "a"):
        if text[at] != other:
            assert kind_of_secret(Secret(text[:at] + other + text[at + 1 :])) is None


@given(st.text(st.characters(codec=None)))
def test_any_text_has_a_digest_and_may_be_asked_about(text: str) -> None:
    assert kind_of_secret(Secret(text)) is None
    assert re.fullmatch("[0-9a-f]{64}", digest_of_secret(Secret(text)))


def test_the_digest_is_the_sha256_of_the_secret() -> None:
    secret = new_secret(CredentialKind.PERSONAL)
    expected = hashlib.sha256(secret.reveal().encode("ascii")).hexdigest()
    assert digest_of_secret(secret) == expected


def test_passwords_can_be_read_aloud_and_are_new_each_time() -> None:
    made = {new_password().reveal() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        assert re.fullmatch(r"([2-9a-z]{5}-){4}[2-9a-z]{5}", password)
        assert not set("01ilo") & set(password)
