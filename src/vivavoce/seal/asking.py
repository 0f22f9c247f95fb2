"""When to ask for the leaves of a span that came in part, and when to leave it at that. Pure.

1. A sample that is sealed and has not come is waited for a while: it may be on its way.
2. Then the span's leaves are asked for, and again some times, as long as nothing changes.
3. No more than so many at once and in a second, whatever is lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vivavoce.seal.leavesframe import MOST_LEAVES
from vivavoce.seal.span import Missing

__all__ = ["HOST_ASKS_US", "VIEWER_ASKS_US", "Asking"]

HOST_ASKS_US: Final = 150_000
"""The host asks the side sooner than viewers ask the host, so that it has them by then, and they need not."""
VIEWER_ASKS_US: Final = 250_000
_AGAIN_US: Final = 400_000
_TIMES: Final = 4
_SECOND_US: Final = 1_000_000


@dataclass(slots=True)
class _Want:
    lacks: int
    since_us: int
    asked_us: int | None = None
    times: int = 0


class Asking:
    """after_us: how long a sample is waited for. a_second, at_once: how many questions at most."""

    def __init__(self, after_us: int, *, a_second: int = 8, at_once: int = 4) -> None:
        self._after_us, self._a_second, self._at_once = after_us, a_second, at_once
        self._wants: dict[tuple[int, int], _Want] = {}
        self._asked: deque[int] = deque()
        self.open = 0
        """Questions without an answer yet."""

    def due(self, missing: Sequence[Missing], now_us: int) -> list[Missing]:
        """What to ask for now. missing: all that is, each time; to be called ten times a second or so. Each
        counts as open until `done`."""
        there = {(one.track, one.group) for one in missing}
        self._wants = {place: want for place, want in self._wants.items() if place in there}
        while self._asked and now_us - self._asked[0] >= _SECOND_US:
            self._asked.popleft()
        due = []
        for one in missing:
            want = self._wants.setdefault((one.track, one.group), _Want(one.lacks, now_us))
            if want.lacks != one.lacks:
                # It came after all; what follows it may too.
                want.lacks, want.since_us = one.lacks, now_us
            if self._may(one, want, now_us):
                want.asked_us, want.times = now_us, want.times + 1
                self._asked.append(now_us)
                self.open += 1
                due.append(one)
        return due

    def done(self) -> None:
        """A question was answered, or will not be."""
        self.open -= 1

    def _may(self, one: Missing, want: _Want, now_us: int) -> bool:
        if want.times >= _TIMES or one.count > MOST_LEAVES:
            return False
        if self.open >= self._at_once or len(self._asked) >= self._a_second:
            return False
        if want.asked_us is not None and now_us - want.asked_us < _AGAIN_US:
            return False
        return now_us - want.since_us >= self._after_us
