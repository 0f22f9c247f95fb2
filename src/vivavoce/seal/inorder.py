"""Seals that were kept near their order, judged a part at a time: they need not be there all at once.

    judged  |s0 s1 s2 s3|s4 s5 s6 s7|s8 …      parts; the last signature of each holds for it
    spans   |A A B B    |C C D D    |          in which part they begin
    handed              |A B        |C D       once they are closed, and another one follows

1. It takes what an undisturbed recorder writes: papers first, then each seal not far from the one before it,
   with nothing wrong but pauses (S10). What it finds is then what `kept` finds of all of them.
2. What was sealed of a span is handed on, in the order of groups, when no more of it is to be expected, which
   is a part later: leaves (S20) come a while after what they belong to.
3. At anything else, though it were no fault, it gives up, and nothing that it found counts. All seals have to
   be given to `KeptSeals` then, which takes them as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import itemgetter

from vivavoce.seal.kept import KeptSeal, KeptSeals, SealedSpan
from vivavoce.seal.leavesframe import LeavesFrame
from vivavoce.seal.seal import Delta, Seal
from vivavoce.seal.statement import Founding

__all__ = ["SealsInOrder"]


class SealsInOrder(KeptSeals):
    """Give it `papers` and `seal`s as they lie in their file, `go_on` as soon as more seals wait than are
    judged, and `end` in place of `judge`. Where one says False, it has given up.

    Spans that are handed on are put behind those of their track. Whoever is done with some may take them
    away, but for a track's last. newest_group: of which anything was sealed, by a track's number.
    """

    def __init__(self, founding: Founding, seat: str, run: bytes, revocations: Sequence[bytes] = ()) -> None:
        super().__init__(founding, seat, run, revocations)
        self.newest_group: dict[int, int] = {}
        self._last: KeptSeal | None = None
        self._until: dict[int, int] = {}
        """The last group of each track whose span was handed on."""
        self._strays = False
        """Something came that belongs to what was judged already."""

    @property
    def waiting(self) -> int:
        """Seals that were given and not judged."""
        return len(self._seals)

    def go_on(self, count: int) -> bool:
        """Judge the next so many of those that wait: one or more."""
        numbers = sorted(self._seals)
        waiting = {number: self._seals.pop(number) for number in numbers[count:]}
        good = self._judged(numbers[0])
        self._seals = waiting
        self._digests = {one.digest for there in waiting.values() for one in there}
        return good and self._is_in_order()

    def _judged(self, seq: int) -> bool:
        first = self._stands() if self._last is None else b""
        pieces = list(self._pieces())
        if first is None or len(pieces) != 1 or seq != self.newest + 1:
            return False
        part = self._checked(pieces[0])
        if self._last is None:
            self._fit(part, first)
        else:
            self._fit_together([self._last, *part])
        self._gather(part)
        self._last = part[-1] if part else None
        self._hand_on(seq)
        return True

    def end(self) -> bool:
        """Hand on what is left. Papers that came meanwhile are judged with the others."""
        self._stands()
        self._hand_on(None)
        return self._last is not None and self._is_in_order()

    def _is_in_order(self) -> bool:
        apart = all(mark.code == "seal.apart" for mark in self.marks)
        return apart and not self._missing and not self._strays

    def _sealed(self, seal: Seal, delta: Delta) -> None:
        if self._is_done(delta.track, delta.group):
            self._strays = True
        super()._sealed(seal, delta)

    def _is_done(self, number: int, group: int) -> bool:
        return group <= self._until.get(number, -1)

    def _hand_on(self, seq: int | None) -> None:
        """seq: the first of this part; None where no more follows."""
        tracks: dict[int, list[SealedSpan]] = {}
        for (number, _), span in sorted(self._spans.items(), key=itemgetter(0)):
            tracks.setdefault(number, []).append(span)
        handed: dict[tuple[int, int], SealedSpan] = {}
        for number, spans in tracks.items():
            self.newest_group[number] = spans[-1].group
            if number not in self._numbers:
                continue  # nobody knows yet what they are of
            for span in spans if seq is None else _done(spans, seq):
                handed[number, span.group] = self._spans.pop((number, span.group))
                self._until[number] = span.group
                self._lies(self._numbers[number], span)
        self._lead(handed)

    def _lead(self, handed: dict[tuple[int, int], SealedSpan]) -> None:
        """Leaves for these; those for others wait."""
        waiting: list[LeavesFrame] = []
        for told in self._leaves:
            span = handed.get((told.track, told.group))
            if span is not None:
                self._resolve(self._numbers[told.track], span, told)
            elif self._is_done(told.track, told.group):
                self._strays = True
            else:
                waiting.append(told)
        self._leaves = waiting


def _done(spans: Sequence[SealedSpan], seq: int) -> Iterator[SealedSpan]:
    """Those at the beginning of which no more is to be expected when seal `seq` begins a part."""
    return takewhile(lambda one: one.closed and one.first_seq < seq, spans[:-1])
