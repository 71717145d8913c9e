"""Looking at what a hub needs, from the machine outwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import Protocol

import attrs

from polaris.errors import PolarisError

__all__ = ["Diagnosis", "Finding", "Outcome"]


class Outcome(StrEnum):
    """What came of a check.

    Attributes:
        GOOD: As it should be.
        NOTE: Neither good nor bad; worth knowing.
        WARNING: It works, and may not for long, or not for everything.
        FAILED: It does not work.
        SKIPPED: It could not be looked at.
    """

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@attrs.frozen
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What was looked at, a word or two, such as ``certificate``.
        outcome: What came of it.
        message: What was seen, one line. Never a secret.
        hint: What to do about it.
        details: The same for programs: texts, numbers, lists of texts.
        code: Code of the error, if one was raised.
        exit_code: What the command line ends with for such an error.
        ends: Whether nothing that lies behind it can be looked at.
    """

    check: str
    outcome: Outcome
    message: str
    hint: str = ""
    details: Mapping[str, object] = attrs.field(factory=dict)
    code: str = ""
    exit_code: int = 0
    ends: bool = False

    @classmethod
    def of(cls, check: str, error: PolarisError, *, ends: bool = False) -> Finding:
        """Return the finding that a check failed with an error."""
        return cls(
            check,
            Outcome.FAILED,
            " ".join(error.message.split()) or type(error).__name__,
            hint=error.hint,
            code=error.code,
            exit_code=error.exit_code,
            ends=ends,
        )


class Diagnosis(Protocol):
    """Looks at one thing that a hub needs: a network, a folder, a cache."""

    def findings(self) -> AsyncIterator[Finding]:
        """Yield what is found, as it is found, from the machine outwards.

        What cannot be looked at, since something before it failed, is not yielded. Nothing is
        changed, and no error is raised: what goes wrong is a finding.
        """
        ...
