"""Working stand-ins for the adapters of each port, without files, networks or waiting."""

from __future__ import annotations

__all__: list[str] = []
