"""Progress on a terminal: `ProgressPort` over rich."""

from __future__ import annotations

from polaris_adapters.terminal_progress.rich_progress import TerminalProgress

__all__ = ["TerminalProgress"]
