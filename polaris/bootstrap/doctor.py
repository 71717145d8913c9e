"""Wiring what looks at a hub and at the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import attrs

from polaris.application.doctor import Doctor
from polaris.application.null_progress import NullProgress
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.bootstrap.transport_registry import open_transport
from polaris.ports.clock import Clock
from polaris.ports.diagnosis import Diagnosis
from polaris.ports.transport import TransportRequest
from polaris_adapters.folder_diagnosis import CacheDiagnosis, FolderHubDiagnosis
from polaris_adapters.system_clock import SystemClock

__all__ = ["build_doctor", "shown_settings"]

# A doctor looks once: what has to be tried again is worth knowing.
_ONCE = {"max_attempts": 1, "total_timeout": 20.0}


def build_doctor(
    settings: PolarisHubSettings,
    *,
    http_options: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
) -> Doctor:
    """Return what looks at the hub of some settings; nothing is looked at yet.

    Args:
        settings: Where the hub is and how to reach it.
        http_options: What the user would hand to the client for its HTTP client.
        clock: Tells the time.

    Raises:
        InvalidSettingsError: The settings of the HTTP client cannot be used.
    """
    values = attrs.asdict(settings, recurse=False)
    request = TransportRequest(
        settings.hub_url, values | _ONCE, clock or SystemClock(), NullProgress(), http_options or {}
    )
    diagnoses: list[Diagnosis] = [CacheDiagnosis(settings.cache_dir)]
    scheme = settings.hub_url.partition("://")[0].lower()
    if scheme in ("http", "https"):
        diagnoses.append(_http(request))
    elif scheme == "file":
        from polaris_adapters.object_store.locator import folder_path

        diagnoses.append(FolderHubDiagnosis(Path(folder_path(settings.hub_url))))
    return Doctor(diagnoses, lambda: open_transport(request))


def _http(request: TransportRequest) -> Diagnosis:
    from polaris.bootstrap.transports.http_hub import open_http_diagnosis

    return open_http_diagnosis(request)


def shown_settings(
    settings: PolarisHubSettings, origins: Mapping[str, str]
) -> dict[str, tuple[Any, str]]:
    """Return value and origin of each setting, for people: secrets masked."""
    return {
        field.name: (_shown(getattr(settings, field.name)), origins.get(field.name, "default"))
        for field in attrs.fields(type(settings))
    }


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_shown(item) for item in value]
    text = str(value)
    if "://" not in text:
        return text
    parts = urlsplit(text)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))
