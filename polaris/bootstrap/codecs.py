"""The codecs of objects in archives, which zarr knows once this module is imported."""

from __future__ import annotations

from polaris_adapters.chem_formats.molecule_codec import RDKitMolCodec
from polaris_adapters.chem_formats.registering import register_codecs
from polaris_adapters.chem_formats.structure_codec import AtomArrayCodec

__all__ = ["AtomArrayCodec", "RDKitMolCodec"]

register_codecs()
