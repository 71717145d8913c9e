"""What is counted and measured, for Prometheus.

Each application has a registry of its own. With several processes, the metrics of all of them are
read from the folder in ``PROMETHEUS_MULTIPROC_DIR``, whichever process is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from polaris_adapters.hub_server.operation.exchange import Exchange

__all__ = ["Metrics", "forget_dead_processes"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# Where people and programs sign in; the outcome is told by the status.
_SIGN_INS = frozenset({"/sign-in", "/oauth2/token", "/api/auth/token"})


class Metrics:
    """An `Observer` that counts; also counts jobs, and measures what it is given to.

    Args:
        measured: Gives numbers of the moment when they are asked for, by the names of gauges.
    """

    def __init__(self, measured: Callable[[], dict[str, float]] | None = None) -> None:
        self._registry = CollectorRegistry()
        self._measured = measured
        self._requests = self._counter(
            "polaris_http_requests", "Requests answered", "method", "route", "status"
        )
        self._seconds = Histogram(
            "polaris_http_request_seconds",
            "Time from the first byte of a request to the last of its reply",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._under_way = Gauge(
            "polaris_http_requests_in_flight",
            "Requests that are being answered",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._received = self._counter("polaris_http_received_bytes", "Bytes of requests' bodies")
        self._sent = self._counter("polaris_http_sent_bytes", "Bytes of replies' bodies")
        self._sign_ins = self._counter(
            "polaris_sign_ins", "Tries to sign in or to get a token", "route", "outcome"
        )
        self._jobs = self._counter("polaris_jobs", "Submissions worked on", "outcome")

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, labels, registry=self._registry)

    def began(self) -> None:
        """See `Observer`."""
        self._under_way.inc()

    def ended(self, exchange: Exchange, /) -> None:
        """See `Observer`."""
        self._under_way.dec()
        route, method = exchange.route, exchange.method
        self._requests.labels(method, route, str(exchange.status)).inc()
        self._seconds.labels(method, route).observe(exchange.seconds)
        self._received.inc(exchange.received)
        self._sent.inc(exchange.sent)
        if route in _SIGN_INS and method == "POST":
            self._sign_ins.labels(route, _outcome(exchange.status)).inc()

    def job_ended(self, outcome: str) -> None:
        """Count a job: ``scored``, ``failed``, ``given back`` or ``lost``."""
        self._jobs.labels(outcome).inc()

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus; reads files with many processes."""
        registry = self._registry
        if os.environ.get(_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        body: bytes = generate_latest(registry)
        if self._measured is None:
            return body
        moment = CollectorRegistry()
        moment.register(_Measured(self._measured()))
        return body + bytes(generate_latest(moment))


class _Measured(Collector):
    """Gauges whose numbers are known already."""

    def __init__(self, numbers: dict[str, float]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterable[Metric]:
        return list(self._gauges())

    def _gauges(self) -> Iterator[Metric]:
        for name, value in sorted(self._numbers.items()):
            gauge: Any = GaugeMetricFamily(f"polaris_{name}", name.replace("_", " ").capitalize())
            gauge.add_metric([], value)
            yield gauge


def forget_dead_processes() -> None:
    """Leave out what processes that have died had under way; counters stay."""
    folder = os.environ.get(_FOLDER)
    for file in Path(folder).glob("gauge_live*_*.db") if folder else ():
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except OSError:
            continue  # Somebody else's by now; whether ours has died cannot be told.


def _outcome(status: int) -> str:
    if status < 400:
        return "succeeded"
    return "refused" if status < 500 else "failed"
