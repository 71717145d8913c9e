"""Plain-dictionary forms of artifacts, under the method names that polaris-lib users know."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Self

from polaris.codec.documents import to_document
from polaris.codec.json_text import dumps
from polaris.codec.unstructuring import camel, plain, snake
from polaris.domain.artifact import Artifact
from polaris.domain.results import EvaluationResult, records_of

__all__ = ["Dumping"]

_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


def _snake(name: str) -> str:
    # A capital after a digit is an artefact of the wire spelling: md5Sum is md5sum.
    return _CAPITAL.sub(lambda found: "_" + found.group(1).lower(), name).replace(
        "md5_sum", "md5sum"
    )


class Dumping:
    """Adds dictionary and JSON forms to an artifact."""

    __slots__ = ()

    def model_dump(
        self, *, by_alias: bool = False, exclude: Collection[str] = ()
    ) -> dict[str, Any]:
        """Return the artifact as a dictionary, computed values included, nulls left out.

        A dataset's table is in it as it is, and its archive by the path that it has here, so that
        the class makes the same dataset of the dictionary.

        Args:
            by_alias: Use the camelCase names of the wire.
            exclude: Names to leave out.
        """
        assert isinstance(self, Artifact)
        document: Mapping[str, Any] = to_document(self)
        named = document if by_alias else {_snake(key): value for key, value in document.items()}
        known = {**named, **self._as_held(by_alias)}
        return {key: value for key, value in known.items() if key not in exclude}

    def _as_held(self, by_alias: bool) -> dict[str, Any]:
        """Return what documents for hubs do not have, or spell in camelCase alone."""
        spell = camel if by_alias else snake
        held: dict[str, Any] = {}
        for name in ("table", "zarr_root_path"):
            if getattr(self, name, None) is not None:
                held[spell(name)] = getattr(self, name)
        if hasattr(self, "annotations"):
            held["annotations"] = plain(self.annotations, spell)
        if isinstance(self, EvaluationResult):
            held["results"] = plain(records_of(self.results), spell)
        return held

    def model_dump_json(self, *, by_alias: bool = False, indent: int | None = None) -> str:
        """Return the artifact as JSON text, without its table."""
        return dumps(self.model_dump(by_alias=by_alias, exclude=["table"]), indent=indent)

    @classmethod
    def model_validate(cls, value: Mapping[str, Any]) -> Self:
        """Return the artifact that a dictionary describes."""
        return cls(**value)
