"""How domain values are declared and checked: every problem of a value is reported at once.

A value is an attrs class that derives from `Validated`. What a single field accepts is its attrs
converter, which must be idempotent and raises `InvalidInputError`. What several fields must satisfy
together is a method marked with `rule`, which yields a `Problem` for each violation. Construction
runs all converters and then every rule whose fields are good, so that a document with five mistakes
is refused once, with five problems, and not five times. Assignment runs the same checks.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar, cast

import attrs

from polaris.errors import InvalidInputError, Problem

__all__ = [
    "UnknownFieldWarning",
    "Validated",
    "check_assignment",
    "frozen",
    "keywords",
    "rule",
    "to_camel",
]

Rule = Callable[[Any], Iterable[Problem]]
RuleT = TypeVar("RuleT", bound=Rule)


class UnknownFieldWarning(UserWarning):
    """A keyword was given that no field has; it has no effect and is probably misspelt."""


def to_camel(name: str) -> str:
    """Return the wire spelling of a field: ``zarr_md5sum_manifest`` is ``zarrMd5SumManifest``.

    A letter that follows a digit is upper-cased too, as the Hub's clients have always done.
    """
    head, *tail = name.split("_")
    words = [head, *(word[:1].upper() + word[1:] for word in tail)]
    return "".join(_upper_after_digit(word) for word in words)


def _upper_after_digit(word: str) -> str:
    return "".join(
        char.upper() if position and word[position - 1].isdigit() else char
        for position, char in enumerate(word)
    )


def keywords(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a mapping that a user gave as keyword arguments, which have to be texts."""
    return {str(key): item for key, item in value.items()}


def rule(*needs: str) -> Callable[[RuleT], RuleT]:
    """Mark a method as a rule over the fields it needs; it yields a `Problem` a violation."""

    def mark(method: RuleT) -> RuleT:
        method.__dict__["needs"] = frozenset(needs)
        return method

    return mark


_RULES: dict[type, tuple[tuple[str, frozenset[str]], ...]] = {}


def _rules_of(cls: type) -> tuple[tuple[str, frozenset[str]], ...]:
    if cls in _RULES:
        return _RULES[cls]
    found: dict[str, frozenset[str]] = {}
    for ancestor in reversed(cls.__mro__):
        for name, member in vars(ancestor).items():
            needs = getattr(member, "needs", None)
            if isinstance(needs, frozenset):
                found[name] = needs
    _RULES[cls] = tuple(found.items())
    return _RULES[cls]


def _broken_rules(value: object, fields: frozenset[str] | None = None) -> Iterator[Problem]:
    """Yield what the rules find, restricted to rules that need no field outside ``fields``."""
    for name, needs in _rules_of(type(value)):
        if fields is not None and not needs <= fields:
            continue
        try:
            yield from getattr(value, name)()
        except InvalidInputError as error:
            yield from error.problems


def _placed(problem: Problem, field: str) -> Problem:
    path = field if not problem.path else f"{field}.{problem.path}"
    return problem._replace(path=path)


def _converted(attribute: attrs.Attribute[Any], new: Any) -> Any:
    convert = cast("Callable[[Any], Any] | None", attribute.converter)
    return new if convert is None else convert(new)


def _fields_of(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    return tuple(attrs.fields(cast("type[attrs.AttrsInstance]", cls)))


def check_assignment(value: Any, attribute: attrs.Attribute[Any], new: Any) -> Any:
    """Convert and check a value that is assigned to a field; an attrs ``on_setattr`` hook."""
    problems: list[Problem] = []
    try:
        new = _converted(attribute, new)
    except InvalidInputError as error:
        problems = [_placed(p, attribute.alias or attribute.name) for p in error.problems]
    if not problems:
        probe = copy.copy(value)
        object.__setattr__(probe, attribute.name, new)
        for name, needs in _rules_of(type(value)):
            if attribute.name in needs:
                problems += getattr(probe, name)()
    if problems:
        raise type(value).error_type(problems=problems)
    return new


def frozen(value: Any, attribute: attrs.Attribute[Any], new: Any) -> Any:
    """Refuse assignment; an attrs ``on_setattr`` hook."""
    raise type(value).error_type(
        f"{type(value).__name__}.{attribute.name} cannot be changed once it is set.",
        hint="Construct a new value instead.",
    )


class ValidatedMeta(type):
    """Checks keywords before attrs sees them, so that all their problems are reported together."""

    def __call__(cls, *args: Any, **keywords: Any) -> Any:
        fields = {field.alias or field.name: field for field in _fields_of(cls) if field.init}
        given = cls._spelt(fields, args, keywords)
        good: dict[str, Any] = {}
        problems: list[Problem] = []
        for alias, field in fields.items():
            if alias in given:
                try:
                    good[alias] = _converted(field, given[alias])
                except InvalidInputError as error:
                    problems += [_placed(problem, alias) for problem in error.problems]
            elif field.default is attrs.NOTHING:
                problems.append(Problem(alias, "is required"))
        if problems:
            problems += cls._rules_over_good_fields(fields, good, given)
            raise cls.error_type(problems=problems)  # type: ignore[attr-defined]
        return super().__call__(**good)

    def _spelt(
        cls, fields: Mapping[str, Any], args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the arguments under the names that attrs uses; warn of those it has not."""
        positional = [alias for alias, field in fields.items() if not field.kw_only]
        if len(args) > len(positional):
            raise TypeError(
                f"{cls.__name__} takes {len(positional)} positional arguments, {len(args)} given"
            )
        given = dict(zip(positional, args, strict=False))
        spellings = {to_camel(alias): alias for alias in fields}
        spellings |= {
            spelling: alias
            for alias, field in fields.items()
            for spelling in field.metadata.get("spellings", ())
        }
        for name, value in keywords.items():
            alias = name if name in fields else spellings.get(name)
            if alias is not None:
                given[alias] = value
            elif name not in cls.computed:  # type: ignore[attr-defined]
                warnings.warn(
                    f"{cls.__name__} has no field {name!r}; it is ignored.",
                    UnknownFieldWarning,
                    stacklevel=3,
                )
        return given

    def _rules_over_good_fields(
        cls, fields: Mapping[str, Any], good: Mapping[str, Any], given: Mapping[str, Any]
    ) -> list[Problem]:
        """Run the rules that the failed fields do not touch, on a value that is then dropped."""
        probe: object = object.__new__(cast("type", cls))
        known: set[str] = set()
        for field in _fields_of(cls):
            alias = field.alias or field.name
            if alias in good:
                new = good[alias]
            elif alias in given or field.default is attrs.NOTHING:
                continue
            else:
                factory = getattr(field.default, "factory", None)
                new = field.default if factory is None else factory()
            object.__setattr__(probe, field.name, new)
            known.add(field.name)
        return list(_broken_rules(probe, frozenset(known)))


class Validated(metaclass=ValidatedMeta):
    """Base of the domain's checked values.

    Attributes:
        error_type: The error that is raised when a check fails.
        computed: Names that documents carry but that are derived here; accepted and ignored.
    """

    __slots__ = ()
    error_type: ClassVar[type[InvalidInputError]] = InvalidInputError
    computed: ClassVar[frozenset[str]] = frozenset()

    def __attrs_post_init__(self) -> None:
        problems = list(_broken_rules(self))
        if problems:
            raise self.error_type(problems=problems)
