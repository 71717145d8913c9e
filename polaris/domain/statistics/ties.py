"""Ranks that are shared by what differs by no more than noise."""

from __future__ import annotations

from collections.abc import Callable

from polaris.domain.statistics.interval import check_share

__all__ = ["tie_groups"]


def tie_groups(
    count: int, p_value: Callable[[int, int], float], *, alpha: float = 0.05
) -> list[int]:
    """Return, for each of several methods from best to worst, the best one that it is tied with.

    A method is tied with the best one of the group before it, unless it is significantly worse;
    then a group of its own begins. Were all methods equally good, one that is split off would be a
    mistake, and happens with a probability of at most ``alpha``.

    The best of many is best by luck as well. So the comparisons with it count as what they are, the
    largest of those of all pairs, and are corrected for as many: by Holm's factor, which is the
    number of pairs less those found different before.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70; Demšar, Journal of Machine
    Learning Research 7 (2006), 1-30, on comparing many methods.

    Args:
        count: How many methods there are.
        p_value: The two-sided p-value of two methods, given their positions; NaN where they cannot
            be compared, which tells no difference.
        alpha: The level of significance.

    Returns:
        Positions, ``count`` of them: ``[0, 0, 2]`` says that the first two are tied.
    """
    level = check_share("alpha", alpha)
    pairs = count * (count - 1) // 2
    groups: list[int] = []
    rejected = 0
    for position in range(count):
        best = groups[-1] if groups else position
        if position > best and p_value(best, position) * (pairs - rejected) <= level:
            best = position
            rejected += 1
        groups.append(best)
    return groups
