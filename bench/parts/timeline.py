"""What a page showed over time, in steps of 250 ms, and how long it took to settle. Pure: times in, figures.

Times are the wall clock's, in ms. The age of what is on the screen goes on rising while nothing new comes.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["BIN_MS", "Bin", "bins", "followed_s", "settled_s", "share"]

BIN_MS = 250.0
_STAYS_MS = 1_000.0
"""What held for less long was luck."""


@dataclass(frozen=True)
class Bin:
    """One step. at_ms: its beginning. age_ms: of the oldest picture that was on the screen, None before the
    first. pictures: new ones. width: of the smallest picture shown; 0 where it is not known."""

    at_ms: float
    age_ms: float | None
    pictures: int
    width: int


def bins(
    shown: Sequence[tuple[float, float]], widths: Sequence[tuple[float, int]], begin_ms: float, end_ms: float
) -> list[Bin]:
    """shown: (when a picture was first there, its age then). widths: (when, its width). Both in order."""
    times = [at for at, _ in shown]
    seen = [at for at, _ in widths]
    told = []
    for number in range(int((end_ms - begin_ms) // BIN_MS)):
        start = begin_ms + number * BIN_MS
        stop = start + BIN_MS
        first, last = bisect.bisect_left(times, start), bisect.bisect_left(times, stop)
        # Just before each new picture, and at the end, what is there is at its oldest.
        oldest = [_age(shown, index - 1, shown[index][0]) for index in range(max(first, 1), last)]
        oldest += [_age(shown, last - 1, stop)] if last > 0 else []
        among = widths[max(0, bisect.bisect_right(seen, start) - 1) : bisect.bisect_left(seen, stop)]
        told.append(
            Bin(
                start,
                max(oldest) if oldest else None,
                last - first,
                min((width for _, width in among), default=0),
            )
        )
    return told


def _age(shown: Sequence[tuple[float, float]], index: int, at_ms: float) -> float:
    since, age = shown[index]
    return age + at_ms - since


def settled_s(
    told: Sequence[Bin], from_ms: float, until_ms: float, good: Callable[[Bin], bool]
) -> float | None:
    """Seconds from `from_ms` until it is good and stays so until `until_ms`; 0 where it was good all along.

    None where it was not good for all of the last second. A bin that began before `from_ms` does not count.
    """
    within = [one for one in told if from_ms <= one.at_ms and one.at_ms + BIN_MS <= until_ms]
    bad = [one.at_ms + BIN_MS for one in within if not good(one)]
    if not within or (bad and within[-1].at_ms + BIN_MS - bad[-1] < _STAYS_MS):
        return None
    return round((bad[-1] - from_ms) / 1000, 2) if bad else 0.0


def followed_s(
    told: Sequence[Bin], from_ms: float, until_ms: float, good: Callable[[Bin], bool]
) -> float | None:
    """As `settled_s`, but until it is good for the first whole second since it was bad; what comes later does
    not count."""
    bad = [one.at_ms for one in told if from_ms <= one.at_ms < until_ms and not good(one)]
    if not bad:
        return 0.0
    ends = [at + BIN_MS for at in bad]
    for end, following in zip(ends, [*bad[1:], until_ms], strict=True):
        if following - end >= _STAYS_MS:
            return round((end - from_ms) / 1000, 2)
    return None


def share(told: Sequence[Bin], from_ms: float, until_ms: float, good: Callable[[Bin], bool]) -> float | None:
    """How much of that time it was good, 0 to 1; None where no whole bin is in it."""
    within = [good(one) for one in told if from_ms <= one.at_ms and one.at_ms + BIN_MS <= until_ms]
    return round(sum(within) / len(within), 2) if within else None
