"""When the host received what a side captured: one number a run, so that the two sides can stand in time.

A sample captured at timestamp t arrives at r on the host's clock; r - t is the run's unknown start plus what
encoding and the network took. The least of it within a second is the path without its queues; the median over
the run's seconds is the run's offset. Every track of a run gets the same one, so lips and voice stay as they
were captured, to the microsecond, and the sides stand to each other as the host received them.

    r - t   :  . '  .     ' .       a device that slept:             ....'...
    minima  : ..._..__.._.._...                          ......._...     <- a new stretch

A device that sleeps comes back with timestamps that did not go on: from there on a new stretch has an offset
of its own. Two clocks also drift apart, some milliseconds a minute at worst. That is not corrected, because
timestamps stay exact; `drift_us` says what it came to, and half of it is how far off the ends are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

__all__ = ["Stretch", "align", "offset_at"]

_WINDOW_US = 1_000_000
_STEP_US = 500_000
"""A rise of the least delay by this much, never made good: no network is so, a device that slept is."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From timestamp `from_us` on, the host's clock is timestamp + `offset_us`. drift_us: how much more that
    was at the stretch's end than at its start."""

    from_us: int
    offset_us: int
    drift_us: int


def align(samples: Iterable[tuple[int, int]]) -> list[Stretch]:
    """The stretches of a run, in order. samples: (timestamp_us, received_us) of all its tracks, in any order.

    Empty for no samples. Does not check that the host's clock was right: see docs/trust.md.
    """
    minima: dict[int, int] = {}
    for timestamp, received in samples:
        window = timestamp // _WINDOW_US
        delay = received - timestamp
        if delay < minima.get(window, delay + 1):
            minima[window] = delay
    windows = sorted(minima)
    delays = [minima[window] for window in windows]
    starts = _starts(delays)
    stretches = []
    for first, last in pairwise([*starts, len(delays)]):
        part = delays[first:last]
        quarter = max(1, len(part) // 4)
        drift = int(median(part[-quarter:]) - median(part[:quarter]))
        stretches.append(Stretch(windows[first] * _WINDOW_US if first else 0, median_low(part), drift))
    return stretches


def offset_at(stretches: list[Stretch], timestamp_us: int) -> int:
    """The offset for a timestamp. Raises IndexError for no stretches."""
    found = stretches[0]
    for stretch in stretches[1:]:
        if timestamp_us >= stretch.from_us:
            found = stretch
    return found.offset_us


def _starts(delays: list[int]) -> list[int]:
    """Where stretches start: the least delay of all that follows is a step above what just went before."""
    if not delays:
        return []
    least_after = list(delays)
    for at in range(len(delays) - 2, -1, -1):
        least_after[at] = min(delays[at], least_after[at + 1])
    starts = [0]
    for at in range(1, len(delays)):
        before = median(delays[max(starts[-1], at - 10) : at])
        if least_after[at] - before > _STEP_US:
            starts.append(at)
    return starts
