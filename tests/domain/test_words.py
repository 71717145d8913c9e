"""The words by which artifacts are searched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.identity import ArtifactKind
from polaris.domain.words import (
    document_tags,
    document_words,
    is_found,
    normal_tag,
    query_words,
    words_of,
)
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Aqueous solubility (logS), 25 °C", ["aqueous", "solubility", "logs", "25", "c"]),
        ("snake_case-and.dots", ["snake", "case", "and", "dots"]),
        ("Straße ẞ", ["strasse", "ss"]),
        ("e\u0301tude É", ["étude", "é"]),
        ("ﬁne ½ x²", ["fine", "1", "2", "x2"]),
        ("हिन्दी", ["हिन्दी"]),
        ("分子 的性质", ["分子", "的性质"]),
        ("a\x00b\ud800c§d", ["a", "b", "c", "d"]),
        ("x" * 100, ["x" * 64]),
    ],
)
def test_words_are_runs_of_letters_digits_and_marks(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@given(st.text())
def test_words_are_stable_and_of_word_characters_only(text: str) -> None:
    for word in words_of(text):
        assert 0 < len(word) <= 64
        assert {unicodedata.category(c)[0] for c in word} <= set("LNM")
        assert word == word.casefold()


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_is_found_by_itself_and_by_every_beginning(text: str, other: str) -> None:
    words = document_words("acme", "molecules", {"name": text, "description": other})
    for word in words:
        assert all(is_found(words, [word[:length]]) for length in range(1, len(word) + 1))
    assert is_found(words, words)


@pytest.mark.parametrize("text", ["", "  ", "?!", "* - :", "\x00", " ".join(map(str, range(40)))])
def test_a_text_without_words_or_with_too_many_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        query_words(text)
    with pytest.raises(InvalidInputError):
        ArtifactQuery(ArtifactKind.DATASET, text=text)


def test_what_is_no_text_in_a_document_is_passed_over() -> None:
    odd = {"name": 7, "tags": [1, None, "One  Two"], "description": {"x": 1}}
    assert document_words("acme", "a-b", odd) == ("acme", "a", "b", "one", "two")
    assert document_tags(odd) == {"one two"}
    assert document_tags({"tags": "one"}) == frozenset()


def test_a_long_description_has_no_end_of_words() -> None:
    text = " ".join(f"word{i}" for i in range(5000))
    assert len(document_words("acme", "molecules", {"description": text})) == 2000


@pytest.mark.parametrize(
    ("tag", "normal"), [(" ADMET\tsets ", "admet sets"), ("", ""), ("ﬁ", "fi")]
)
def test_tags_are_compared_without_case_and_space(tag: str, normal: str) -> None:
    assert normal_tag(tag) == normal
