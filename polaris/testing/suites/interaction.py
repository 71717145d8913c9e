"""The conformance suite of `polaris.ports.interaction`."""

from __future__ import annotations

import pytest

from polaris.errors import SignInError
from polaris.ports.interaction import Interaction, SignInEvent

__all__ = ["InteractionSuite"]

_MESSAGES = ("", "two\nlines", "\x1b[2J\x07", "é\u4e2d\U0001f9ea", "100% {x} %s")


class InteractionSuite:
    """What every `Interaction` promises.

    Derive a class whose name begins with ``Test`` and give it the fixtures ``interaction`` and
    ``silent``: one, and one with nobody who answers. Needs pytest-asyncio in its ``auto`` mode.
    """

    async def test_surroundings_are_told_the_same_twice(self, interaction: Interaction) -> None:
        first = await interaction.surroundings()
        assert await interaction.surroundings() == first

    @pytest.mark.parametrize("message", _MESSAGES, ids=ascii)
    async def test_anything_can_be_told(self, interaction: Interaction, message: str) -> None:
        done = False
        for kind in ("road", "browser", "device_code", "note", "signed_in", "of-tomorrow"):
            await interaction.tell(SignInEvent(kind, message, {"text": message, "list": ["a"]}))
            done = True
        assert done

    async def test_a_question_that_nobody_answers_fails_at_once(self, silent: Interaction) -> None:
        with pytest.raises(SignInError) as caught:
            await silent.ask("Who are you?")
        assert caught.value.hint
