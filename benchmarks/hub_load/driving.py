"""Driving a server from several processes at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

__all__ = ["Outcome", "drive", "shortest"]

CLIENT = Path(__file__).with_name("client.py")


@attrs.frozen
class Outcome:
    """What was measured.

    Attributes:
        requests: How many were answered.
        rate: Requests a second.
        p50: Median time of a request, milliseconds.
        p99: 99 of 100 took no longer, milliseconds.
        processor: Time of the server's processors, milliseconds a request.
        body: Bytes of a reply.
        errors: Replies that were no success.
        first: The first of them.
        alone: See `shortest`.
    """

    requests: int
    rate: float
    p50: float
    p99: float
    processor: float
    body: float
    errors: int
    first: str
    alone: float = float("nan")


def drive(
    address: tuple[str, int],
    requests: Sequence[Sequence[str]],
    processor_seconds: Callable[[], float],
    *,
    seconds: float,
    warm: float,
) -> Outcome:
    """Ask a server from as many processes as there are lists of requests.

    Args:
        address: Host and port.
        requests: What each client asks for, over and over; whole requests of HTTP/1.1.
        processor_seconds: Tells how much time of processors the server has had.
        seconds: How long to measure.
        warm: Seconds to ask before.
    """
    used: list[float] = []
    found = _ask_from_all(
        address,
        requests,
        seconds=seconds,
        warm=warm,
        ready=lambda: used.append(processor_seconds()),
    )
    used.append(processor_seconds())
    taken = np.concatenate([one["taken"] for one in found]) * 1000
    p50, p99 = np.percentile(taken, [50, 99])
    return Outcome(
        len(taken),
        sum(len(one["taken"]) / one["seconds"] for one in found),
        float(p50),
        float(p99),
        (used[1] - used[0]) * 1000 / len(taken),
        sum(one["received"] for one in found) / len(taken),
        sum(one["errors"] for one in found),
        next((one["first"] for one in found if one["first"]), ""),
    )


def shortest(address: tuple[str, int], requests: Sequence[str], *, seconds: float) -> float:
    """Return how long a request takes where nothing is in its way, milliseconds.

    It is what the fastest twentieth of one client's requests took at most: other work on the
    machine disturbs it least.
    """
    found = _ask_from_all(
        address, [requests], seconds=seconds, warm=seconds / 4, ready=lambda: None
    )
    return float(np.percentile(found[0]["taken"], 5)) * 1000


def _ask_from_all(
    address: tuple[str, int],
    requests: Sequence[Sequence[str]],
    *,
    seconds: float,
    warm: float,
    ready: Callable[[], None],
) -> list[dict[str, Any]]:
    """Return what each client measured; ``ready`` is called when all are about to begin."""
    clients = []
    try:
        for some in requests:
            client = subprocess.Popen(
                [sys.executable, "-I", str(CLIENT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            clients.append(client)
            job = {"host": address[0], "port": address[1], "requests": list(some)}
            _tell(client, json.dumps(job | {"seconds": seconds, "warm": warm}))
        for client in clients:
            assert client.stdout is not None
            if client.stdout.readline() != "ready\n":
                raise RuntimeError("A client did not begin; what it says stands above")
        ready()
        for client in clients:
            _tell(client, "go")
        return [json.loads(client.communicate()[0]) for client in clients]
    finally:
        for client in clients:
            client.kill()
            client.wait()


def _tell(client: subprocess.Popen[str], line: str) -> None:
    assert client.stdin is not None
    client.stdin.write(line + "\n")
    client.stdin.flush()
