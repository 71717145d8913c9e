"""Talking with the person at the terminal, or with a program in their place, by lines of JSON."""

from __future__ import annotations

from polaris_adapters.terminal_interaction.json_lines import JsonLinesInteraction
from polaris_adapters.terminal_interaction.terminal import TerminalInteraction

__all__ = ["JsonLinesInteraction", "TerminalInteraction"]
