"""How much memory values are taken for."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from polaris.domain.memory_sizes import memory_bytes


@pytest.mark.parametrize("value", ["text", b"bytes", 3, 1.5, None, np.float32(2)])
def test_plain_values_have_the_size_that_python_tells(value: Any) -> None:
    assert memory_bytes(value) == sys.getsizeof(value)


def test_views_count_as_what_they_show() -> None:
    assert memory_bytes(np.zeros(1000)[:500]) == 4000


def test_what_is_inside_counts() -> None:
    image = np.zeros(1000)
    for holder in ([image], (image,), {"image": image}, np.array([image, None], dtype=object)):
        assert memory_bytes(holder) > 8000


def test_an_object_counts_with_its_attributes() -> None:
    biotite = pytest.importorskip("biotite.structure")
    assert memory_bytes(biotite.AtomArray(1000)) > 1000 * 12


@pytest.mark.parametrize("smiles", ["CCO", "C" * 100])
def test_a_molecule_is_larger_than_its_handle(smiles: str) -> None:
    chem = pytest.importorskip("rdkit.Chem")
    size = memory_bytes(chem.MolFromSmiles(smiles))
    assert 100 * len(smiles) < size < 5000 * len(smiles)


def test_large_collections_are_told_from_some_of_their_parts() -> None:
    size = memory_bytes([np.zeros(100) for _ in range(100_000)])
    assert 80_000_000 <= size <= 82_000_000


def test_what_cannot_be_pickled_or_holds_itself_has_a_size() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert memory_bytes(loop) > 0
    assert memory_bytes(value for value in [1]) > 0
    assert memory_bytes(sys) > 0
