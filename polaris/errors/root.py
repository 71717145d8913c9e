"""What all errors have in common."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from polaris.message_text import presentable

__all__ = [
    "ClosedError",
    "PolarisError",
    "Problem",
]


class Problem(NamedTuple):
    """One rule that a value breaks.

    Attributes:
        path: Where the value stands in its document, such as ``annotations.smiles.modality``.
        message: What is wrong there, in one line.
        hint: What to do about it; may be empty.
    """

    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message}"


class PolarisError(Exception):
    """Base of every error that Polaris raises on purpose.

    Args:
        message: What was tried, on what, and why it failed; one line.
        hint: What to do next.

    Attributes:
        given_up: Whether all the tries that make sense have been made.
    """

    given_up: bool = False
    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        self.message = presentable(message)
        self.hint = presentable(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions pickle by their positional arguments; ours have keyword-only ones.
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[PolarisError], state: dict[str, object]) -> PolarisError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (state.get("message", ""),)
    return error


class ClosedError(PolarisError, RuntimeError):
    """A client was used after it had been closed."""

    code = "closed"
