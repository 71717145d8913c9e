"""The newer address of the codecs of molecules and structures."""

from __future__ import annotations

from polaris.bootstrap.codecs import AtomArrayCodec, RDKitMolCodec

__all__ = ["AtomArrayCodec", "RDKitMolCodec"]
