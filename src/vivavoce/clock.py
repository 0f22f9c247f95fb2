"""Clocks: the one place that reads the machine's, and the arithmetic that compares two.

The estimate is Cristian's: a probe leaves at t0 and returns at t3 on the asker's clock, the host saw it
at t1 and answered at t2 on its own. offset = ((t1 - t0) + (t2 - t3)) / 2, wrong by at most half of what
the round trip took outside the host. Source: RFC 5905 s.8. The best of the newest probes counts.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Clock", "ClockEstimate", "HostClock", "SystemClock"]


class Clock(Protocol):
    """`now_us` never goes back while a process lives."""

    def now_us(self) -> int:
        """Unix time in microseconds."""


class SystemClock:
    """The machine's time of day at start, carried on by its steady clock, so that it never jumps."""

    def __init__(self) -> None:
        self._epoch_ns = time.time_ns() - time.monotonic_ns()

    def now_us(self) -> int:
        return (self._epoch_ns + time.monotonic_ns()) // 1000


@dataclass(frozen=True, slots=True)
class ClockEstimate:
    """offset_us: add it to the asker's clock to get the host's. uncertainty_us: it is wrong by at most this,
    if the host told its clock truly."""

    offset_us: int
    uncertainty_us: int


class HostClock:
    """The host's clock as one asker knows it. Takes times, reads none.

    window: how many probes are remembered; the one with the shortest round trip is used.
    """

    def __init__(self, window: int = 16) -> None:
        self._probes: deque[ClockEstimate] = deque(maxlen=window)

    def probe(
        self, sent_us: int, host_received_us: int, host_sent_us: int, received_us: int
    ) -> ClockEstimate:
        """Take in one probe and return the best estimate so far. A probe that ended before it began,
        on either clock, is ignored; raises ValueError if it is the first."""
        outside = (received_us - sent_us) - (host_sent_us - host_received_us)
        if outside >= 0 and host_sent_us >= host_received_us:
            offset = ((host_received_us - sent_us) + (host_sent_us - received_us)) // 2
            self._probes.append(ClockEstimate(offset, (outside + 1) // 2))
        if self.estimate is None:
            raise ValueError("the first probe ended before it began")
        return self.estimate

    @property
    def estimate(self) -> ClockEstimate | None:
        return min(self._probes, key=lambda probe: probe.uncertainty_us, default=None)
