"""The person of tests, and nobody."""

from __future__ import annotations

import logging

import pytest

from polaris.application.unattended import Unattended
from polaris.ports.interaction import Interaction, SignInEvent
from polaris.testing import InteractionSuite, ScriptedInteraction


class TestScriptedInteraction(InteractionSuite):
    @pytest.fixture
    def interaction(self) -> Interaction:
        return ScriptedInteraction(answers=["yes"])

    @pytest.fixture
    def silent(self) -> Interaction:
        return ScriptedInteraction()


class TestUnattended(InteractionSuite):
    @pytest.fixture
    def interaction(self) -> Interaction:
        return Unattended()

    @pytest.fixture
    def silent(self) -> Interaction:
        return Unattended()


async def test_pages_questions_and_events_are_remembered() -> None:
    seen: list[str] = []

    async def browser(url: str) -> None:
        seen.append(url)

    person = ScriptedInteraction(browser, answers=[" first ", "second"])
    assert await person.open_browser("https://hub.example/")
    assert [await person.ask("One?"), await person.ask("Two?")] == ["first", "second"]
    await person.tell(SignInEvent("note", "hello"))
    assert seen == person.opened == ["https://hub.example/"]
    assert person.questions == ["One?", "Two?"]
    assert person.events == [SignInEvent("note", "hello")]


async def test_where_nobody_is_it_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await Unattended().tell(SignInEvent("note", "hello"))
    assert not await Unattended().open_browser("https://hub.example/")
    assert "hello" in caplog.text
