"""Rendering pages, and the headers that go with each.

Source: OWASP Secure Headers, Content Security Policy Level 3, RFC 9700 section 4.16.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

__all__ = ["STYLE_PATH", "page_response", "style"]

STYLE_PATH = "/oauth2/style.css"
_FOLDER = Path(__file__).parent

_HEADERS = {
    "cache-control": "no-store",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # Not no-referrer: with that, browsers hide from us where our own forms are from.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["style_path"] = f"{STYLE_PATH}?{_style()[1]}"
    return found


@cache
def _style() -> tuple[bytes, str]:
    data = (_FOLDER / "style.css").read_bytes()
    return data, hashlib.sha256(data).hexdigest()[:12]


def page_response(
    template: str, status: int = 200, *, action: str | None = None, **values: Any
) -> Response:
    """Return a page.

    Args:
        template: Its name, without ``.html``.
        status: HTTP status.
        action: A source that its forms may lead to besides the hub, as a
            Content-Security-Policy has it.
        **values: What it shows.
    """
    text = _templates().get_template(f"{template}.html").render(**values)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self'{f' {action}' if action else ''}"
    )
    return HTMLResponse(text, status, {**_HEADERS, "content-security-policy": policy})


async def style(request: Request) -> Response:
    """Answer ``GET /oauth2/style.css``; its address changes with it."""
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
    }
    return Response(_style()[0], headers=headers, media_type="text/css")
