"""Figures of datasets and results."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from polaris.dataset import Dataset, DatasetV2
from polaris.dataset.zarr import write_archive
from polaris.errors import InvalidDatasetError, MissingExtraError
from polaris.evaluate import BenchmarkResults

PNG = b"\x89PNG"


def _titles(figure: Figure) -> list[str]:
    return [axes.get_title() for axes in figure.axes]


def _texts(figure: Figure) -> list[str]:
    labels = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    return labels + [text.get_text() for axes in figure.axes for text in axes.texts]


def _bars(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def _results(
    targets: int = 2, metrics: tuple[str, ...] = ("r2", "mean_absolute_error")
) -> BenchmarkResults:
    rows = [
        (test, f"task {target}", metric, 0.5 + target)
        for test in ("scaffold", "random")
        for target in range(targets)
        for metric in metrics
    ]
    columns = ["Test set", "Target label", "Metric", "Score"]
    return BenchmarkResults(
        results=pd.DataFrame(rows, columns=columns), benchmark_artifact_id="acme/things"
    )


@pytest.fixture
def dataset() -> Dataset:
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "smiles": ["C" * (1 + i % 40) + str(i) for i in range(300)],
            "y": np.where(np.arange(300) % 7 == 0, np.nan, random.normal(size=300)),
            "active": random.integers(0, 2, 300),
            "series": random.choice(list("abcdefghijklmnop"), 300),
            "price in $": random.exponential(size=300),
            "when": pd.date_range("2020-01-01", periods=300),
            "nothing": np.nan,
        }
    )
    return Dataset(name="drawn", table=table)


def test_results_have_a_panel_a_metric_and_a_bar_a_score() -> None:
    figure = _results().plot()
    assert isinstance(figure, Figure)
    assert _titles(figure) == ["r2", "mean_absolute_error"]
    assert [len(axes.patches) for axes in figure.axes] == [4, 4]
    assert [bar.get_width() for bar in _bars(figure.axes[0])] == [0.5, 1.5, 0.5, 1.5]
    assert {"task 0, scaffold", "task 1, random", "0.5", "1.5"} <= set(_texts(figure))


def test_a_score_that_does_not_exist_is_called_so() -> None:
    table = pd.DataFrame(
        {"Test set": "test", "Target label": ["a", "b"], "Metric": "r2", "Score": [np.nan, 1234.5]}
    )
    figure = BenchmarkResults(results=table, benchmark_artifact_id="acme/things").plot()
    assert {"a", "b", "no score", "1,234"} <= set(_texts(figure))


def test_what_does_not_fit_is_counted() -> None:
    metrics = tuple(f"metric {i}" for i in range(30))
    figure = _results(50, metrics).plot()
    assert len(figure.axes) == 12
    assert len(figure.axes[0].patches) == 20
    assert figure.axes[0].get_xlabel() == "80 more not shown"
    assert "18 more metrics" in figure.get_suptitle()


def test_columns_are_drawn_by_what_they_hold(dataset: Dataset, tmp_path: Path) -> None:
    figure = dataset.plot_columns()
    assert [title.replace("\\", "") for title in _titles(figure)] == dataset.columns
    panels = dict(zip(dataset.columns, figure.axes, strict=True))
    assert panels["smiles"].get_xlabel() == "characters"
    assert len(panels["active"].patches) == 2
    assert panels["series"].get_xlabel() == "6 more values"
    assert sum(bar.get_height() for bar in _bars(panels["y"])) == 300 - 43
    assert panels["y"].get_ylabel() == "43 missing"
    assert panels["nothing"].texts[0].get_text() == "no values"
    figure.savefig(tmp_path / "columns.png")
    assert (tmp_path / "columns.png").read_bytes().startswith(PNG)


def test_a_notebook_gets_a_picture_without_pyplot(dataset: Dataset) -> None:
    figure = dataset.plot_columns(["y"])
    assert figure._repr_png_().startswith(PNG)  # type: ignore[attr-defined]
    assert "matplotlib.pyplot" not in sys.modules


def test_columns_of_an_archive_are_drawn(tmp_path: Path) -> None:
    columns = {"y": np.arange(50.0), "fp": np.zeros((50, 8))}
    dataset = DatasetV2(name="archived", zarr_root_path=write_archive(tmp_path / "a.zarr", columns))
    assert _titles(dataset.plot_columns()) == ["y"]
    described = dataset.describe_columns()
    assert described.loc["fp", "shape"] == (8,)
    assert list(described.loc["y", ["mean", "min", "max", "distinct"]]) == [24.5, 0, 49, 50]


def test_of_a_long_dataset_a_part_is_drawn_and_the_figure_says_so() -> None:
    figure = Dataset(table=pd.DataFrame({"x": np.arange(150_000)})).plot_columns()
    assert sum(bar.get_height() for bar in _bars(figure.axes[0])) == 100_000
    assert "100000 of 150000 rows" in figure.get_suptitle()


def test_what_cannot_be_drawn_is_refused(dataset: Dataset, zarr_dataset: Dataset) -> None:
    with pytest.raises(InvalidDatasetError, match="gone"):
        dataset.plot_columns(["y", "gone"])
    with pytest.raises(InvalidDatasetError, match="nothing to draw"):
        zarr_dataset.plot_columns(["fp"])


def test_without_matplotlib_the_extra_is_named(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match="plot"):
        dataset.plot_columns()
    with pytest.raises(MissingExtraError, match="plot"):
        _results().plot()


def test_without_dask_the_extra_is_named(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask.array", None)
    with pytest.raises(MissingExtraError, match="dask"):
        dataset.dask_array("y")
