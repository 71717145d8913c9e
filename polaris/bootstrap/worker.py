"""Wiring what scores the submissions to a hub."""

from __future__ import annotations

import attrs

from polaris.application.evaluate_submission import EvaluateSubmission
from polaris.application.publish import Publish
from polaris.application.retry import RetryPolicy
from polaris.application.work_on_jobs import WorkOnJobs
from polaris.bootstrap.container import HubContainer
from polaris.bootstrap.transports.file_hub import open_file_worker
from polaris.bootstrap.transports.memory_hub import open_memory_worker
from polaris.errors import UnknownTransportError
from polaris.ports.archives import ArchivePort
from polaris.ports.clock import Clock
from polaris.ports.progress import ProgressPort
from polaris.ports.transport import TransportRequest, WorkerPorts

__all__ = ["build_worker", "make_worker", "open_worker_ports"]

_OPENERS = {"file": open_file_worker, "memory": open_memory_worker}


def open_worker_ports(request: TransportRequest) -> WorkerPorts:
    """Open the ports of what scores the submissions to a hub.

    Raises:
        UnknownTransportError: The hub is not one without a server; others score by themselves.
        MissingExtraError: A package that the hub needs is not installed.
        PolarisHubError: The hub cannot be opened.
    """
    scheme = request.hub_url.partition("://")[0].lower()
    if scheme not in _OPENERS:
        raise UnknownTransportError(
            f"Submissions to {request.hub_url!r} are not scored from here",
            hint="Only hubs without a server need that: file:///folder/of/the/hub.",
        )
    return _OPENERS[scheme](request)


def build_worker(container: HubContainer, *, lease_seconds: float = 600.0) -> WorkOnJobs:
    """Return a worker for the hub of a container, which releases its ports when it is closed.

    Args:
        container: The wiring of a client of that hub.
        lease_seconds: How long a submission is held before another worker may take it.
    """
    settings, clock, progress = container.settings(), container.clock(), container.progress()
    ports = open_worker_ports(
        TransportRequest(settings.hub_url, attrs.asdict(settings, recurse=False), clock, progress)
    )
    container.opened().append(ports.aclose)
    return make_worker(
        ports,
        container.archives(),
        container.retry_policy(),
        clock,
        progress,
        lease_seconds=lease_seconds,
    )


def make_worker(
    ports: WorkerPorts,
    archives: ArchivePort,
    retry: RetryPolicy,
    clock: Clock,
    progress: ProgressPort,
    *,
    lease_seconds: float = 600.0,
) -> WorkOnJobs:
    """Return a worker on some ports.

    Args:
        ports: Those of a hub's own side.
        archives: Opens Zarr archives.
        retry: How often something is tried again.
        clock: Tells and spends time.
        progress: Is told of long work.
        lease_seconds: How long a submission is held before another worker may take it.
    """
    publish = Publish(ports.artifacts, ports.storage, retry, clock, progress)
    evaluate = EvaluateSubmission(
        ports.artifacts,
        ports.storage,
        ports.hidden,
        archives,
        publish,
        progress,
        ports.may_see,
    )
    return WorkOnJobs(ports.jobs, evaluate, retry, clock, lease_seconds=lease_seconds)
