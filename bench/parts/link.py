"""One direction of an impaired path: when a packet leaves it, if at all. No IO, no clock; times in ns.

A packet passes, in this order,

1. a queue before a line of so many bits a second: first in, first out, bounded; what does not fit is dropped;
2. the way: a fixed delay and a jitter on top, and chance, which loses it. What is lost has used the line.

Jitter is normal, of the given standard deviation, never below no delay at all. By default order is kept: the
jitter drifts over time (an Ornstein-Uhlenbeck process), so that packets sent together arrive together, as
behind the queue of someone else's router, and none overtakes another. With `reorders` each packet draws its
own, as `netem` does, and they overtake one another.

Loss and jitter come from two generators of one seed. The n-th packet on the way is lost in every run
or in none, whatever its time; and the same packets at the same times leave at the same times.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from typing import Any

__all__ = ["NS", "Counted", "Impairment", "Link"]

NS = 1_000_000_000
_MS = 1_000_000
_JITTER_FORGETS_MS = 10.0
"""How fast it drifts: packets 1 ms apart are late alike, pictures 33 ms apart hardly."""


@dataclass(frozen=True)
class Impairment:
    """What is done to one direction.

    delay_ms, jitter_ms: at least 0; jitter is a standard deviation. loss: 0 to under 1, a share of packets.
    bits_s: None for a line without end, otherwise over 0. queue_ms: the queue before that line, in time at
    its present speed, though never under two full packets. reorders: packets may overtake one another.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    bits_s: float | None = None
    queue_ms: float = 200.0
    reorders: bool = False

    def __post_init__(self) -> None:
        for name in ("delay_ms", "jitter_ms", "queue_ms"):
            if not 0 <= getattr(self, name) <= 60_000:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be between 0 and 60000.")
        if not 0 <= self.loss < 1:
            raise ValueError(f"loss is {self.loss}; it must be at least 0 and under 1.")
        if self.bits_s is not None and not self.bits_s > 0:
            raise ValueError(f"bits_s is {self.bits_s}; it must be over 0, or None for no bound.")

    def halved(self) -> Impairment:
        """What each of two legs does, so that both in a row delay, scatter and lose as this one does.

        Variances add, and a packet must survive twice. The line's speed and its queue are each leg's own.
        """
        return replace(
            self,
            delay_ms=self.delay_ms / 2,
            jitter_ms=self.jitter_ms / math.sqrt(2),
            loss=1 - math.sqrt(1 - self.loss),
        )

    @property
    def queue_bytes(self) -> int:
        """The most bytes that wait."""
        return 0 if self.bits_s is None else max(3_000, int(self.bits_s * self.queue_ms / 8_000))


@dataclass
class Counted:
    """What a direction did. bytes: of what came in. waited_ms: in the queue, summed, and at the most."""

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    dropped: int = 0
    left: int = 0
    left_bytes: int = 0
    waited_ms: float = 0.0
    longest_wait_ms: float = 0.0

    def told(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Link:
    """One direction. seed: of its fate. Times given to it must not go back."""

    impairment: Impairment
    seed: int | str = 1
    counted: Counted = field(default_factory=Counted)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.seed} loss")
        self._spread = random.Random(f"{self.seed} jitter")
        self._queue: deque[tuple[bytes, int]] = deque()
        self._queued_bytes = 0
        self._head_leaves_ns = 0
        self._way: list[tuple[int, int, bytes]] = []
        self._numbers = itertools.count()
        self._jitter_ms = 0.0
        self._jittered_ns: int | None = None
        self._newest_ns = 0

    def send(self, packet: bytes, now_ns: int) -> None:
        """A packet enters."""
        self.counted.packets += 1
        self.counted.bytes += len(packet)
        self._advance(now_ns)
        if self.impairment.bits_s is None and not self._queue:
            self._travel(packet, now_ns)
            return
        if self._queued_bytes + len(packet) > self.impairment.queue_bytes:
            self.counted.dropped += 1
            return
        if not self._queue:
            self._head_leaves_ns = now_ns + self._line_ns(len(packet))
        self._queue.append((packet, now_ns))
        self._queued_bytes += len(packet)

    def leaving(self, now_ns: int) -> list[bytes]:
        """The packets that have left by now, in order."""
        self._advance(now_ns)
        left = []
        while self._way and self._way[0][0] <= now_ns:
            left.append(heapq.heappop(self._way)[2])
        self.counted.left += len(left)
        self.counted.left_bytes += sum(map(len, left))
        return left

    def deadline(self) -> int | None:
        """When `leaving` should be asked next; None when nothing is on its way."""
        due = [self._head_leaves_ns] if self._queue else []
        if self._way:
            due.append(self._way[0][0])
        return min(due, default=None)

    def change(self, impairment: Impairment, now_ns: int) -> None:
        """From now on it is so. What waits leaves at the new speed; what is on its way keeps its time."""
        self._advance(now_ns)
        before, self.impairment = self.impairment, impairment
        if not self._queue:
            return
        if impairment.bits_s is None:
            for packet, _ in self._queue:
                self._travel(packet, now_ns)
            self._queue.clear()
            self._queued_bytes = 0
        elif before.bits_s is not None:
            left = (self._head_leaves_ns - now_ns) * before.bits_s / impairment.bits_s
            self._head_leaves_ns = now_ns + int(left)

    def _line_ns(self, size: int) -> int:
        return int(size * 8 * NS / (self.impairment.bits_s or math.inf))

    def _advance(self, now_ns: int) -> None:
        """Whatever has come through the line by now is on its way."""
        while self._queue and self._head_leaves_ns <= now_ns:
            packet, came_ns = self._queue.popleft()
            self._queued_bytes -= len(packet)
            waited = (self._head_leaves_ns - came_ns) / _MS
            self.counted.waited_ms += waited
            self.counted.longest_wait_ms = max(self.counted.longest_wait_ms, waited)
            self._travel(packet, self._head_leaves_ns)
            if self._queue:
                self._head_leaves_ns += self._line_ns(len(self._queue[0][0]))

    def _travel(self, packet: bytes, from_ns: int) -> None:
        arrives_ns = from_ns + max(0, int((self.impairment.delay_ms + self._drawn_ms(from_ns)) * _MS))
        if self._chance.random() < self.impairment.loss:
            self.counted.lost += 1
            return
        if not self.impairment.reorders:
            arrives_ns = self._newest_ns = max(self._newest_ns, arrives_ns)
        heapq.heappush(self._way, (arrives_ns, next(self._numbers), packet))

    def _drawn_ms(self, now_ns: int) -> float:
        drawn = self._spread.gauss(0.0, 1.0)
        if self.impairment.reorders:
            return drawn * self.impairment.jitter_ms
        if self._jittered_ns is None:
            kept = 0.0
        else:
            kept = math.exp(-(now_ns - self._jittered_ns) / _MS / _JITTER_FORGETS_MS)
        self._jittered_ns = now_ns
        self._jitter_ms = kept * self._jitter_ms + math.sqrt(1 - kept * kept) * drawn
        return self._jitter_ms * self.impairment.jitter_ms
