"""Codecs of molecules and structures under a path that existing code imports."""

from __future__ import annotations

from polaris.bootstrap.codecs import AtomArrayCodec, RDKitMolCodec

__all__ = ["AtomArrayCodec", "RDKitMolCodec"]
