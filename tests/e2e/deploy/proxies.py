"""nginx and Caddy with the files of ``docs/deploy/behind-a-proxy.md``, names and ports replaced."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import trustme

from tests.e2e.serve.servers import SECONDS

__all__ = ["DEPLOY", "Proxy", "fence", "fences", "free_port", "replaced", "running"]

DEPLOY = Path(__file__).resolve().parents[3] / "docs" / "deploy"
_MISSING = {
    name: f"{name.upper()} IS MISSING: what the documentation says of it is not tried. Install "
    f"Debian's package {package}."
    for name, package in (("nginx", "nginx-light"), ("caddy", "caddy"))
}


@attrs.frozen
class Proxy:
    """A proxy that runs.

    Attributes:
        folder: Its files.
        port: Where it listens, with TLS.
        plain_port: Where it listens without; None where it does not.
        hub_port: Where it looks for the hub.
    """

    folder: Path
    port: int
    plain_port: int | None
    hub_port: int

    @property
    def url(self) -> str:
        """The address of the hub as callers know it."""
        return f"https://localhost:{self.port}"

    @property
    def trust(self) -> Path:
        """File with the certificate of who signed the proxy's."""
        return self.folder / "authority.pem"

    def http(self, **given: Any) -> httpx.Client:
        """Return a client that comes through the proxy."""
        usual = {"base_url": self.url, "verify": self.context(), "trust_env": False, "timeout": 30}
        return httpx.Client(**{**usual, **given})

    def context(self) -> ssl.SSLContext:
        """Return what trusts its certificate and no other."""
        return ssl.create_default_context(cafile=str(self.trust))

    def logged(self) -> str:
        """Return what the proxy has written to its logs."""
        files = self.folder.glob("*.log")
        return "".join(path.read_text("utf-8", "replace") for path in files)


def fences(page: str, language: str) -> list[str]:
    """Return the code of a page in a language, in order."""
    text = (DEPLOY / page).read_text("utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [code for kind, code in found if kind == language]


def fence(page: str, language: str, begin: str) -> str:
    """Return the code of a page that begins so; there has to be one."""
    [code] = [code for code in fences(page, language) if code.startswith(begin)]
    return code


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Return a text with parts of it replaced, each of which has to be there."""
    for old, new in pairs:
        assert old in text, f"the documentation has no {old!r} any more"
        text = text.replace(old, new)
    return text


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(name: str, folder: Path, authority: trustme.CA) -> Iterator[Proxy]:
    """Run a proxy in front of a port, until the test has ended.

    Args:
        name: ``nginx`` or ``caddy``.
        folder: For its files.
        authority: Who signs its certificate.
    """
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if program is None:
        if os.environ.get("POLARIS_REQUIRE_PEER") and name == "nginx":
            pytest.fail(_MISSING[name])
        pytest.skip(_MISSING[name])
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(folder / "privkey.pem")
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(folder / "fullchain.pem", append=number > 0)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    proxy = Proxy(folder, free_port(), free_port() if name == "nginx" else None, free_port())
    command = [program, *(_nginx(proxy) if name == "nginx" else _caddy(proxy))]
    with (folder / "own.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
    try:
        _wait_for(proxy, process)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _nginx(proxy: Proxy) -> list[str]:
    """Write the documented file and what includes it; return arguments."""
    folder, old = proxy.folder, "/etc/letsencrypt/live/hub.example.org/"
    site = replaced(
        fence("behind-a-proxy.md", "nginx", "upstream polaris {"),
        (old, f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("https://hub.example.org$request_uri", f"{proxy.url}$request_uri"),
        ("hub.example.org", "localhost"),
        ("listen 80;", f"listen 127.0.0.1:{proxy.plain_port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{proxy.port} ssl;"),
        ("127.0.0.1:8000", f"127.0.0.1:{proxy.hub_port}"),
    )
    (folder / "polaris.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    # As Debian's, apart from where things are.
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        "events { worker_connections 256; }\n"
        f"http {{\n    access_log {folder}/access.log;\n    gzip on;\n{temporary}"
        f"    include {folder}/polaris.conf;\n}}\n"
    )
    return ["-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


def _caddy(proxy: Proxy) -> list[str]:
    """Write the documented file, with a certificate that is there; return arguments."""
    folder, key = proxy.folder, proxy.folder / "privkey.pem"
    site = replaced(
        fence("behind-a-proxy.md", "text", "hub.example.org {"),
        (
            "hub.example.org {\n",
            f"{proxy.url} {{\n\tbind 127.0.0.1\n\ttls {folder}/fullchain.pem {key}\n",
        ),
        ("127.0.0.1:8000", f"127.0.0.1:{proxy.hub_port}"),
    )
    own = "{\n\tadmin off\n\tauto_https off\n\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n"
    (folder / "Caddyfile").write_text(own + site)
    return ["run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]


def _wait_for(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", proxy.port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"The proxy does not listen: {proxy.logged()[-3000:]}")
