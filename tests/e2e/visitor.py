"""A browser without a window, for the pages of a hub of one's own."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx

from tests.page_forms import forms_of

__all__ = ["NEW_PASSWORD", "Visitor"]

NEW_PASSWORD = "a few words to remember"


class Visitor:
    """A browser without a window, whose user does what the pages of the hub ask for.

    Args:
        username: Who signs in.
        password: The present password; where it is temporary, `NEW_PASSWORD` takes its place.

    Attributes:
        agrees: Whether programs are allowed.
        text: The last page.
    """

    def __init__(self, username: str, password: str) -> None:
        self.known = {"username": username, "password": password, "current": password,
                      "new": NEW_PASSWORD, "again": NEW_PASSWORD}  # fmt: skip
        self.agrees = True
        self.text = ""
        self._http = httpx.Client(trust_env=False, timeout=30, follow_redirects=False)

    def visit(self, url: str, *, until: str = "-", shows: str = "-\n-") -> str:
        """Open a page, and fill in what comes.

        Args:
            url: The page.
            until: How the address begins that ends the visit.
            shows: What a page shows that ends it.

        Returns:
            The address at the end.
        """
        reply = self._http.get(url)
        for _ in range(12):
            if reply.is_redirect:
                url = urljoin(str(reply.request.url), reply.headers["location"])
                if url.startswith(until):
                    return url
                reply = self._http.get(url)
                continue
            self.text = reply.text
            if shows in reply.text:
                return str(reply.request.url)
            action, fields = forms_of(reply.text)[0]
            if 'name="decision"' in reply.text:
                fields["decision"] = "allow" if self.agrees else "deny"
            filled = {name: self.known.get(name, value) for name, value in fields.items()}
            reply = self._http.post(urljoin(str(reply.request.url), action), data=filled)
        raise AssertionError(f"the pages do not end: {reply.text[:500]}")

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()
