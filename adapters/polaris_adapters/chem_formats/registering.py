"""Telling zarr of the codecs."""

from __future__ import annotations

from numcodecs.registry import (  # type: ignore[import-untyped]  # It ships no annotations.
    codec_registry,
    register_codec,
)

from polaris_adapters.chem_formats.molecule_codec import RDKitMolCodec
from polaris_adapters.chem_formats.structure_codec import AtomArrayCodec

__all__ = ["register_codecs"]


def register_codecs() -> None:
    """Register the codecs of molecules and structures; one that is there already is kept."""
    for codec in (RDKitMolCodec, AtomArrayCodec):
        if codec.codec_id not in codec_registry:
            register_codec(codec)
