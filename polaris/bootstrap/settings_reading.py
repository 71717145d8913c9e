"""Settings that are completed from their sources when they are constructed."""

from __future__ import annotations

from typing import Any, cast

import attrs

from polaris.bootstrap.settings_sources import Found, of_arguments
from polaris.domain.fields import ValidatedMeta
from polaris.errors import InvalidSettingsError

__all__ = ["FromSources"]


class FromSources(ValidatedMeta):
    """Completes the arguments by what environment and files say, then checks them all.

    Problems say where the value is from, unless it is an argument.
    """

    def found(cls, given: dict[str, Any]) -> dict[str, Found]:
        """Return the settings that are set anywhere; each kind of settings has its own way."""
        return {name: Found(value, "argument") for name, value in given.items()}

    def from_arguments(cls, **given: Any) -> Any:
        """Return checked settings of arguments alone; neither environment nor files are read.

        Raises:
            InvalidSettingsError: Something is unknown, or breaks a rule.
        """
        names = [field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", cls))]
        found = of_arguments(given, names)
        return super().__call__(**{name: entry.value for name, entry in found.items()})

    def __call__(cls, **given: Any) -> Any:
        """Return the settings, completed and checked."""
        found = cls.found(given)
        try:
            return super().__call__(**{name: entry.value for name, entry in found.items()})
        except InvalidSettingsError as error:
            placed = [
                problem._replace(message=f"{problem.message}, {_from(found[name].origin)}")
                if (name := problem.path.partition(".")[0]) in found
                and found[name].origin != "argument"
                else problem
                for problem in error.problems
            ]
            raise InvalidSettingsError(problems=placed) from None


def _from(origin: str) -> str:
    return origin if origin.startswith("derived from ") else f"from {origin}"
