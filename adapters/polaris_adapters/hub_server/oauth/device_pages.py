"""Where people enter the code that a device shows.

Source: RFC 8628 sections 3.3 and 5.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.domain.back_off import BackOff
from polaris.ports.credentials import Credential
from polaris_adapters.hub_server.oauth.browser import PageError, Visit, visit_of
from polaris_adapters.hub_server.oauth.device_codes import decide, shown, waiting, words_of
from polaris_adapters.hub_server.oauth.parameters import form_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import SCOPES, in_order

__all__ = ["DevicePages"]

# Of 20**8 codes a few wait at any time: so many tries find none.
_GUESSES = BackOff(free=8, first=4.0, longest=600.0, forgotten=3600.0)
_UNKNOWN = "No device waits with this code. Compare the letters, or let the device show a new one."


@attrs.frozen
class DevicePages:
    """Answers people with a code.

    Attributes:
        provider: Gave out the code.
    """

    provider: Provider

    async def show(self, request: Request) -> Response:
        """Answer ``GET /device``, where the code may be filled in already."""
        visit = await visit_of(self.provider, request)
        code = request.query_params.get("user_code", "")[:40]
        missing = self._missing_sign_in(visit, code)
        return missing or visit.page("device", user_code=code, problem=None)

    async def enter(self, request: Request) -> Response:
        """Answer ``POST /device``: a code was entered, or a decision was made on one."""
        visit = await visit_of(self.provider, request)
        form = await form_of(request)
        visit.require_own_form(form)
        entered = form.get("user_code", "")[:40]
        missing = self._missing_sign_in(visit, entered)
        if missing is not None:
            return missing
        letters = words_of(entered)
        decision = form.get("decision")
        if decision is not None and letters is not None:
            # Only for a code that this session was asked about: else this would be a way to guess.
            if not visit.proves(f"device {letters}", form.get("proof")):
                raise PageError(403, "This form is out of date", "Enter the code again.")
            return await self._decided(visit, letters, allowed=decision == "allow")
        return await self._asked(visit, entered, letters)

    async def _asked(self, visit: Visit, entered: str, letters: str | None) -> Response:
        assert visit.account is not None, "somebody has signed in"
        if letters is None:
            problem = "A code has eight letters, such as BCDF-GHJK."
            return visit.page("device", status=400, user_code=entered, problem=problem)
        key = f"device code\n{visit.account.id}"
        now = self.provider.now()
        wait = await self.provider.attempts.begin(key, now=now, back_off=_GUESSES)
        if wait is not None:
            seconds = int((wait - now).total_seconds()) + 1
            problem = f"Too many codes were entered. Wait {seconds} seconds."
            response = visit.page("device", status=429, user_code=entered, problem=problem)
            response.headers["retry-after"] = str(seconds)
            return response
        found = await waiting(self.provider, letters)
        if found is None:
            return visit.page("device", status=400, user_code=entered, problem=_UNKNOWN)
        return visit.page(
            "device_confirm",
            user_code=shown(letters),
            proof=visit.proof(f"device {letters}"),
            **self._about(found),
        )

    def _about(self, found: Credential) -> dict[str, Any]:
        return {
            "name": found.name or found.client,
            "scopes": [(scope, SCOPES[scope]) for scope in in_order(found.scopes)],
        }

    async def _decided(self, visit: Visit, letters: str, *, allowed: bool) -> Response:
        assert visit.account is not None, "somebody has signed in"
        done = await decide(
            self.provider, letters, account=visit.account.id, auth_time=visit.auth_time,
            allowed=allowed,
        )  # fmt: skip
        if not done:
            return visit.page("device", status=400, user_code="", problem=_UNKNOWN)
        if allowed:
            return visit.page("message", title="Signed in", text="You can close this page and go "
                              "back to the device. It goes on by itself.")  # fmt: skip
        return visit.page("message", title="Declined", text="The device was given nothing. You "
                          "can close this page.")  # fmt: skip

    def _missing_sign_in(self, visit: Visit, code: str) -> Response | None:
        path = "/device"
        if code and words_of(code):
            path += f"?{urlencode({'user_code': code})}"
        if visit.account is None:
            return visit.go(f"/sign-in?{urlencode({'next': path})}")
        if visit.must_change:
            return visit.go(f"/account/password?{urlencode({'next': path})}")
        return None
