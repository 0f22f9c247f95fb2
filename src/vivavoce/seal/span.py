"""One span: what came of it, what was sealed of it, and what may be wrong (docs/formats/seal.md, S7 and S11).

A picture's is its group; a sound's is a row of groups of one packet each. What is concluded is `spans`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from vivavoce.seal.digest import extended
from vivavoce.seal.seal import Delta

__all__ = ["Fault", "Missing", "Sample", "Span", "extent"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong of a track. code: `sample.altered`, `sample.hole`, `sample.foreign`, `sample.missing`,
    `seal.late`, `seal.fork`. group: where it begins. count: how many samples, 0 where that is not known.
    from_us, until_us: the first and last timestamp concerned, or of what stands nearest."""

    code: str
    track: int
    group: int
    count: int
    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Leaves by which a span that is not whole can be judged. count: of its samples, from the first. lacks:
    the first of them that has not come."""

    track: int
    group: int
    count: int
    lacks: int = 0


@dataclass(slots=True)
class Sample:
    """A sample that came. came_us: when, on the verifier's clock."""

    leaf: bytes
    timestamp_us: int
    came_us: int
    judged: bool = False
    told: bool = False
    """It was told that it is late."""


@dataclass(slots=True)
class Span:
    """group: its first. sound: each of its samples has a group of its own. digests: `span_start` at first."""

    group: int
    sound: bool
    digests: list[bytes]
    """After no sample, after the first, after the second, as they came."""
    samples: dict[int, Sample] = field(default_factory=dict)
    marks: dict[int, bytes] = field(default_factory=dict)
    """What was sealed: the digest after so many samples."""
    leaves: Sequence[bytes] = ()
    """Those that led to the sealed digest, where they were needed."""
    sealed: int = 0
    """How many samples are sealed."""
    closed: int | None = None
    """How many there are, once that is sealed."""
    sealed_us: int = 0
    proven: int = 0
    over: bool = False
    """Nothing that is not there yet is judged any more."""
    late: bool = False
    missed: bool = False
    extra: bool = False
    forgiven: bool = False
    """The verdict recovered since anything was told of it."""

    @property
    def lacking(self) -> int:
        """How many of the sealed samples have not come."""
        return self.sealed - sum(index < self.sealed for index in self.samples)

    def at(self, index: int) -> int:
        """The group in which its sample of this index is."""
        return self.group + index if self.sound else self.group

    def covers(self, group: int) -> bool:
        """Whether a row of sound packets has the one of this group."""
        return self.group <= group < self.group + self.sealed

    def contradicts(self, delta: Delta) -> bool:
        """S11. Seals out of order may tell less than is known, and nothing else."""
        if self.marks.get(delta.count, delta.digest) != delta.digest:
            return True
        beyond = self.closed is not None and delta.count > self.closed
        other_end = delta.closed and (self.closed not in (None, delta.count) or self.sealed > delta.count)
        return beyond or other_end

    def mark(self, delta: Delta, now_us: int) -> None:
        """A seal that does not contradict what is known says this of it."""
        if delta.count > self.sealed or not self.marks:
            self.sealed_us = now_us
        self.marks[delta.count] = delta.digest
        self.sealed = max(self.sealed, delta.count)
        if delta.closed:
            self.closed = delta.count

    def grow(self) -> None:
        """Digests of what came, as far as nothing lacks in between."""
        while (sample := self.samples.get(len(self.digests) - 1)) is not None:
            self.digests.append(extended(self.digests[-1], sample.leaf))

    def fits(self, leaves: Sequence[bytes]) -> bool:
        """V6. Whether these are the leaves of all its samples, or of as many as some seal tells of: they lead
        to the digest that is sealed of so many."""
        if not leaves or len(leaves) not in self.marks:
            return False
        return reduce(extended, leaves, self.digests[0]) == self.marks[len(leaves)]

    def near(self, index: int, otherwise_us: int) -> tuple[int, int]:
        """The timestamps of what came just before this index and just after; where neither came,
        `otherwise_us`."""
        before = (one for at, one in self.samples.items() if at < index)
        after = [one for at, one in self.samples.items() if at > index]
        _, start_us = extent(before, extent(after, otherwise_us)[0])
        return start_us, extent(after, start_us)[0]


def extent(samples: Iterable[Sample], otherwise_us: int) -> tuple[int, int]:
    """The least and the greatest timestamp; `otherwise_us` where there is none."""
    times = [one.timestamp_us for one in samples] or [otherwise_us]
    return min(times), max(times)
