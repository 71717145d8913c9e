"""Proxies with the configuration of the documentation, in front of `polaris serve`."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest
import trustme

from tests.e2e.deploy.proxies import Proxy, running
from tests.e2e.serve.servers import Serve, Serving


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Whom the clients of these tests trust."""
    return trustme.CA()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts servers that are ended with the tests of a module."""
    starting = Serve(tmp_path_factory.mktemp("home"))
    yield starting
    starting.close()


@attrs.frozen
class Proxied:
    """A hub behind a proxy.

    Attributes:
        hub: The hub.
        proxy: The proxy.
    """

    hub: Serving
    proxy: Proxy


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxied(
    request: pytest.FixtureRequest,
    serve: Serve,
    tmp_path_factory: pytest.TempPathFactory,
    authority: trustme.CA,
) -> Iterator[Proxied]:
    """A hub behind a proxy; the tests are skipped, with a reason, where there is none."""
    name = request.param
    with running(name, tmp_path_factory.mktemp(name), authority) as proxy:
        where = ("--port", str(proxy.hub_port), "--url", proxy.url)
        hub = serve(*where, "--forwarded-allow-ips", "127.0.0.1", data=serve.home / name)
        yield Proxied(hub, proxy)
