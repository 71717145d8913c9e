"""The words by which artifacts are searched: one definition for every catalogue.

A text is normalised (Unicode NFKC, case folded). A word is a longest run of letters, digits and
the marks on them; everything else separates. Words are cut after 64 characters. A text that is
searched for matches if each of its words begins some word of the artifact.

Scripts that put no space between words, such as Chinese, are found from the beginning of a run.

Source: Unicode Standard Annex 15 for NFKC, The Unicode Standard section 3.13 for case folding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from polaris.errors import InvalidInputError

__all__ = ["document_tags", "document_words", "is_found", "normal_tag", "query_words", "words_of"]

_LONGEST = 64
_MOST_WORDS = 2000
_MOST_ASKED = 32
_ASCII_WORD = re.compile(r"[a-z0-9]+")


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text, in their order."""
    folded = _folded(text)
    if not folded.isascii():
        folded = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
        yield from (word[:_LONGEST] for word in folded.split(" ") if word)
        return
    yield from (word[0][:_LONGEST] for word in _ASCII_WORD.finditer(folded))


def query_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that is searched for, each once.

    Raises:
        InvalidInputError: There is no word in it, or there are more than 32.
    """
    words = tuple(dict.fromkeys(words_of(text)))
    if not words:
        raise InvalidInputError(
            f"There is no word in {text!r:.80} to search for", hint="Give letters or digits."
        )
    if len(words) > _MOST_ASKED:
        raise InvalidInputError(
            f"{len(words)} words cannot be searched for at once",
            hint=f"Give at most {_MOST_ASKED}.",
        )
    return words


def document_words(owner: str, slug: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words by which an artifact is found, each once, at most 2000.

    They are those of its owner, slug, name, tags and description, in this order.
    """
    found: dict[str, None] = {}
    for text in (owner, slug, *_texts(document)):
        for word in words_of(text):
            found[word] = None
            if len(found) == _MOST_WORDS:
                return tuple(found)
    return tuple(found)


def is_found(words: Iterable[str], asked: Iterable[str]) -> bool:
    """Say whether each word that is asked for begins some word of an artifact."""
    words = tuple(words)
    return all(any(word.startswith(start) for word in words) for start in asked)


def normal_tag(tag: str) -> str:
    """Return a tag as tags are compared: without regard to case and space."""
    return " ".join(_folded(tag).split())


def document_tags(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the tags in a document, as they are compared."""
    return frozenset(normal_tag(tag) for tag in _tags(document))


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    name, description = document.get("name"), document.get("description")
    if isinstance(name, str):
        yield name
    yield from _tags(document)
    if isinstance(description, str):
        yield description


def _tags(document: Mapping[str, Any]) -> Iterator[str]:
    # Documents may come from hubs and programs that write other things there.
    tags = document.get("tags")
    if isinstance(tags, list):
        yield from (tag for tag in tags if isinstance(tag, str))


def _folded(text: str) -> str:
    # Folding can undo the normalisation.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
