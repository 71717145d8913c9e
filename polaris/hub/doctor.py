"""Looking at the hub that the settings name, and at the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from polaris.application.doctor import Report
from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.doctor import build_doctor, shown_settings
from polaris.bootstrap.settings import PolarisHubSettings, settings_with_origins
from polaris.errors import PolarisError
from polaris.ports.diagnosis import Finding

__all__ = ["run_doctor"]


def run_doctor(
    *,
    http_options: Mapping[str, Any] | None = None,
    on_finding: Callable[[Finding], None] | None = None,
    **given: Any,
) -> Report:
    """Look at a hub, and at everything that work with it needs. Nothing is changed.

    Args:
        http_options: What would be handed to the client for its HTTP client.
        on_finding: Is told of each finding as it is found.
        **given: Settings, as for `PolarisHubSettings`.

    Returns:
        What was found; what goes wrong is in it, and not raised.
    """
    findings: list[Finding] = []

    def found(finding: Finding) -> None:
        findings.append(finding)
        if on_finding is not None:
            on_finding(finding)

    try:
        settings, origins = settings_with_origins(**given)
    except PolarisError as error:
        found(Finding.of("settings", error, ends=True))
        return Report(str(given.get("hub_url", "")).rpartition("@")[2], {}, findings)
    shown = shown_settings(settings, origins)
    try:
        run_blocking(_run(settings, http_options, found))
    except PolarisError as error:
        found(Finding.of("settings", error, ends=True))
    return Report(str(shown["hub_url"][0]), shown, findings)


async def _run(
    settings: PolarisHubSettings,
    http_options: Mapping[str, Any] | None,
    found: Callable[[Finding], None],
) -> None:
    async for finding in build_doctor(settings, http_options=http_options).findings():
        found(finding)
