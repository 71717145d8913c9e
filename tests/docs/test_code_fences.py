"""The Python code of every page runs, and prints what the page says that it prints."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from polaris_adapters.cli.main import main

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Fence(NamedTuple):
    """Code between fences: its language, its text, and the line on which it starts."""

    language: str
    code: str
    line: int


def fences(text: str) -> list[Fence]:
    return [
        Fence(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)
        for found in _FENCE.finditer(text)
    ]


_SESSION = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def run(page: Path) -> dict[str, Any]:
    """Run a page's code from top to bottom in one namespace.

    Sessions, of Python (``pycon``) and of a shell (``console``), have to print what the page shows.
    """
    namespace: dict[str, Any] = {"__name__": "page"}
    for fence in fences(page.read_text()):
        if fence.language == "python":
            # Blank lines before it make the line numbers of a traceback those of the page.
            source = "\n" * (fence.line - 1) + fence.code
            code = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            # As a notebook does: code that awaits is a coroutine.
            waiting = eval(code, namespace)
            if inspect.iscoroutine(waiting):
                asyncio.run(waiting)
        elif fence.language == "pycon":
            check(fence, page, namespace)
        elif fence.language == "console":
            Shell().check(fence, page)
    return namespace


def check(fence: Fence, page: Path, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(
        fence.code, namespace, page.name, str(page), fence.line - 1
    )
    shown: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=_FLAGS).run(
        test, out=shown.append, clear_globs=False
    )
    assert tried, f"{page}:{fence.line}: a session without a prompt"
    assert not failed, "".join(shown)
    namespace.update(test.globs)


class Shell:
    """As much of a shell as the pages need: ``polaris``, ``export`` and ``echo $?``."""

    def __init__(self) -> None:
        self.exit_code = 0

    def check(self, fence: Fence, page: Path) -> None:
        for command, expected in _SESSION.findall(fence.code):
            shown = self.run(command)
            fits = doctest.OutputChecker().check_output(expected, shown, _FLAGS)
            assert fits, f"{page}: {command}\nExpected:\n{expected}\nGot:\n{shown}"

    def run(self, command: str) -> str:
        if command == "echo $?":
            return f"{self.exit_code}\n"
        words = [os.path.expandvars(word) for word in shlex.split(command)]
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            os.environ[name] = value
            return ""
        assert words[0] == "polaris", f"cannot run {command!r}"
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            self.exit_code = main(words[1:])
        return shown.getvalue()


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working directory and an environment that the pages may change."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    os.environ["PWD"] = str(tmp_path)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.usefixtures("_elsewhere")
def test_the_code_of_a_page_runs(page: Path) -> None:
    run(page)


class TestRunner:
    """The runner notices what it is there to notice."""

    def _run(self, tmp_path: Path, text: str) -> dict[str, Any]:
        page = tmp_path / "page.md"
        page.write_text(text)
        return run(page)

    def test_fences_share_their_names(self, tmp_path: Path) -> None:
        text = "```python\na = 1\n```\n\n```pycon\n>>> b = a + 1\n>>> b\n2\n```\n"
        assert self._run(tmp_path, text)["b"] == 2

    def test_failing_code_fails(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError):
            self._run(tmp_path, "```python\n1 / 0\n```\n")

    def test_other_output_fails(self, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="Expected"):
            self._run(tmp_path, "```pycon\n>>> 1 + 1\n3\n```\n")

    def test_other_output_of_a_command_fails(self, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="Expected"):
            self._run(tmp_path, "```console\n$ polaris version\nof no importance\n```\n")

    def test_exit_codes_are_known(self, tmp_path: Path) -> None:
        self._run(tmp_path, "```console\n$ polaris nonsense\n$ echo $?\n2\n```\n")

    def test_other_languages_are_passed_over(self, tmp_path: Path) -> None:
        assert "x" not in self._run(tmp_path, "```bash\nx = 1\n```\n")


def test_there_is_code_to_run(docs: Path) -> None:
    languages = [f.language for f in fences((docs / "tutorial.md").read_text())]
    assert languages.count("python") >= 5
    assert languages.count("pycon") >= 5
