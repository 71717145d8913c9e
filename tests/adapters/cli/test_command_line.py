"""What holds for every command: help, usage, errors, exit codes, and the global options."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from polaris.hub.client import PolarisHubClient

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

NOUNS = ["dataset", "benchmark", "result", "leaderboard", "config"]
COMMANDS = [
    "demo", "version", "config show", "dataset ls", "dataset info", "dataset get", "dataset put",
    "dataset verify", "benchmark ls", "benchmark info", "benchmark get", "benchmark put",
    "result ls", "result put", "leaderboard show",
]  # fmt: skip


# -- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *NOUNS])
def test_a_group_without_a_command_shows_its_help(polaris: Polaris, command: str) -> None:
    ended = polaris(*command.split(), hub=None)
    assert ended.code == 0
    assert "Commands:" in ended.out
    assert ended.err == ""
    assert polaris(*command.split(), "--help", hub=None).out == ended.out


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_the_global_options(
    polaris: Polaris, command: str, flag: str
) -> None:
    ended = polaris(*command.split(), flag, hub=None)
    assert ended.code == 0
    for option in ("--hub", "--profile", "--json", "--quiet", "--debug"):
        assert option in ended.out


def test_the_help_lists_each_noun_and_the_exit_codes(polaris: Polaris) -> None:
    text = polaris("--help", hub=None).out
    for noun in (*NOUNS, "demo", "version"):
        assert f"\n  {noun} " in text
    assert "130 interrupted" in " ".join(text.split())


# -- usage --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("datasets ls", "polaris dataset"),
        ("benchmrk", "polaris benchmark"),
        ("dataset inf a/b", "polaris dataset info"),
        ("leaderboard shwo a/b", "polaris leaderboard show"),
    ],
)
def test_an_unknown_command_is_refused_with_the_nearest(
    polaris: Polaris, typed: str, meant: str
) -> None:
    ended = polaris(*typed.split(), hub=None)
    assert (ended.code, ended.out) == (2, "")
    assert f"Did you mean '{meant}'?" in ended.err
    assert "Code: usage" in ended.err


def test_an_unknown_command_like_no_other_points_to_the_help(polaris: Polaris) -> None:
    ended = polaris("xyzzy", hub=None)
    assert ended.code == 2
    assert "Hint: Try 'polaris --help'." in ended.err


@pytest.mark.parametrize(
    "typed",
    [
        "dataset ls --limit many",
        "dataset ls --limit -1",
        "dataset ls --frob",
        "dataset info",
        "dataset info acme/hello-world more",
        "dataset put x.json --access everyone",
        "--json",
        "--hub",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    polaris: Polaris, typed: str, as_json: bool
) -> None:
    ended = polaris(*(["--json"] if as_json else []), *typed.split(), hub=None)
    assert (ended.code, ended.out) == (2, "")
    if as_json or "--json" in typed:
        assert (ended.error["code"], ended.error["exitCode"]) == ("usage", 2)
        assert ended.error["message"]
    else:
        assert ended.err.startswith("Error: ")
        assert "Code: usage" in ended.err


@pytest.mark.parametrize("typed", ["nothing", "a/b/c", "acme/x", "ACME/hello-world"])
def test_what_is_no_id_is_refused(polaris: Polaris, typed: str) -> None:
    ended = polaris("dataset", "info", typed)
    assert ended.code == 2
    assert "Code: invalid_name" in ended.err


@pytest.mark.parametrize(("alias", "command"), [("list", "ls"), ("download", "get")])
def test_words_of_other_tools_are_understood(polaris: Polaris, alias: str, command: str) -> None:
    aliased, real = (polaris("dataset", word, "--help", hub=None) for word in (alias, command))
    assert aliased.code == real.code == 0
    assert aliased.out.partition("]")[2] == real.out.partition("]")[2]


# -- global options -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order",
    ["--hub {} --json dataset ls", "dataset --hub {} ls --json", "dataset ls --json --hub {}"],
)
def test_global_options_stand_before_or_after_the_command(
    polaris: Polaris, hub_url: str, order: str
) -> None:
    ended = polaris(*order.format(hub_url).split(), hub=None)
    assert (ended.code, ended.err, ended.data) == (0, "", [])


def test_the_one_nearest_to_the_command_wins(polaris: Polaris, hub_url: str) -> None:
    arguments = ["--hub", "file:///nowhere", "config", "--hub", "x://", "show", "--hub", hub_url]
    ended = polaris(*arguments, "--json", hub=None)
    assert ended.data["hub_url"] == hub_url


def test_the_hub_may_come_from_the_environment(
    polaris: Polaris, hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARIS_HUB_URL", hub_url)
    ended = polaris("dataset", "ls", hub=None)
    assert (ended.code, ended.out) == (0, "")


def test_a_scheme_that_nothing_serves_is_one_clear_error(polaris: Polaris) -> None:
    ended = polaris("dataset", "ls", hub="gopher://somewhere")
    assert ended.code == 2
    assert "gopher" in ended.err
    assert "file://" in ended.err
    assert "Code: unknown_transport" in ended.err


# -- errors -------------------------------------------------------------------------------------


def test_an_error_has_message_hint_and_code_and_no_traceback(published: Polaris) -> None:
    ended = published("dataset", "info", "acme/nothing-here")
    assert (ended.code, ended.out) == (4, "")
    lines = ended.err.splitlines()
    assert lines[0].startswith("Error: ")
    assert "acme/nothing-here" in lines[0]
    assert lines[-1] == "Code: artifact_not_found"
    assert "Traceback" not in ended.err


def test_with_json_an_error_is_a_json_object(published: Polaris) -> None:
    ended = published("dataset", "info", "acme/nothing-here", "--json")
    assert (ended.code, ended.out) == (4, "")
    assert set(ended.error) >= {"message", "hint", "code", "exitCode", "retryable"}
    assert ended.error["code"] == "artifact_not_found"


def test_debug_shows_the_traceback(published: Polaris) -> None:
    ended = published("dataset", "info", "acme/nothing-here", "--debug")
    assert ended.code == 4
    assert ended.err.startswith("Traceback")
    assert ended.err.splitlines()[-1] == "Code: artifact_not_found"


def test_all_problems_are_listed(polaris: Polaris, dataset_file: str) -> None:
    document = Path(dataset_file)
    text = document.read_text().replace("CC-BY-4.0", "secret").replace("hello_world", "h!")
    document.write_text(text)
    document.with_suffix(".sha256").unlink()
    plain = polaris("dataset", "put", dataset_file)
    assert plain.code == 2
    assert "2 problems" in plain.err
    assert "  license: " in plain.err
    assert "  name: " in plain.err
    problems = polaris("dataset", "put", dataset_file, "--json").error["problems"]
    assert {problem["path"] for problem in problems} == {"license", "name"}


def _raising(error: BaseException) -> Any:
    def method(*_: Any, **__: Any) -> Any:
        raise error

    return method


def test_a_defect_is_told_as_one(polaris: Polaris, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PolarisHubClient, "list_records", _raising(KeyError("boom")))
    ended = polaris("dataset", "ls")
    assert ended.code == 1
    assert "KeyError" in ended.err
    assert "--debug" in ended.err
    assert "Traceback" not in ended.err
    assert polaris("dataset", "ls", "--json").error["code"] == "internal"


def test_an_interrupt_ends_with_130(polaris: Polaris, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PolarisHubClient, "list_records", _raising(KeyboardInterrupt()))
    ended = polaris("dataset", "ls")
    assert (ended.code, ended.out) == (130, "")
    assert "Interrupted" in ended.err
    assert "Traceback" not in ended.err


def test_what_a_hub_says_cannot_steer_the_terminal(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polaris.errors import ArtifactNotFoundError

    error = ArtifactNotFoundError("no \x1b[31msuch\nthing", hint="look \x07elsewhere")
    monkeypatch.setattr(PolarisHubClient, "get_record", _raising(error))
    ended = polaris("dataset", "info", "acme/hello-world")
    assert ended.err.splitlines()[0] == r"Error: no \x1b[31msuch thing"
    assert "\x07" not in ended.err


# -- as a process -------------------------------------------------------------------------------


def test_the_process_ends_with_the_exit_code(process: Polaris, hub_url: str) -> None:
    ended = process("--hub", hub_url, "dataset", "info", "acme/nothing-here", "--json")
    assert (ended.code, ended.out) == (4, "")
    assert ended.error["code"] == "artifact_not_found"


def test_without_click_the_missing_extra_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['click'] = None; "
        "from polaris_adapters.cli.main import main; sys.exit(main(['version']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "pip install 'polaris-hub[cli]'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_signal_to_interrupt_ends_the_process_with_130(hub_url: str) -> None:
    program = (
        "import sys, time\n"
        "from polaris.hub.client import PolarisHubClient\n"
        "from polaris_adapters.cli.main import main\n"
        "def endless(*_, **__):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(100)\n"
        "PolarisHubClient.list_records = endless\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", program, "--hub", hub_url, "dataset", "ls"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert "Interrupted" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_is_drawn_on_a_terminal_unless_quiet(
    hub_url: str, dataset_file: str, quiet: bool
) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "polaris_adapters.cli", "--hub", hub_url, "dataset", "put"]
    ended = subprocess.run(
        [*command, dataset_file, *(["-q"] if quiet else [])],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "TERM": "xterm"},
    )
    # A character that ends what was drawn, so that reading an empty terminal does not wait.
    os.write(theirs, b"\x04")
    drawn = b""
    while not drawn.endswith(b"\x04"):
        drawn += os.read(ours, 65536)
    os.close(ours)
    os.close(theirs)
    assert (ended.returncode, ended.stdout) == (0, "acme/hello-world\n")
    if quiet:
        assert drawn == b"\x04"
    else:
        assert b"Publishing acme/hello-world" in drawn
        assert b"Published dataset acme/hello-world" in drawn


def test_a_reader_that_goes_away_is_no_error(hub_url: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "polaris_adapters.cli", "--hub", hub_url, "config", "show"]
    ended = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    os.close(writer)
    assert ended.stderr == ""
