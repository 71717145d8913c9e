"""Headless Chromium, driven by the W3C's WebDriver protocol."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
)


class Chromium:
    """A browser with one window.

    Args:
        driver: Path of ``chromedriver``.
        browser: Path of ``chromium``.
        profile: Folder for what the browser keeps.
    """

    def __init__(self, driver: str, browser: str, profile: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=60, verify=False, trust_env=False
        )
        self._session = ""
        self._wait_for_driver()
        options = {"binary": browser, "args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        made = self._call("POST", "/session", {"capabilities": capabilities})
        self._session = f"/session/{made['sessionId']}"

    def _wait_for_driver(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                if self._call("GET", "/status")["ready"]:
                    return
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.05)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        reply = self._client.request(method, self._session + path, json=body)
        value = reply.json()["value"]
        assert reply.is_success, value
        return value

    def open(self, url: str) -> None:
        """Load a page."""
        self._call("POST", "/url", {"url": url})

    @property
    def title(self) -> str:
        """The title of the page that is shown."""
        return str(self._call("GET", "/title"))

    @property
    def url(self) -> str:
        """Its address."""
        return str(self._call("GET", "/url"))

    @property
    def text(self) -> str:
        """Its words."""
        return str(self._call("GET", f"/element/{self._find('body')}/text"))

    def _find(self, selector: str) -> str:
        query = {"using": "css selector", "value": selector}
        return str(self._call("POST", "/element", query)[ELEMENT])

    def has(self, selector: str) -> bool:
        """Say whether an element is there."""
        query = {"using": "css selector", "value": selector}
        return bool(self._call("POST", "/elements", query))

    def wait_for(self, selector: str) -> None:
        """Wait until an element is there: the page of another address takes the place of this."""
        end = time.monotonic() + 30
        while not self.has(selector):
            assert time.monotonic() < end, f"{selector} does not come: {self.url}"
            time.sleep(0.05)

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._call("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def click(self, selector: str) -> None:
        """Click an element."""
        self._call("POST", f"/element/{self._find(selector)}/click", {})

    def close(self) -> None:
        """End the browser and its driver."""
        try:
            if self._session:
                self._client.delete(self._session)
        finally:
            self._client.close()
            self._process.terminate()
            self._process.wait(timeout=10)
