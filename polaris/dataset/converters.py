"""What makes columns of files."""

from __future__ import annotations

from polaris.application.conversion.archive import ZarrConverter
from polaris.application.conversion.converter import Converter
from polaris.application.conversion.molecules import SDFConverter
from polaris.application.conversion.structures import PDBConverter

__all__ = ["Converter", "PDBConverter", "SDFConverter", "ZarrConverter"]
