"""Talking with a person at a terminal, and with a program by lines of JSON."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
import webbrowser

import pytest

from polaris.errors import SignInError
from polaris.ports.interaction import Interaction, SignInEvent
from polaris.testing import InteractionSuite
from polaris_adapters.terminal_interaction import JsonLinesInteraction, TerminalInteraction


class TestTerminalInteraction(InteractionSuite):
    @pytest.fixture
    def interaction(self) -> Interaction:
        return TerminalInteraction({})

    @pytest.fixture
    def silent(self, monkeypatch: pytest.MonkeyPatch) -> Interaction:
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        return TerminalInteraction({})


class TestJsonLinesInteraction(InteractionSuite):
    @pytest.fixture
    def interaction(self) -> Interaction:
        return JsonLinesInteraction({})

    @pytest.fixture
    def silent(self, monkeypatch: pytest.MonkeyPatch) -> Interaction:
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
        return JsonLinesInteraction({})


class Browser:
    """Stands in for the machine's browser."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("environment", "name", "expected"),
    [
        ({"DISPLAY": ":0"}, "firefox", True),
        ({"WAYLAND_DISPLAY": "w"}, "chromium", True),
        ({"DISPLAY": ":0"}, "/usr/bin/w3m", False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1"}, "firefox", False),
        ({"DISPLAY": ":0", "CI": "true"}, "firefox", False),
        ({}, "firefox", sys.platform in ("win32", "darwin", "cygwin")),
    ],
)
async def test_a_browser_is_one_that_the_person_sees(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], name: str, expected: bool
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: Browser(name))
    found = await TerminalInteraction(environment).surroundings()
    assert found.browser is expected
    assert found.why


async def test_without_any_browser_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    assert not (await JsonLinesInteraction({"DISPLAY": ":0"}).surroundings()).browser


async def test_a_page_that_cannot_be_opened_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> bool:
        raise webbrowser.Error("no")

    monkeypatch.setattr(webbrowser, "open", fails)
    assert not await TerminalInteraction({}).open_browser("https://hub.example/")


async def test_what_a_server_sends_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await TerminalInteraction({}).tell(SignInEvent("note", "\x1b]0;title\x07two\nlines"))
    written = capsys.readouterr()
    assert written.out == ""
    assert "\x1b" not in written.err
    assert "\n" in written.err


async def test_what_has_to_be_done_is_said_even_when_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quiet = TerminalInteraction({}, quiet=True)
    await quiet.tell(SignInEvent("road", "by the browser"))
    await quiet.tell(SignInEvent("device_code", "enter ABCD"))
    assert capsys.readouterr().err == "enter ABCD\n"


async def test_an_answer_comes_without_space_around_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("  the code \nmore\n"))
    assert await TerminalInteraction({}).ask("Code:") == "the code"
    assert capsys.readouterr().err == "Code: "


async def test_a_program_gets_events_and_prompts_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("answer\n"))
    talk = JsonLinesInteraction({})
    await talk.tell(SignInEvent("device_code", "two\nlines", {"user_code": "ABCD"}))
    assert await talk.ask("Code?", hidden=True) == "answer"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"event": "device_code", "message": "two\nlines", "user_code": "ABCD"},
        {"event": "prompt", "message": "Code?", "hidden": True},
    ]


async def test_who_is_interrupted_does_not_wait_for_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Slow(io.StringIO):
        def readline(self, *_: object) -> str:  # type: ignore[override]
            asked.set()
            answered.wait(timeout=30)
            return "too late\n"

    monkeypatch.setattr(sys, "stdin", Slow())
    task = asyncio.create_task(TerminalInteraction({}).ask("Code:"))
    await asyncio.to_thread(asked.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    waiting = [thread for thread in threading.enumerate() if thread.name == "polaris-answer"]
    assert all(thread.daemon for thread in waiting)
    answered.set()


async def test_an_empty_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("   \n"))
    with pytest.raises(SignInError):
        await TerminalInteraction({}).ask("Code:")
