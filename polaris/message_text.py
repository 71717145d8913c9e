"""What every text passes on its way to people: no credentials, and nothing endless."""

from __future__ import annotations

import re

__all__ = ["presentable", "without_credentials"]

_MOST = 4000
_LONG_WORD = re.compile(r"\S{300,}")
# Of user and password both: services take tokens in either place.
_CREDENTIALS = re.compile(r"(?<=//)[^\s/@][^\s/]*@")


def without_credentials(text: str) -> str:
    """Return a text with what the URLs in it say of user and password masked."""
    return _CREDENTIALS.sub("***@", text)


def presentable(text: str) -> str:
    """Return a text for a message: on one line, credentials masked, and the middle cut if long."""
    lines = text.splitlines()
    if len(lines) > 1:  # Other libraries spread what they say.
        text = " ".join(filter(None, (line.strip() for line in lines)))
    text = without_credentials(text)
    text = _LONG_WORD.sub(lambda word: f"{word[0][:100]}…{word[0][-50:]}", text)
    return text if len(text) <= _MOST else f"{text[: _MOST - 600]} … {text[-500:]}"
