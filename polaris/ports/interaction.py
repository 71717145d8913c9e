"""Talking with the person who signs in: their browser, their terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs

__all__ = ["Interaction", "SignInEvent", "Surroundings"]


@attrs.frozen
class Surroundings:
    """What there is around the process.

    Attributes:
        browser: Whether a browser can be opened that the person sees.
        prompt: Whether questions can be answered.
        why: What was looked at to find out, a few words.
    """

    browser: bool
    prompt: bool
    why: str = ""


@attrs.frozen
class SignInEvent:
    """Something that the person, or the program that stands in for them, should know.

    Attributes:
        kind: A word for programs: ``road`` (which way is taken, and why), ``browser`` (a page to
            open), ``device_code`` (a code to enter on a page), ``note``, ``signed_in``,
            ``signed_out``.
        message: What to show; several lines at most. Never a secret.
        details: The same for programs: texts, numbers, lists of texts.
    """

    kind: str
    message: str
    details: Mapping[str, object] = attrs.field(factory=dict)


class Interaction(Protocol):
    """Tells and asks the person who signs in."""

    async def surroundings(self) -> Surroundings:
        """Return what there is; asks nobody and shows nothing."""
        ...

    async def open_browser(self, url: str, /) -> bool:
        """Open a page in the person's browser; return whether that seems to have worked.

        Never fails.
        """
        ...

    async def ask(self, question: str, /, *, hidden: bool = False) -> str:
        """Ask, and return the answer without space around it.

        Cancelling it does not wait for the person.

        Args:
            question: One line.
            hidden: Whether the answer must not be shown while it is typed.

        Raises:
            SignInError: Nobody can answer.
        """
        ...

    async def tell(self, event: SignInEvent, /) -> None:
        """Show something; never fails."""
        ...
