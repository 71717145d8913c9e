"""What is known of each atom of a structure, and under which names it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["ATOM_TYPES", "AXES", "OPTIONAL_ATOM_TYPES"]

# The coordinates of the atoms, in Å; three arrays of float32.
AXES = ("X", "Y", "Z")

# The annotations that every structure has, in the order in which archives store them, and their
# numpy types. Texts may be longer where a file has longer ones.
ATOM_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "chain_id": "U4",
        "res_id": "int64",
        "ins_code": "U1",
        "res_name": "U5",
        "hetero": "bool",
        "atom_name": "U6",
        "element": "U2",
    }
)

# Those that a structure may lack.
OPTIONAL_ATOM_TYPES: Mapping[str, str] = MappingProxyType(
    {"atom_id": "int64", "b_factor": "float64", "occupancy": "float64", "charge": "int64"}
)
