"""Datasets, benchmarks and results that scientists can trust.

Example:
    >>> import polaris as po
    >>> benchmark = po.load_benchmark("polaris/hello-world-benchmark")  # doctest: +SKIP
    >>> train, test = benchmark.get_train_test_split()                  # doctest: +SKIP

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

# Not from `typing`, which alone costs half of what a bare interpreter does; type checkers know it.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from polaris.hub.client import AsyncPolarisHubClient, PolarisHubClient
    from polaris.hub.settings import PolarisHubSettings
    from polaris.loader import load_benchmark, load_competition, load_dataset, load_model

    __version__: str

__all__ = [
    "AsyncPolarisHubClient",
    "PolarisHubClient",
    "PolarisHubSettings",
    "__version__",
    "load_benchmark",
    "load_competition",
    "load_dataset",
    "load_model",
]

# Where each name lives; PEP 562 imports it when it is first asked for.
_HOMES = {
    "AsyncPolarisHubClient": "polaris.hub.client",
    "PolarisHubClient": "polaris.hub.client",
    "PolarisHubSettings": "polaris.hub.settings",
    "load_benchmark": "polaris.loader",
    "load_competition": "polaris.loader",
    "load_dataset": "polaris.loader",
    "load_model": "polaris.loader",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from polaris.domain.artifact import library_version

        return library_version()
    if name in _HOMES:
        import importlib

        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
