"""Codecs of molecules and structures in Zarr archives; importing it registers them."""

from __future__ import annotations

from polaris.bootstrap.codecs import AtomArrayCodec, RDKitMolCodec

__all__ = ["AtomArrayCodec", "RDKitMolCodec"]
