"""A client of its own process: one connection that is kept, one request after the other.

It reads a job as JSON from its input, says that it is ready, waits for a line, and writes what it
measured as JSON. It does next to nothing per request, lest the clients take what the server needs,
and imports nothing but the standard library.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from itertools import cycle
from typing import Any

_HEAD = b"\r\n\r\n"


class Connection:
    """One connection that is kept.

    Args:
        host: Where the server is.
        port: Its port.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def ask(self, request: bytes) -> tuple[int, int, bytes]:
        """Send a request; return the status, and length and beginning of the body."""
        self._socket.sendall(request)
        data = self._rest
        while (end := data.find(_HEAD)) < 0:
            data += self._more()
        head = data[:end].lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        whole = end + len(_HEAD) + length
        parts, size = [data], len(data)
        while size < whole:
            parts.append(self._more())
            size += len(parts[-1])
        data = b"".join(parts)
        self._rest = data[whole:]
        return int(head[9:12]), length, data[end + len(_HEAD) : end + 504]

    def _more(self) -> bytes:
        found = self._socket.recv(1 << 18)
        if not found:
            raise ConnectionError("The server has closed the connection")
        return found


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for a while; see `benchmarks.hub_load.driving`."""
    connection = Connection(job["host"], job["port"])
    requests = cycle([text.encode("latin-1") for text in job["requests"]])
    warm_until = time.perf_counter() + job["warm"]
    while time.perf_counter() < warm_until:
        connection.ask(next(requests))
    print("ready", flush=True)
    sys.stdin.readline()
    taken: list[float] = []
    errors, first, received = 0, "", 0
    clock = time.perf_counter
    began = clock()
    end = began + job["seconds"]
    now = began
    while now < end:
        request = next(requests)
        before = clock()
        status, length, body = connection.ask(request)
        now = clock()
        taken.append(now - before)
        received += length
        if status >= 300:
            errors += 1
            first = first or f"{status} for {request[:200]!r}: {body[:300]!r}"
    return {
        "seconds": now - began,
        "taken": taken,
        "errors": errors,
        "first": first,
        "received": received,
    }


if __name__ == "__main__":
    json.dump(run(json.loads(sys.stdin.readline())), sys.stdout)
