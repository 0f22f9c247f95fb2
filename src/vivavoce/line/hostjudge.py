"""The host's own verdict on a run, and the leaves by which it and others can be helped (seal.md, V6). Pure.

1. What is let through is judged as every viewer judges it. The host's verdict binds nobody.
2. A span that did not come whole is asked of the side (line.md, L17), which answers among its seals, to
   everyone.
3. Whoever lacks what the host has is given its leaves, as long as they are remembered. A sample is hashed
   once.
"""

from __future__ import annotations

from typing import Final

from vivavoce.line.arrival import MOST_LACKING, Lacking
from vivavoce.line.runjudge import RunJudge, leaf_of
from vivavoce.line.sample import Sample
from vivavoce.seal.asking import HOST_ASKS_US, Asking
from vivavoce.seal.config import SoundConfig
from vivavoce.seal.leafmemory import LeafMemory
from vivavoce.seal.leavesframe import MOST_LEAVES, LeavesFrame, is_leaves
from vivavoce.seal.span import Missing
from vivavoce.seal.statement import Founding
from vivavoce.seal.verdict import State

__all__ = ["HostJudge"]

_PATIENCE_US: Final = 600_000_000
"""A side that was away tells its seals when it is back, those of ten minutes (L19). What came last before
that is still to be proven then."""
_TOLD_FOR_US: Final = 250_000
"""A report may be overtaken by the next one, so a question stands in two or three."""
_MOST_LEAVES: Final = 16_384
"""One side's last minute or two."""


class HostJudge:
    """founding: the facts. run: 16 hex digits. Times are the host's clock."""

    def __init__(self, founding: Founding, seat: str, run: str) -> None:
        self._judge = RunJudge(founding, seat, run, patience_us=_PATIENCE_US)
        self._memory = LeafMemory[str](_MOST_LEAVES)
        self._asking = Asking(HOST_ASKS_US, a_second=2 * MOST_LACKING, at_once=2 * MOST_LACKING)
        self._asked: dict[tuple[int, int], tuple[Missing, int]] = {}
        self._told: tuple[State, str | None] = ("unsealed", None)
        self.asks = False
        """By the newest `tick` the side is to be asked for something."""

    def sample(self, sample: Sample) -> None:
        """A sample was let through."""
        leaf = leaf_of(sample)
        self._memory.add(sample.track, sample.group, sample.index, leaf)
        self._judge.sample(sample, leaf)

    def frame(self, index: int, raw: bytes, now_us: int) -> None:
        """A frame of the seals' track was let through."""
        if index and is_leaves(raw):
            told = self._judge.leaves(raw, now_us)
            found = told and self._track(told.track)
            if told and found:
                self._memory.put(found[0], told.group, told.leaves, sound=found[1])
        elif self._judge.frame(index, raw, now_us):
            self._judge.catch_up()

    def tick(self, now_us: int) -> None:
        """Ten times a second or so."""
        self._judge.tick(now_us)
        self._asked = {
            place: (one, until_us) for place, (one, until_us) in self._asked.items() if now_us < until_us
        }
        due = self._asking.due(self._judge.missing(), now_us)
        for one in due:
            self._asking.done()
            self._asked[one.track, one.group] = one, now_us + _TOLD_FOR_US
        self.asks = bool(due)

    def changed(self) -> tuple[State, str | None] | None:
        """The verdict and what is wrong, if they are others than when this was asked last."""
        now = self._judge.state, self._judge.code
        if now == self._told:
            return None
        self._told = now
        return now

    def lacking(self) -> list[Lacking]:
        """What to ask the side for now."""
        asked = [(one.track, one.group, one.count) for one, _ in self._asked.values()]
        return asked[-MOST_LACKING:]

    def leaves(self, track: int, group: int, count: int) -> bytes | None:
        """The leaves of a span as they travel (S20), or None where one of them is not remembered."""
        found = self._track(track)
        if found is None or count > MOST_LEAVES:
            return None
        leaves = self._memory.of(found[0], group, count, sound=found[1])
        return None if leaves is None else LeavesFrame(track, group, leaves).to_bytes()

    def _track(self, number: int) -> tuple[str, bool] | None:
        """Its name, and whether it is one of sound."""
        verdict = self._judge.verdict
        config = verdict.numbered(number) if verdict is not None else None
        return None if config is None else (config.name, isinstance(config, SoundConfig))
