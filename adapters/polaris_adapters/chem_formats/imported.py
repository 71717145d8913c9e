"""RDKit and biotite, imported when they are first needed; they come with extras."""

from __future__ import annotations

from typing import Any

from polaris.errors import MissingExtraError

__all__ = ["chem", "msgpack_codec", "pdb_file", "structure"]


def chem(feature: str = "Reading and writing molecules") -> Any:
    """Return ``rdkit.Chem``.

    Raises:
        MissingExtraError: RDKit is not installed.
    """
    try:
        from rdkit import Chem
    except ImportError as cause:
        raise MissingExtraError(feature, extra="chem") from cause
    return Chem


def structure() -> Any:
    """Return ``biotite.structure``.

    Raises:
        MissingExtraError: biotite is not installed.
    """
    try:
        from biotite import structure as found
    except ImportError as cause:
        raise MissingExtraError("Reading and writing structures", extra="structures") from cause
    return found


def pdb_file() -> Any:
    """Return biotite's class of PDB files.

    Raises:
        MissingExtraError: biotite is not installed.
    """
    try:
        from biotite.structure.io.pdb import PDBFile
    except ImportError as cause:
        raise MissingExtraError("Reading PDB files", extra="structures") from cause
    return PDBFile


def msgpack_codec(**config: bool) -> Any:
    """Return numcodecs' codec of MessagePack.

    Raises:
        MissingExtraError: msgpack, which biotite brings, is not installed.
    """
    try:
        from numcodecs.msgpacks import MsgPack  # type: ignore[import-untyped]  # No annotations.
    except ImportError as cause:
        raise MissingExtraError("Reading and writing structures", extra="structures") from cause
    return MsgPack(**config)
