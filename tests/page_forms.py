"""The forms of a page, for browsers without a window."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["forms_of"]


def forms_of(page: str) -> list[tuple[str, dict[str, str]]]:
    """Return of each form its address, and its fields and buttons as a browser would send them."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append((found.get("action") or "", {}))
        elif tag == "input" and self.forms and found.get("name"):
            is_off = found.get("type") == "checkbox" and "checked" not in found
            if not is_off:
                self.forms[-1][1][str(found["name"])] = found.get("value") or ""
