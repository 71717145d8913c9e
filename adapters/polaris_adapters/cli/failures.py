"""Telling of a failure on standard error, for people or as JSON, and choosing the exit code."""

from __future__ import annotations

import json
import traceback
from typing import Any, NamedTuple

import click

from polaris.errors import InvalidInputError, PolarisError, Problem, StorageError
from polaris.message_text import presentable
from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.output import printable

__all__ = ["report_failure", "report_interrupt"]

_INTERRUPTED = 130


class _Failure(NamedTuple):
    """What is told of an error."""

    message: str
    hint: str
    code: str
    exit_code: int
    retryable: bool = False
    problems: tuple[Problem, ...] = ()


def report_failure(error: Exception, options: GlobalOptions) -> int:
    """Write what went wrong to standard error.

    Args:
        error: One of ours, one of Click's, or a defect.
        options: Decide on JSON and on the traceback.

    Returns:
        The exit code.
    """
    failure = _failure(error)
    if options.debug:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    click.echo(_as_json(failure) if options.json else _as_text(failure), err=True)
    return failure.exit_code


def report_interrupt() -> int:
    """Say that the user ended the command, and return the exit code."""
    click.echo("Interrupted.", err=True)
    return _INTERRUPTED


def _failure(error: Exception) -> _Failure:
    if isinstance(error, PolarisError):
        return _Failure(
            message=error.message,
            hint=error.hint,
            code=error.code,
            exit_code=error.exit_code,
            retryable=error.retryable,
            problems=error.problems if isinstance(error, InvalidInputError) else (),
        )
    if isinstance(error, click.ClickException):
        return _Failure(
            message=presentable(error.format_message()),
            hint=_usage_hint(error),
            code="usage",
            exit_code=error.exit_code,
        )
    if isinstance(error, OSError):
        # A folder or file that a command was given; what is Polaris' own has been translated.
        return _Failure(
            message=presentable(str(error)),
            hint="Check the path, its permissions, and the space on the disk.",
            code=StorageError.code,
            exit_code=StorageError.exit_code,
        )
    return _Failure(
        message=presentable(f"{type(error).__name__}: {error}"),
        hint="This is a defect of Polaris; run the command again with --debug and report it.",
        code="internal",
        exit_code=1,
    )


def _usage_hint(error: click.ClickException) -> str:
    hint = getattr(error, "hint", None)
    context = getattr(error, "ctx", None)
    if isinstance(hint, str) and hint:
        return hint
    return f"Try '{context.command_path} --help'." if isinstance(context, click.Context) else ""


def _as_text(failure: _Failure) -> str:
    lines = [f"Error: {printable(failure.message)}"]
    if len(failure.problems) > 1:
        lines = [f"Error: {len(failure.problems)} problems"]
        lines += [f"  {printable(str(problem))}" for problem in failure.problems]
    if failure.hint:
        lines.append(f"Hint: {printable(failure.hint)}")
    return "\n".join([*lines, f"Code: {failure.code}"])


def _as_json(failure: _Failure) -> str:
    told: dict[str, Any] = {
        "message": failure.message,
        "hint": failure.hint,
        "code": failure.code,
        "exitCode": failure.exit_code,
        "retryable": failure.retryable,
    }
    if failure.problems:
        told["problems"] = [problem._asdict() for problem in failure.problems]
    return json.dumps({"error": told}, ensure_ascii=False)
