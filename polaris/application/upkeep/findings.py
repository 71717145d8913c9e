"""What a check of a hub finds."""

from __future__ import annotations

from typing import Any, Literal

import attrs

__all__ = ["CheckReport", "Finding"]

Severity = Literal["error", "warning"]


@attrs.frozen
class Finding:
    """Something that does not belong, or is not what it should be.

    Attributes:
        code: What it is, such as ``object-missing``; ``docs/how-to/maintain-a-hub.md`` lists them.
        where: The row, or the area of objects and the key.
        message: What is wrong, in words.
        severity: ``warning`` for what can happen without damage.
        remedy: What a repair does about it; None if there is nothing that it can do.
        is_repaired: Whether it has been done.
    """

    code: str
    where: str
    message: str
    severity: Severity = "error"
    remedy: str | None = None
    is_repaired: bool = False


@attrs.frozen
class CheckReport:
    """What a check has found.

    Attributes:
        findings: What is, or was, wrong.
        revisions: How many revisions were looked at.
        objects: How many objects were looked at.
        is_deep: Whether every object was read.
    """

    findings: tuple[Finding, ...]
    revisions: int
    objects: int
    is_deep: bool

    @property
    def is_clean(self) -> bool:
        """Whether nothing is damaged now; warnings do not count."""
        return not any(f.severity == "error" and not f.is_repaired for f in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "clean": self.is_clean,
            "deep": self.is_deep,
            "revisions": self.revisions,
            "objects": self.objects,
            "findings": [attrs.asdict(finding) for finding in self.findings],
        }
