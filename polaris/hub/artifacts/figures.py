"""Figures of datasets and of results; drawn by matplotlib, which is an extra."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from polaris.domain.column_summaries import (
    DescribedDataset,
    first_cells,
    plain_cells,
    without_adapters,
)
from polaris.domain.short_text import few, shortened
from polaris.errors import InvalidDatasetError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["columns_figure", "results_figure"]

_MOST_PANELS = 12
_MOST_BARS = 20
_MOST_ROWS = 100_000
# Values that are shown one by one rather than in bins.
_FEW_VALUES = 10
_FEWEST_PLACES = 4
_BINS = 30
_WIDTH = 3.6


def _panels(count: int, heights: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many panels, in rows of up to three.

    It is made without pyplot, which would keep it alive and open windows.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as cause:
        raise MissingExtraError("Drawing figures", extra="plot") from cause

    class NotebookFigure(Figure):
        """A figure that notebooks show without `pyplot` having been imported."""

        def _repr_png_(self) -> bytes:
            drawn = io.BytesIO()
            self.savefig(drawn, format="png")
            return drawn.getvalue()

    across = 2 if count == 4 else min(3, count)
    down = math.ceil(count / across)
    rows = [max(heights[row * across : (row + 1) * across]) for row in range(down)]
    figure = NotebookFigure(figsize=(_WIDTH * across + 0.8, sum(rows)), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False, gridspec_kw={"height_ratios": rows})
    axes: list[Axes] = list(grid.ravel())
    for unused in axes[count:]:
        unused.remove()
    for axis in axes[:count]:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes[:count]


def _label(value: object, length: int = 24) -> str:
    # Matplotlib reads dollar signs as formulas.
    return shortened(value, length).replace("$", r"\$")


# -- results ------------------------------------------------------------------------------------


def results_figure(table: pd.DataFrame, title: str) -> Figure:
    """Return a figure of scores: a panel a metric, a bar for each target of each test set.

    Args:
        table: The columns ``Test set``, ``Target label``, ``Metric`` and ``Score``.
        title: What stands above.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    metrics = list(dict.fromkeys(table["Metric"]))
    shown = metrics[:_MOST_PANELS]
    parts = [table[table["Metric"] == metric] for metric in shown]
    bars = [min(len(part), _MOST_BARS) for part in parts]
    figure, axes = _panels(len(shown), [1.0 + 0.28 * count for count in bars])
    for axis, metric, part in zip(axes, shown, parts, strict=True):
        _draw_scores(axis, part)
        axis.set_title(_label(metric), fontsize="medium")
    _label_rows_once(axes)
    left_out = len(metrics) - len(shown)
    note = f" ({left_out} more metrics)" if left_out else ""
    figure.suptitle(_label(title, 60) + note, fontsize="large")
    return figure


def _label_rows_once(axes: Sequence[Axes]) -> None:
    """Leave out the labels of bars that the panel to the left has as well."""
    texts = [[label.get_text() for label in axis.get_yticklabels()] for axis in axes]
    for position in range(1, len(axes)):
        before, here = axes[position - 1].get_subplotspec(), axes[position].get_subplotspec()
        assert before is not None
        assert here is not None
        if before.rowspan == here.rowspan and texts[position] == texts[position - 1]:
            axes[position].tick_params(axis="y", labelleft=False)


def _draw_scores(axis: Axes, part: pd.DataFrame) -> None:
    shown = part.head(_MOST_BARS)
    one_test, one_target = part["Test set"].nunique() == 1, part["Target label"].nunique() == 1
    labels = [
        _label(target)
        if one_test
        else _label(test)
        if one_target
        else f"{_label(target, 18)}, {_label(test, 12)}"
        for test, target in zip(shown["Test set"], shown["Target label"], strict=True)
    ]
    scores = shown["Score"].to_numpy(dtype=float)
    lengths = np.where(np.isfinite(scores), scores, 0.0)
    _draw_bars(axis, lengths, labels, [_number(score) for score in scores])
    axis.axvline(0, color="black", linewidth=0.8)
    # Room for the numbers beside the bars, on the sides where there are bars.
    span = max(float(np.ptp(np.append(lengths, 0.0))), 1e-12)
    left, right = min(0.0, lengths.min()), max(0.0, lengths.max())
    axis.set_xlim(left - (0.4 * span if left < 0 else 0), right + (0.4 * span if right > 0 else 0))
    if left == right:
        axis.set_xlim(0, 1)
    if len(part) > len(shown):
        axis.set_xlabel(f"{len(part) - len(shown)} more not shown", fontsize="small")


def _number(score: float) -> str:
    if not math.isfinite(score):
        return "no score" if math.isnan(score) else str(score)
    return f"{score:.3g}" if abs(score) < 1000 else f"{score:,.0f}"


def _draw_bars(
    axis: Axes, lengths: NDArray[Any], labels: Sequence[str], numbers: Sequence[str]
) -> None:
    """Draw horizontal bars, the first one on top, each with its number beside it."""
    places = np.arange(len(lengths))
    bars = axis.barh(places, lengths, height=0.7)
    axis.bar_label(bars, numbers, padding=3, fontsize="small")
    axis.set_yticks(places, labels)
    # A bar that has the panel for itself would fill it.
    space = 0.5 + max(0, _FEWEST_PLACES - len(lengths)) / 2
    axis.set_ylim(len(lengths) - 1 + space, -space)
    axis.tick_params(labelsize="small")
    axis.locator_params(axis="x", nbins=4)


# -- datasets -----------------------------------------------------------------------------------


def columns_figure(dataset: DescribedDataset, columns: Sequence[str] | None, title: str) -> Figure:
    """Return a figure of columns: how often which values occur.

    Args:
        dataset: Where they are; of a long one 100,000 rows are read, evenly spaced.
        columns: Which ones; by default the first twelve whose cells are single values.
        title: What stands above.

    Raises:
        InvalidDatasetError: A column does not exist, or none has single values.
        MissingExtraError: matplotlib is not installed.
    """
    raw = without_adapters(dataset)
    rows = _sampled(raw.n_rows)
    names = _drawable(raw, columns)
    figure, axes = _panels(len(names), [2.3] * len(names))
    for axis, name in zip(axes, names, strict=True):
        _draw_column(axis, raw.read_column(name, rows))
        axis.set_title(_label(name), fontsize="medium")
    note = "" if len(rows) == raw.n_rows else f" ({len(rows)} of {raw.n_rows} rows)"
    figure.suptitle(_label(title, 60) + note, fontsize="large")
    return figure


def _sampled(count: int) -> NDArray[np.int64]:
    if count <= _MOST_ROWS:
        return np.arange(count, dtype=np.int64)
    return np.linspace(0, count - 1, _MOST_ROWS).astype(np.int64)


def _drawable(dataset: DescribedDataset, columns: Sequence[str] | None) -> list[str]:
    wanted = dataset.columns if columns is None else list(columns)
    unknown = [name for name in wanted if name not in dataset.annotations]
    if unknown:
        raise InvalidDatasetError(
            f"The dataset has no column {unknown[0]!r}",
            hint=f"Its columns are {few(dataset.columns, 20)}.",
        )
    found: list[str] = []
    for name in wanted:
        # Those that point to arrays are passed over without opening the archive.
        pointer = dataset.annotations[name].is_pointer
        if not pointer and plain_cells(first_cells(dataset, name)):
            found.append(name)
        if len(found) == _MOST_PANELS and columns is None:
            break
    if not found:
        raise InvalidDatasetError(
            f"There is nothing to draw of {few(wanted)}: no column has single values",
            hint="Name columns of numbers or texts that the dataset has.",
        )
    return found


def _draw_column(axis: Axes, values: NDArray[Any]) -> None:
    missing = pd.isna(values)
    there = values[~missing]
    counts = pd.Series(there).value_counts()
    axis.tick_params(labelsize="small")
    if len(there) == 0:
        axis.set_axis_off()
        axis.text(0.5, 0.5, "no values", ha="center", va="center", transform=axis.transAxes)
    elif len(counts) <= _FEW_VALUES or (_is_text(there) and _repeats(counts)):
        _draw_counts(axis, counts)
    elif _is_text(there):
        _draw_lengths(axis, np.array([len(str(text)) for text in there]))
    elif there.dtype.kind == "M":
        _draw_times(axis, there)
    else:
        axis.hist(_finite(there), bins=_BINS)
        axis.locator_params(axis="x", nbins=4)
    if missing.any():
        axis.set_ylabel(f"{int(missing.sum())} missing", fontsize="small")


def _is_text(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "OUST"


def _repeats(counts: pd.Series[int]) -> bool:
    """Tell whether most cells have one of the few most common values."""
    return bool(counts.head(_FEW_VALUES).sum() * 2 >= counts.sum())


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values


def _draw_counts(axis: Axes, counts: pd.Series[int]) -> None:
    shown = counts.head(_FEW_VALUES)
    if not _is_text(np.asarray(shown.index)):
        shown = shown.sort_index()
    labels = [_label(value, 14) for value in shown.index]
    _draw_bars(axis, shown.to_numpy(), labels, [f"{count:,}" for count in shown])
    axis.set_xlim(0, float(shown.max()) * 1.3)
    if len(counts) > len(shown):
        axis.set_xlabel(f"{len(counts) - len(shown)} more values", fontsize="small")


def _draw_lengths(axis: Axes, lengths: NDArray[np.int64]) -> None:
    """Draw how long texts are; bins are whole, or they would fill unevenly."""
    lowest, highest = int(lengths.min()), int(lengths.max())
    step = -(-(highest - lowest + 1) // _BINS)
    axis.hist(lengths, bins=list(np.arange(lowest, highest + step + 1, step) - 0.5))
    axis.set_xlabel("characters", fontsize="small")
    axis.locator_params(axis="x", nbins=4, integer=True)


def _draw_times(axis: Axes, values: NDArray[Any]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axis.hist(values, bins=_BINS)
    locator = AutoDateLocator(minticks=2, maxticks=5)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
