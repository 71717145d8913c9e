"""What is killed, when, and for how long it is away; all from one seed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

__all__ = ["Killer", "Outage", "covered"]


@attrs.frozen
class Outage:
    """Something was away.

    Attributes:
        what: What was done, such as ``kill server``.
        began: Seconds since 1970.
        ended: Likewise, when everything was ready again.
    """

    what: str
    began: float
    ended: float

    def overlaps(self, since: float, until: float) -> bool:
        """Say whether it was within a time, or partly."""
        return self.began <= until and since <= self.ended


@attrs.define
class Killer:
    """Kills at random, and starts again.

    Attributes:
        dice: Decides.
        deeds: What to do, by name: what ends something and what starts it, and how often relative
            to the others.
        wait: Returns once the hub is ready.
        outages: What it has done.
    """

    dice: random.Random
    deeds: Mapping[str, tuple[Callable[[], Any], Callable[[], None], float]]
    wait: Callable[[], None]
    outages: list[Outage] = attrs.field(factory=list)

    def work(self, seconds: float) -> None:
        """Kill for so long, and leave all in order."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self.dice.uniform(0.5, 7))
            weights = [weight for _, _, weight in self.deeds.values()]
            [name] = self.dice.choices(list(self.deeds), weights)
            down, up, _ = self.deeds[name]
            began = time.time()
            down()
            time.sleep(self.dice.uniform(0, 1.5))
            up()
            self.wait()
            self.outages.append(Outage(name, began, time.time()))

    @property
    def counts(self) -> Mapping[str, int]:
        """How often it did what."""
        return Counter(outage.what for outage in self.outages)


def covered(outages: Sequence[Outage], since: float, until: float, slack: float) -> bool:
    """Say whether something was away within a time, or so many seconds before it."""
    return any(outage.overlaps(since - slack, until) for outage in outages)
