"""What a side does when the host lacks something of a span: it tells the span's leaves among its seals (L17,
L19).

    host, in `arrival-north.json`     "lacking": [[1, 100, 8]]
    side, in a group of `seals`       papers, seal, seal, leaves of track 1 from group 100 on, seal, …

A span is told at most three times, and as many in a group of seals as a group may have. At the end of a run,
when most is lost and nobody is there to be asked, the last second's spans are told unasked. Pure.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Final

from vivavoce.line.arrival import Lacking
from vivavoce.line.sealed import LEAVES_A_GROUP, LEAVES_BYTES_A_GROUP
from vivavoce.seal.leafmemory import LeafMemory
from vivavoce.seal.leavesframe import LeavesFrame
from vivavoce.seal.seal import Delta

__all__ = ["Answering"]

_AGAIN_US: Final = 250_000
_LAST_US: Final = 1_000_000
"""A question about what was sealed before has come by the end."""
_TIMES: Final = 3
_MOST_WAITING: Final = 64
_MOST_ANSWERED: Final = 1_024


class Answering:
    """Tracks are known by their numbers. `memory` has to be told every leaf that is sealed."""

    def __init__(self) -> None:
        self.memory = LeafMemory[int]()
        self._sounds: set[int] = set()
        self._waiting: OrderedDict[Lacking, None] = OrderedDict()
        self._answered: OrderedDict[Lacking, tuple[int, int]] = OrderedDict()
        """How often, and when last."""
        self._sealed: deque[tuple[int, Lacking]] = deque()
        self._group = -1
        self._frames = 0
        self._bytes = 0

    def sound(self, track: int) -> None:
        """This track is one of sound: its spans are rows."""
        self._sounds.add(track)

    def asked(self, lacking: Iterable[Lacking], now_us: int) -> None:
        """The host lacks something of these."""
        for one in lacking:
            times, at_us = self._answered.get(one, (0, now_us - _AGAIN_US))
            if times >= _TIMES or now_us - at_us < _AGAIN_US or len(self._waiting) >= _MOST_WAITING:
                continue
            self._waiting[one] = None
            self._answered[one] = times + 1, now_us
            while len(self._answered) > _MOST_ANSWERED:
                self._answered.popitem(last=False)

    def sealed(self, deltas: Iterable[Delta], now_us: int) -> None:
        """This was sealed."""
        for one in deltas:
            if one.count:
                self._sealed.append((now_us, (one.track, one.group, one.count)))
        while self._sealed and now_us - self._sealed[0][0] > _LAST_US:
            self._sealed.popleft()

    def end(self) -> None:
        """Nothing follows, and nobody can ask any more: what was sealed last is told unasked."""
        last = {one[:2]: one for _, one in self._sealed}
        for one in list(last.values())[-LEAVES_A_GROUP:]:
            self._waiting[one] = None

    def frames(self, group: int) -> list[bytes]:
        """What is to be written now into this group of the seals' track, which is the newest; what it has no
        room for waits for the next one."""
        if group != self._group:
            self._group, self._frames, self._bytes = group, 0, 0
        told: list[bytes] = []
        while self._waiting:
            track, first, count = one = next(iter(self._waiting))
            leaves = self.memory.of(track, first, count, sound=track in self._sounds)
            raw = LeavesFrame(track, first, leaves).to_bytes() if leaves else b""
            if raw and (self._frames >= LEAVES_A_GROUP or self._bytes + len(raw) > LEAVES_BYTES_A_GROUP):
                break
            del self._waiting[one]
            if raw:
                self._frames += 1
                self._bytes += len(raw)
                told.append(raw)
        return told
