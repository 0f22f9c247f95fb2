"""How late samples arrive: percentiles over the newest seconds, with what the clocks leave uncertain.

The number is measured, trusting the host's clock (docs/formats/line.md, L11). No IO, no clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

__all__ = ["DelaySummary", "DelayWindow", "arrival_delay_us"]


@dataclass(frozen=True, slots=True)
class DelaySummary:
    """p50_us, p99_us, max_us: of `count` samples. uncertainty_us: each is wrong by at most this, if side
    and host told their clocks truly; the largest of the window."""

    count: int
    p50_us: int
    p99_us: int
    max_us: int
    uncertainty_us: int


class DelayWindow:
    """The newest `window_us` of delays, at most `capacity` of them."""

    def __init__(self, window_us: int = 10_000_000, capacity: int = 4_096) -> None:
        self._window_us = window_us
        self._delays: deque[tuple[int, int, int]] = deque(maxlen=capacity)

    def add(self, at_us: int, delay_us: int, uncertainty_us: int) -> None:
        """A sample seen at `at_us` was `delay_us` late. Times are added in rising order."""
        self._delays.append((at_us, delay_us, uncertainty_us))

    def summary(self, now_us: int) -> DelaySummary | None:
        """Of what was seen in the window before `now_us`; None if that is nothing.

        Percentiles are nearest-rank: always a delay that was seen. Source: NIST/SEMATECH e-Handbook 7.2.6.2.
        """
        while self._delays and self._delays[0][0] <= now_us - self._window_us:
            self._delays.popleft()
        if not self._delays:
            return None
        delays = sorted(delay for _, delay, _ in self._delays)

        def rank(percent: int) -> int:
            return delays[max(0, -(-percent * len(delays) // 100) - 1)]

        return DelaySummary(
            count=len(delays),
            p50_us=rank(50),
            p99_us=rank(99),
            max_us=delays[-1],
            uncertainty_us=max(uncertainty for _, _, uncertainty in self._delays),
        )


def arrival_delay_us(
    *, epoch_us: int, timestamp_us: int, side_offset_us: int, arrived_us: int, own_offset_us: int
) -> int:
    """From capture to arrival, both on the host's clock, in microseconds; below zero when clocks disagree.

    epoch_us, timestamp_us: of the sample (L6, L7). side_offset_us: the side's newest `clock.json` (L11).
    arrived_us: on the viewer's clock. own_offset_us: what the viewer adds to get the host's.
    """
    return (arrived_us + own_offset_us) - (epoch_us + timestamp_us + side_offset_us)
