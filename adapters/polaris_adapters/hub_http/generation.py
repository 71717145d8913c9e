"""Which generation of the wire a hub speaks: found by asking once, and remembered."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import attrs

from polaris.errors import HubReplyError, PolarisHubError
from polaris.ports.clock import Clock
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.origins import without_query
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["FoundGeneration", "Generation"]

# How long an answer is believed by later processes.
_BELIEVED = timedelta(days=1)
# Statuses that say nothing of the kind of hub: it is to be asked again.
_LATER = frozenset({408, 425, 429, 502, 503, 504})
_ANSWERS = frozenset(range(200, 600)) - _LATER


class Generation(StrEnum):
    """A generation of the wire.

    Attributes:
        G1: Hubs as polaris-lib 0.6 knows them: every call takes a token, files are signed for.
        G2: Hubs as polaris-lib 0.9 to 0.13 know them.
        G3: Hubs of ours, which have every port in full.
    """

    G1 = "g1"
    G2 = "g2"
    G3 = "g3"


@attrs.define(eq=False)
class FoundGeneration:
    """Finds out which generation a hub speaks.

    Attributes:
        session: Makes the calls.
        hub_url: The hub.
        clock: Tells the time.
        fixed: What the settings say; None to ask.
        memory: File in which answers are kept for later processes; None to keep none.
    """

    session: HttpSession
    hub_url: str
    clock: Clock
    fixed: Generation | None = None
    memory: Path | None = None
    _found: Generation | None = attrs.field(default=None, init=False)
    _is_recalled: bool = attrs.field(default=False, init=False)

    async def __call__(self) -> Generation:
        """Return the generation.

        Raises:
            HubReplyError: What answers is no hub.
            PolarisHubError: The hub cannot be asked.
        """
        if self.fixed is not None:
            return self.fixed
        if self._found is not None:
            return self._found
        # Others may be asking meanwhile: what they find is never taken back.
        recalled = await asyncio.to_thread(self._remembered)
        found = recalled or await self._asked()
        if recalled is None:
            await asyncio.to_thread(self._remember, found)
        if self._found is None:
            self._found, self._is_recalled = found, recalled is not None
        return self._found

    async def corrected(self) -> Generation | None:
        """Return what the hub speaks now, if an earlier process was believed and was wrong.

        A hub may have been replaced since. Asked after it did not know an address.

        Raises:
            PolarisHubError: As above.
        """
        if not self._is_recalled:
            return None
        self._is_recalled = False
        recalled, self._found = self._found, await self._asked()
        await asyncio.to_thread(self._remember, self._found)
        return None if self._found is recalled else self._found

    async def _asked(self) -> Generation:
        if await self._is_ours():
            return Generation.G3
        what = "find out what kind of hub this is"
        params = {"limit": 1, "offset": 0}
        answers = _ANSWERS - {500}
        newer = await self.session.send(
            Call("GET", "v2/dataset", what, params=params, authorize=False, expect=answers)
        )
        if newer.status_code in (401, 403) or _is_list(newer):
            return Generation.G2
        older = await self.session.send(
            Call("GET", "v1/dataset", what, params=params, authorize=False, expect=answers)
        )
        if older.status_code in (401, 403) or _is_list(older):
            return Generation.G1
        hint = "Check hub_url and api_url; if a proxy stands in between, sign in to it first."
        if to := newer.headers.get("location"):
            # Not followed, as it would take tokens along; often it is https or www that lacks.
            hint = f"Check hub_url: it redirects to {without_query(to)!s:.200}."
        raise HubReplyError(
            f"There is no Polaris Hub at {self.session.api_url}: asked for its datasets, it "
            f"answered with HTTP status {newer.status_code}",
            newer.text[:2000],
            hint=hint,
            status=newer.status_code,
        )

    async def _is_ours(self) -> bool:
        """Say whether the hub describes itself as hubs of ours do."""
        url = f"{self.hub_url.rstrip('/')}/.well-known/polaris-hub"
        what = "find out what kind of hub this is"
        # Status 500 is an answer here: released hubs do not know the address.
        call = Call("GET", url, what, authorize=False, expect=_ANSWERS)
        reply = await self.session.send(call)
        if not reply.is_success:
            return False
        try:
            return json_object(reply).get("generation") == 3
        except PolarisHubError:
            return False  # Many a web page answers whatever it is asked.

    # -- memory -------------------------------------------------------------------------------

    def _remembered(self) -> Generation | None:
        entry = self._entries().get(self.session.api_url, {})
        try:
            at = datetime.fromisoformat(entry["at"])
            if at.tzinfo is not None and timedelta(0) <= self.clock.now() - at < _BELIEVED:
                return Generation(entry["generation"])
        except (TypeError, KeyError, ValueError):
            pass
        return None

    def _entries(self) -> dict[str, dict[str, str]]:
        try:
            found = json.loads(self.memory.read_bytes()) if self.memory is not None else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, generation: Generation) -> None:
        """Keep the answer; where that fails, later processes ask again."""
        if self.memory is None:
            return
        moment = self.clock.now().astimezone(UTC).isoformat()
        entry = {"generation": generation.value, "at": moment}
        text = json.dumps({**self._entries(), self.session.api_url: entry}, indent=1)
        try:
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.memory.parent)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            Path(name).replace(self.memory)
        except OSError:
            return


def _is_list(reply: object) -> bool:
    try:
        return isinstance(json_object(reply).get("data"), list)  # type: ignore[arg-type]
    except PolarisHubError:
        return False
