"""Whether a line loses packets, from the order in which sound arrives.

Each packet is a stream of its own. One that is lost is sent again a round trip later, and is overtaken
meanwhile: by two or more it was lost, by one it may just have been slow. Copies (L16) are asked for after the
second loss within ten seconds, and no longer wanted after twenty without one. A page decides by the same rule
(web/src/line/losswatch.ts; vectors/losses).
"""

from __future__ import annotations

__all__ = ["LossWatch"]

_OVERTAKEN = 2
_GONE = 50
"""What has not come when so many after it have is lost for good."""
_WITHIN_MS = 10_000
_CALM_MS = 20_000
_ENOUGH = 2


class LossWatch:
    """One sound track's. Takes times, reads none."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._missing: set[int] = set()
        self._losses: list[float] = []
        self._wants = False

    def came(self, sequence: int, now_ms: float) -> bool:
        """A packet came by the first way, not as a copy. Returns whether copies are wanted now."""
        newest = sequence - 1 if self._newest is None else self._newest
        if sequence > newest + _GONE:
            # Group numbers go on while a side is away; that is no loss of packets.
            self._missing.clear()
        else:
            self._missing.update(range(newest + 1, sequence))
        if sequence in self._missing:
            self._missing.remove(sequence)
            if newest - sequence >= _OVERTAKEN:
                self._losses.append(now_ms)
        self._newest = newest = max(newest, sequence)
        for gone in [each for each in self._missing if newest - each >= _GONE]:
            self._missing.remove(gone)
            self._losses.append(now_ms)
        return self.wants(now_ms)

    def wants(self, now_ms: float) -> bool:
        """Whether copies are wanted."""
        self._losses = [at for at in self._losses if now_ms - at < _CALM_MS]
        if not self._losses:
            self._wants = False
        elif sum(now_ms - at < _WITHIN_MS for at in self._losses) >= _ENOUGH:
            self._wants = True
        return self._wants
