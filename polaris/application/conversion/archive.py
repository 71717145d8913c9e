"""Converting a Zarr archive: a column for each of its arrays."""

from __future__ import annotations

from collections.abc import Sequence

from polaris.application.conversion.converter import (
    ConversionTarget,
    Converted,
    Converter,
    refuse_names,
)
from polaris.domain.arrays import ArrayInfo
from polaris.domain.columns import ColumnAnnotation
from polaris.errors import InvalidDatasetError

__all__ = ["ZarrConverter"]


class ZarrConverter(Converter):
    """Makes a pointer column of each array of a Zarr archive without sub-groups.

    The arrays are copied into the factory's archive. A factory without archive takes that which is
    converted as it lies there, and does not write to it.
    """

    def convert(self, path: str, factory: ConversionTarget, append: bool = False) -> Converted:
        """See `Converter.convert`.

        Raises:
            InvalidDatasetError: The archive has sub-groups, no arrays, or arrays of different
                lengths; or see `Converter.convert`.
        """
        import pandas as pd

        source = factory.source_archive(path)
        infos = _flat(source.arrays(), path)
        names = [info.path for info in infos]
        first = dict.fromkeys(names, 0)
        if factory.zarr_root_path is None:
            factory.read_in_place(path)
        else:
            refuse_names(names, factory, append=append)
            first = {name: factory.archive.append_from(source, name) for name in names}
            attributes = dict(source.group.attrs)
            if attributes and not append:
                factory.zarr_root.attrs.update(attributes)
        table = {
            name: [self.get_pointer(name, first[name] + row) for row in range(infos[0].shape[0])]
            for name in names
        }
        return pd.DataFrame(table), {name: ColumnAnnotation(is_pointer=True) for name in names}, {}


def _flat(infos: Sequence[ArrayInfo], path: str) -> Sequence[ArrayInfo]:
    """Return the arrays of an archive; refuse those that cannot be columns of one table."""
    nested = [info.path for info in infos if "/" in info.path]
    if nested:
        raise InvalidDatasetError(
            f"The archive {path} has sub-groups, such as that of {nested[0]!r}",
            hint="Put all arrays into the root.",
        )
    if not infos:
        raise InvalidDatasetError(
            f"The archive {path} has no arrays", hint="Give one that has arrays in its root."
        )
    lengths = {info.shape[0] if info.shape else None for info in infos}
    if len(lengths) != 1 or None in lengths:
        shapes = ", ".join(f"{info.path}: {info.shape}" for info in infos[:20])
        raise InvalidDatasetError(
            f"The arrays of {path} do not have the same number of rows ({shapes})",
            hint="The first axis of every array counts the rows.",
        )
    return infos
