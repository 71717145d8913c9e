"""Asking in a notebook: a real kernel, and a front end that answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

jupyter_client = pytest.importorskip("jupyter_client", reason="NO NOTEBOOK KERNEL IS INSTALLED")
pytest.importorskip("ipykernel", reason="NO NOTEBOOK KERNEL IS INSTALLED")

pytestmark = [pytest.mark.slow, pytest.mark.network]

ASK = """
from polaris.application.loop_thread import run_blocking
from polaris_adapters.terminal_interaction import TerminalInteraction
talk = TerminalInteraction({})
print(run_blocking(talk.surroundings()).prompt)
print("answer:", run_blocking(talk.ask("Code:")))
"""


@pytest.fixture
def kernel() -> Iterator[Any]:
    manager = jupyter_client.KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_question_is_asked_by_the_notebook(kernel: Any) -> None:
    asked: list[str] = []
    written: list[str] = []

    def answer(message: dict[str, Any]) -> None:
        asked.append(message["content"]["prompt"])
        kernel.input(" the code ")

    def show(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            written.append(message["content"]["text"])

    reply = kernel.execute_interactive(
        ASK, allow_stdin=True, stdin_hook=answer, output_hook=show, timeout=60
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    assert asked == ["Code: "]
    assert "".join(written).split("\n")[:2] == ["True", "answer: the code"]


def test_where_nobody_can_answer_it_is_said(kernel: Any) -> None:
    reply = kernel.execute_interactive(
        ASK, allow_stdin=False, output_hook=lambda _: None, timeout=60
    )
    assert reply["content"]["ename"] == "SignInError"
