"""Where settings come from: arguments, the environment, an env file, a profile file."""

from __future__ import annotations

import difflib
import io
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from polaris.domain.locations import absolute_path, location_text
from polaris.errors import InvalidInputError, InvalidSettingsError, Problem

__all__ = ["HUB_SOURCES", "Found", "Sources", "default_config_file", "of_arguments", "resolve"]

_DEFAULT_PROFILE = "default"


class Found(NamedTuple):
    """A value, and where it was found.

    Attributes:
        value: As it stood there.
        origin: ``argument``, ``environment POLARIS_…`` and so on, for people.
    """

    value: Any
    origin: str


class Sources(NamedTuple):
    """Where settings of one sort are looked for.

    Attributes:
        prefix: Head of the names of their environment variables.
        config_file: Name of the profile file, in the folder of Polaris' settings.
    """

    prefix: str
    config_file: str


HUB_SOURCES = Sources("POLARIS_", "config.toml")


def default_config_file(sources: Sources = HUB_SOURCES) -> Path:
    """Return where the profile file lies unless told otherwise."""
    import platformdirs

    return Path(platformdirs.user_config_dir("polaris")) / sources.config_file


def of_arguments(given: Mapping[str, Any], names: Collection[str]) -> dict[str, Found]:
    """Return what is set by arguments.

    Args:
        given: The arguments; None counts as not given.
        names: The names that settings have.

    Raises:
        InvalidSettingsError: An argument is unknown.
    """
    unknown = [name for name in given if name not in names]
    if unknown:
        raise InvalidSettingsError(problems=_unknown(unknown, names, "is not a setting"))
    return {name: Found(v, "argument") for name, v in given.items() if v is not None}


def resolve(
    given: Mapping[str, Any], names: Collection[str], sources: Sources = HUB_SOURCES
) -> dict[str, Found]:
    """Return what is set anywhere; arguments win over the environment, that over files.

    Args:
        given: The arguments; None counts as not given.
        names: The names that settings have.
        sources: Where they are looked for.

    Raises:
        InvalidSettingsError: An argument or an entry of the profile file is unknown, or a file
            cannot be read. All problems of one source are reported together.
    """
    found = of_arguments(given, names)
    prefix = sources.prefix
    for name, value in _of_prefix(prefix, os.environ, names):
        found.setdefault(name, Found(value, f"environment {prefix}{name.upper()}"))
    if "env_file" in found:
        path = _path("env_file", found["env_file"].value)
        for name, value in _of_prefix(prefix, _env_file(path), names):
            found.setdefault(name, Found(value, f"env file {path}"))
    for name, entry in _profile(found, names, default_config_file(sources)).items():
        found.setdefault(name, entry)
    return found


def _of_prefix(
    prefix: str, variables: Mapping[str, str | None], names: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the settings among variables; names in any case, empty ones count as unset."""
    for variable, value in variables.items():
        name = variable.upper().removeprefix(prefix).lower()
        if variable.upper().startswith(prefix) and name in names and value:
            yield name, value


def _path(name: str, value: Any) -> Path:
    if not isinstance(value, (str, os.PathLike)):
        raise InvalidSettingsError(
            problems=[Problem(name, f"must be a path, not {type(value).__name__}")]
        )
    try:
        return absolute_path(location_text(value))
    except InvalidInputError as error:
        raise InvalidSettingsError(
            problems=[problem._replace(path=name) for problem in error.problems]
        ) from None


def _env_file(path: Path) -> Mapping[str, str | None]:
    from dotenv import dotenv_values

    # Given a path, it would pass over a missing file.
    return dotenv_values(stream=io.StringIO(_read(path)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidSettingsError(
            f"Cannot read the settings in {path}: {cause}", hint="Check the path and its content."
        ) from cause


def _profile(found: Mapping[str, Found], names: Collection[str], default: Path) -> dict[str, Found]:
    """Return the settings of the profile that was asked for, over those of ``[default]``."""
    # In lower case, as `_read_profiles` gives the names of the sections.
    asked = str(found["profile"].value).lower() if "profile" in found else None
    path = default
    if "config_file" in found:
        path = _path("config_file", found["config_file"].value)
    # Not `Path.is_file`, which raises where the folder may not be read.
    if path == default and not os.path.isfile(path):  # noqa: PTH113
        if asked in (None, _DEFAULT_PROFILE):
            return {}
        raise InvalidSettingsError(
            f"There is no profile {asked!r}: the profile file {path} does not exist",
            hint="Create it, or give config_file.",
        )
    profiles = _read_profiles(path)
    if asked is not None and asked not in profiles and asked != _DEFAULT_PROFILE:
        known = ", ".join(sorted(profiles)) or "none"
        raise InvalidSettingsError(
            f"There is no profile {asked!r} in {path}", hint=f"It has these: {known}."
        )
    found_here: dict[str, Found] = {}
    problems: list[Problem] = []
    for name in dict.fromkeys([asked or _DEFAULT_PROFILE, _DEFAULT_PROFILE]):
        section = profiles.get(name, {})
        origin = f"profile {name} in {path}"
        strange = [key for key in section if key not in names]
        problems += _unknown(strange, names, f"is no setting ({origin})")
        for key, value in section.items():
            found_here.setdefault(key, Found(value, origin))
    if problems:
        raise InvalidSettingsError(problems=problems)
    return found_here


def _read_profiles(path: Path) -> dict[str, dict[str, Any]]:
    """Return the sections of a profile file by name, keys in lower case."""
    _read(path)  # Tells a missing or unreadable file in our words.
    if path.suffix != ".toml":  # dynaconf would pass over it.
        raise InvalidSettingsError(
            f"The profile file {path} is not a TOML file by its name", hint="Rename it to *.toml."
        )
    from dynaconf import Dynaconf

    try:
        content = Dynaconf(settings_files=[str(path)], core_loaders=["TOML"], loaders=[]).as_dict()
    except Exception as cause:  # dynaconf lets its parsers' errors through
        raise InvalidSettingsError(
            f"Cannot read the settings in {path}: {cause}", hint="It has to be a TOML file."
        ) from cause
    loose = [key for key, section in content.items() if not isinstance(section, Mapping)]
    if loose:
        raise InvalidSettingsError(
            f"{loose[0].lower()} in {path} stands outside of any profile",
            hint="Put it under [default], or under the name of a profile.",
        )
    return {
        str(profile).lower(): {str(key).lower(): value for key, value in section.items()}
        for profile, section in content.items()
    }


def _unknown(keys: Collection[str], names: Collection[str], what: str) -> list[Problem]:
    problems: list[Problem] = []
    for key in keys:
        near = difflib.get_close_matches(key, names, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings are {', '.join(sorted(names))}."
        problems.append(Problem(key, what, hint))
    return problems
