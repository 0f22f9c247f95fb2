"""One track's samples against what was sealed of them (docs/formats/seal.md, S7 and V1 to V6).

A picture's span is its group, sealed in steps while it grows. A sound's is a row of groups of one packet
each, sealed at once. Either way: samples one after the other, one digest after each, and what the seal says
after the n-th.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vivavoce.seal.config import SoundConfig, parse_config
from vivavoce.seal.digest import extended, span_start
from vivavoce.seal.seal import Delta

__all__ = ["GIVEN_UP_US", "PENDING_US", "Fault", "Missing", "Spans"]

PENDING_US: Final = 600_000
"""Shown but not proven for longer is late (design, rule 6)."""
GIVEN_UP_US: Final = 10_000_000
FRESH_US: Final = 400_000
"""What nobody proves troubles a verdict for so long after it came late."""
_MOST_PACKETS: Final = 8_192
"""As many as wait for a seal."""
_KEPT: Final = 16
"""Spans that are remembered after they were judged."""


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
class _Sample:
    leaf: bytes
    timestamp_us: int
    came_us: int
    judged: bool = False
    told: bool = False
    """It was told that it is late."""


@dataclass(slots=True)
class _Span:
    digests: list[bytes]
    """After no sample, after the first, after the second, as they came."""
    samples: dict[int, _Sample] = field(default_factory=dict)
    marks: dict[int, bytes] = field(default_factory=dict)
    """What was sealed: the digest after so many samples."""
    leaves: Sequence[bytes] = ()
    """Those that led to the sealed digest, where they were needed."""
    sealed: int = 0
    closed: int | None = None
    """How many there are, once that is sealed."""
    sealed_us: int = 0
    proven: int = 0
    over: bool = False
    """Nothing that is not there yet is judged any more."""
    late: bool = False
    missed: bool = False
    extra: bool = False


class Spans:
    """track: its number. config: its sealed configuration. report: called with each fault, once.

    joined_us: what was captured before this, came by `joined_at_us` on the verifier's clock or soon after,
    and is covered by no seal that came, was before this verifier joined, and is not judged. 0 where it was
    there from the run's first seal on. patience_us: how long what came waits for a seal."""

    def __init__(
        self,
        founding: bytes,
        run: bytes,
        track: int,
        config: bytes,
        report: Callable[[Fault], None],
        *,
        joined_us: int = 0,
        joined_at_us: int = 0,
        patience_us: int = GIVEN_UP_US,
    ) -> None:
        self._place = (founding, run, track)
        self._track = track
        self._config = config
        self._report = report
        self.sound = isinstance(parse_config(config), SoundConfig)
        self._spans: dict[int, _Span] = {}
        self._packets: dict[int, _Sample] = {}
        """Sound that no seal has covered yet, by its group."""
        self._joined_us = joined_us
        self._joined_at_us = joined_at_us
        self._patience_us = patience_us
        self.proven = False
        """Something that came is what was signed."""
        self._taken = True
        self._told_taken = False
        self._proven_from: int | None = None
        """The first group of which something was proven since the track is taken: those before are not
        missed."""
        self._late = False
        """It was told that something is late, and nothing was proven since."""
        self._forgotten = -1
        self._troubled = False
        self._lost_until = -1
        """The newest seal that was given up, until one behind it tells of this track."""
        self._unsure_below = 0
        """What came of groups below may have been sealed by what never came."""
        self._last_us = 0

    def sample(self, group: int, index: int, timestamp_us: int, leaf: bytes, now_us: int) -> None:
        """A sample came. Samples of a group come one after the other; one that does not is a hole."""
        self._last_us = timestamp_us
        sample = _Sample(leaf, timestamp_us, now_us)
        if self.sound:
            self._packet(group, index, sample)
        elif group <= self._forgotten and group not in self._spans:
            self._is_late(group, [sample])
        else:
            self._add(group, self._span(group), index, sample)

    def sealed(self, delta: Delta, now_us: int, *, seq: int, known: bool) -> bool:
        """A seal covers this. seq: its number. known: none is missing since the first that was received.
        Returns whether nothing of it was found wrong."""
        if delta.group <= self._forgotten and delta.group not in self._spans:
            return True
        span = self._span(delta.group)
        if self._contradicts(span, delta):
            span.over = True
            self._fault("seal.fork", delta.group, delta.count, self._last_us, self._last_us)
            return False
        if delta.count > span.sealed or not span.marks:
            span.sealed_us = now_us
        span.marks[delta.count] = delta.digest
        span.sealed = max(span.sealed, delta.count)
        if delta.closed:
            span.closed = delta.count
        # By what came and not by `count`, which may be four thousand million.
        for group in sorted(at for at in self._packets if self._covers(delta.group, span, at)):
            span.samples.setdefault(group - delta.group, self._packets.pop(group))
        if known and seq > self._lost_until:
            if self._lost_until >= 0:
                self._lost_until, self._unsure_below = -1, delta.group
            self._passed_over(delta.group)
        good = self._judge(delta.group, span)
        self._forget()
        return good

    def resolved(self, missing: Missing, leaves: Sequence[bytes]) -> bool:
        """Judge a span that is not whole by the leaves of all its samples, or of as many as some seal tells
        of. Returns whether they are the sealed ones."""
        group = missing.group
        span = self._spans.get(group)
        if span is None or span.over or not leaves or len(leaves) not in span.marks:
            return False
        digest = span.digests[0]
        for leaf in leaves:
            digest = extended(digest, leaf)
        if digest != span.marks[len(leaves)]:
            return False
        span.leaves = max(span.leaves, leaves, key=len)
        for index in range(len(leaves)):
            if (sample := span.samples.get(index)) is not None:
                self._compare(group, span, index, sample)
        return True

    def lost(self, last: int) -> None:
        """Seals were given up, the newest of them `last`: what they covered cannot be told from what nobody
        sealed."""
        self._lost_until = max(self._lost_until, last)

    def let_go(self) -> None:
        """The track is not taken any more: what does not come of it is not missed, and what came since its
        last seal cannot be proven any more without what follows."""
        self._taken = False
        for samples in (*(span.samples for span in self._spans.values()), self._packets):
            for one in samples.values():
                one.told = one.told or self._waits(one)

    def take(self, now_us: int) -> None:
        """The track is taken again: from what is proven of it on, what does not come is missed. It is joined
        anew, and may begin with what was held of it."""
        if self._taken and self._told_taken:
            return
        self._taken = self._told_taken = True
        self._proven_from = None
        self._joined_at_us = now_us

    def tick(self, now_us: int) -> None:
        """Time has passed: what has not come by now is missing, what is not proven by now is late."""
        for group, span in self._spans.items():
            if span.over:
                continue
            waiting = [one for one in span.samples.values() if self._waits(one)]
            waits_us = now_us - min((one.came_us for one in waiting), default=now_us)
            sealed_for_us = now_us - span.sealed_us if span.marks else 0
            self._is_troubled(waiting, now_us)
            if waits_us > PENDING_US and not span.late and not self._began_before(group, span):
                span.late = True
                self._is_late(group, waiting)
            if sealed_for_us > PENDING_US:
                self._tail(group, span)
            span.over = sealed_for_us > GIVEN_UP_US if span.marks else waits_us > self._patience_us
        overdue = {at: one for at, one in self._packets.items() if now_us - one.came_us > PENDING_US}
        if late := {at: one for at, one in overdue.items() if self._waits(one)}:
            self._is_late(min(late), list(late.values()))
            self._is_troubled(list(late.values()), now_us)
        for group, packet in overdue.items():
            if now_us - packet.came_us > self._patience_us:
                del self._packets[group]
        self._forget()

    def take_trouble(self) -> bool:
        """Whether what nobody proves has gone on coming since this was asked, told of or not."""
        troubled, self._troubled = self._troubled, False
        return troubled

    def missing(self) -> list[Missing]:
        """Spans that came in part, and that leaves would let be judged."""
        return [
            Missing(self._track, group, span.sealed, len(span.digests) - 1)
            for group, span in self._spans.items()
            if self._taken
            and not span.over
            and len(span.samples) < span.sealed
            and any(not one.judged for index, one in span.samples.items() if index < span.sealed)
        ]

    def _packet(self, group: int, index: int, sample: _Sample) -> None:
        if index != 0:
            self._faults("sample.foreign", group, [sample])
            return
        for first, span in self._spans.items():
            if self._covers(first, span, group):
                self._add(first, span, group - first, sample)
                return
        if group <= self._forgotten:
            self._is_late(group, [sample])
        elif self._packets.setdefault(group, sample).leaf != sample.leaf:
            self._faults("sample.altered", group, [sample])
        if len(self._packets) > _MOST_PACKETS:
            del self._packets[min(self._packets)]

    def _add(self, group: int, span: _Span, index: int, sample: _Sample) -> None:
        if (there := span.samples.get(index)) is not None:
            if there.leaf != sample.leaf:
                self._faults("sample.altered", self._at(group, index), [sample])
        elif span.closed is not None and index >= span.closed:
            self._troubled = True
            if not span.extra:
                self._faults("sample.foreign", self._at(group, index), [sample])
            span.extra = True
        elif span.over:
            self._troubled = True
        else:
            if not self.sound and index != len(span.samples):
                span.over = True
                self._faults("sample.hole", group, [sample])
                return
            span.samples[index] = sample
            if index < len(span.leaves):
                self._compare(group, span, index, sample)
            self._judge(group, span)

    def _compare(self, group: int, span: _Span, index: int, sample: _Sample) -> None:
        if sample.judged:
            return
        sample.judged = True
        if sample.leaf == span.leaves[index]:
            self._is_proven(self._at(group, index))
        else:
            self._faults("sample.altered", self._at(group, index), [sample])

    def _judge(self, group: int, span: _Span) -> bool:
        """V1, V2. Returns whether nothing was found wrong; what has not come yet is not wrong."""
        if span.over:
            return span.proven == span.closed
        while (sample := span.samples.get(len(span.digests) - 1)) is not None:
            span.digests.append(extended(span.digests[-1], sample.leaf))
        for count in sorted(span.marks):
            if count >= len(span.digests) or count < span.proven or 0 < count <= len(span.leaves):
                continue
            since = [span.samples[index] for index in range(span.proven, count)]
            if span.digests[count] != span.marks[count]:
                span.over = True
                self._faults("sample.altered", group, since)
                return False
            for one in since:
                one.judged = True
            if since:
                self._is_proven(self._at(group, span.proven))
            span.proven = count
        if span.closed is None:
            return True
        extra = [one for index, one in span.samples.items() if index >= span.closed]
        if extra and not span.extra:
            self._faults("sample.foreign", group, extra)
            span.extra = True
        span.over = span.proven == span.closed
        return not extra

    def _tail(self, group: int, span: _Span) -> None:
        """V4: what was sealed long enough ago and did not come."""
        lacking = span.sealed - sum(index < span.sealed for index in span.samples)
        missed = self._taken and self._proven_from is not None and group >= self._proven_from
        if lacking <= 0 or span.missed or not missed:
            return
        span.missed = True
        came = len(span.digests) - 1
        self._fault("sample.missing", self._at(group, came), lacking, *self._near(span, came))

    def _passed_over(self, group: int) -> None:
        """V5: what came of groups that the seals have passed by was sealed by nobody."""
        # A seal that tells of what was forgotten is not looked at any more.
        first = max(self._unsure_below, self._forgotten + 1)
        for at, span in self._spans.items():
            if not first <= at < group or span.marks or span.over or span.late:
                continue
            span.over = True
            self._unsealed(at, [one for one in span.samples.values() if self._waits(one)])
        for at in [one for one in self._packets if first <= one < group]:
            packet = self._packets[at]
            if not packet.told:
                del self._packets[at]
                self._unsealed(at, [packet] if self._waits(packet) else [])

    def _unsealed(self, group: int, samples: Sequence[_Sample]) -> None:
        """No seal that came covers these. One that came before, and that nobody here saw, may have."""
        before = [one for one in samples if one.timestamp_us < self._joined_us]
        if before:
            self._is_late(group, before)
        if after := [one for one in samples if one.timestamp_us >= self._joined_us]:
            self._faults("sample.foreign", group, after)

    def _contradicts(self, span: _Span, delta: Delta) -> bool:
        """S11. Seals out of order may tell less than is known, and nothing else."""
        if span.marks.get(delta.count, delta.digest) != delta.digest:
            return True
        beyond = span.closed is not None and delta.count > span.closed
        other_end = delta.closed and (span.closed not in (None, delta.count) or span.sealed > delta.count)
        return beyond or other_end

    def _began_before(self, group: int, span: _Span) -> bool:
        """What came at joining, without all of its row, only leaves can prove."""
        begun = self._proven_from is not None and group >= self._proven_from
        if not self.sound or begun or not span.marks:
            return False
        until_us = self._joined_at_us + PENDING_US
        return 0 not in span.samples or all(one.came_us <= until_us for one in span.samples.values())

    def _waits(self, sample: _Sample) -> bool:
        before = sample.timestamp_us < self._joined_us
        return not sample.judged and not (before and sample.came_us <= self._joined_at_us + PENDING_US)

    def _is_proven(self, group: int) -> None:
        self.proven, self._late = True, False
        if self._proven_from is None:
            self._proven_from = group

    def _is_troubled(self, waiting: Sequence[_Sample], now_us: int) -> None:
        fresh = range(PENDING_US + 1, PENDING_US + FRESH_US + 1)
        self._troubled = self._troubled or any(now_us - one.came_us in fresh for one in waiting)

    def _is_late(self, group: int, samples: Sequence[_Sample]) -> None:
        """Each is told of once, and nothing more until something is proven again."""
        new = [one for one in samples if not one.told and self._taken]
        if new and not self._late:
            self._faults("seal.late", group, new)
        self._late = self._late or bool(new)
        for one in samples:
            one.told = True

    def _covers(self, first: int, span: _Span, group: int) -> bool:
        return first <= group < first + span.sealed

    def _forget(self) -> None:
        for group in sorted(self._spans)[:-_KEPT]:
            span = self._spans[group]
            if span.over:
                if span.marks:
                    self._forgotten = max(
                        self._forgotten, group + (max(span.sealed, 1) - 1 if self.sound else 0)
                    )
                del self._spans[group]

    def _at(self, group: int, index: int) -> int:
        return group + index if self.sound else group

    def _near(self, span: _Span, index: int) -> tuple[int, int]:
        before = [one.timestamp_us for at, one in span.samples.items() if at < index]
        after = [one.timestamp_us for at, one in span.samples.items() if at > index]
        start = max(before) if before else (min(after) if after else self._last_us)
        return start, min(after) if after else start

    def _span(self, group: int) -> _Span:
        if group not in self._spans:
            self._spans[group] = _Span([span_start(*self._place, group, self._config)])
        return self._spans[group]

    def _faults(self, code: str, group: int, samples: Sequence[_Sample]) -> None:
        times = [one.timestamp_us for one in samples] or [self._last_us]
        self._fault(code, group, len(samples), min(times), max(times))

    def _fault(self, code: str, group: int, count: int, from_us: int, until_us: int) -> None:
        self._report(Fault(code, self._track, group, count, from_us, until_us))
